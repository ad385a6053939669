import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Every metric: this list is the reference too (docs are generated from it). Labels never carry personal data. */
export const metricDefinitions = {
  tributary_webhooks_total: { kind: 'counter', labels: ['vendor', 'outcome'], help: 'Webhooks received, by outcome' },
  tributary_webhook_ack_seconds: {
    kind: 'histogram',
    labels: ['vendor'],
    help: 'From a webhook received to its answer, Kafka acknowledgement included',
  },
  tributary_messages_total: {
    kind: 'counter',
    labels: ['vendor', 'outcome'],
    help: 'Messages in requests that hold many, by outcome: produced, repeated, dead-letter',
  },
  tributary_message_times_replaced_total: {
    kind: 'counter',
    labels: ['vendor'],
    help: 'Messages whose own time could not be, so that they have the time of their receipt',
  },
  tributary_segment_known_ids: {
    kind: 'gauge',
    labels: [],
    help: 'Ids of Segment messages of the last 24 hours in memory, at most 50 million',
  },
  tributary_segment_known_ids_bytes: { kind: 'gauge', labels: [], help: 'Memory that these ids take' },
  tributary_events_total: {
    kind: 'counter',
    labels: ['consumer', 'outcome'],
    help: 'Events a consumer took, by outcome: handled, parked, released, skipped, not-concerned, expired, erased, dead-letter',
  },
  tributary_writes_total: { kind: 'counter', labels: ['consumer', 'target'], help: 'Writes a consumer asked for' },
  tributary_transactions_total: {
    kind: 'counter',
    labels: ['group', 'outcome'],
    help: 'Kafka transactions, by outcome: committed, fenced',
  },
  tributary_parked_events: { kind: 'gauge', labels: ['consumer'], help: 'Events waiting for their person' },
  tributary_dead_letters_total: { kind: 'counter', labels: ['service', 'code'], help: 'Records set aside, by reason' },
  tributary_claims_total: { kind: 'counter', labels: ['kind'], help: 'Identity claims resolved' },
  tributary_identities: { kind: 'gauge', labels: ['kind'], help: 'Rows of the identities table in memory' },
  tributary_deliveries_total: {
    kind: 'counter',
    labels: ['sink', 'outcome'],
    help: 'Writes a sink finished, by outcome of the receipt',
  },
  tributary_adjustments_total: {
    kind: 'counter',
    labels: ['sink', 'code'],
    help: "Writes of which something was changed or left out to keep the vendor's rules, by what",
  },
  tributary_freshness_seconds: {
    kind: 'histogram',
    labels: ['sink'],
    help: 'From the webhook received to the write accepted by the vendor',
  },
  tributary_vendor_requests_total: {
    kind: 'counter',
    labels: ['vendor', 'operation', 'status'],
    help: 'Requests to a vendor API',
  },
  tributary_vendor_request_seconds: {
    kind: 'histogram',
    labels: ['vendor', 'operation'],
    help: 'Time of a request to a vendor API',
  },
  tributary_zoom_runs_total: {
    kind: 'counter',
    labels: ['account', 'outcome'],
    help: 'Runs of webinars settled, by outcome: reported, unreported, swept (no webhook told of the end)',
  },
  tributary_zoom_runs_waiting: {
    kind: 'gauge',
    labels: ['partition'],
    help: 'Runs of webinars that ended and wait for their participant report',
  },
  tributary_zoom_report_seconds: {
    kind: 'histogram',
    labels: [],
    help: "From the end of a webinar's run to its participant report told",
  },
  tributary_pendo_swept_total: {
    kind: 'counter',
    labels: ['what'],
    help: 'What the sweep of Pendo told: usage that no webhook had, visitors, accounts; and what it passed over: unnamed (usage of something that Pendo does not list), too-many (rows of one visitor)',
  },
  tributary_salesforce_swept_total: {
    kind: 'counter',
    labels: ['what'],
    help: 'What the sweep of Salesforce told: contacts, leads, tasks; and what it passed over: too-large (records larger than a topic takes), unwritable',
  },
  tributary_salesforce_change_events_total: {
    kind: 'counter',
    labels: ['what'],
    help: 'Change events that Salesforce sent: of contacts, leads, tasks; repeated (passed over); unnamed (without the records that were changed: they are swept); unreadable (swept, too); other (of what is not read)',
  },
  tributary_salesforce_sweep_left: {
    kind: 'gauge',
    labels: ['what'],
    help: 'Records that the sweep of Salesforce still has to read: contacts, leads, tasks',
  },
  tributary_hubspot_swept_total: {
    kind: 'counter',
    labels: ['what'],
    help: 'What the sweep of HubSpot told: contacts, companies; what it noticed: tasks, calls, notes, meetings, emails; and what it passed over: too-large (records larger than a topic takes), unwritable',
  },
  tributary_hubspot_sweep_left: {
    kind: 'gauge',
    labels: ['what'],
    help: 'Records that the sweep of HubSpot still has to read: contacts, companies, tasks, calls, notes, meetings, emails',
  },
  tributary_hubspot_activities_total: {
    kind: 'counter',
    labels: ['what'],
    help: 'What hubspot-activities told: tasks, calls, notes, meetings, emails; and what it passed over: missing (nowhere in HubSpot), refused (HubSpot does not give it), forbidden (a scope is missing), strange (notices of nothing that it reads), too-large (records larger than a topic takes), unwritable',
  },
  tributary_hubspot_marketing_total: {
    kind: 'counter',
    labels: ['what'],
    help: 'What hubspot-marketing-events told: submission, sent, opened, clicked; and what it passed over, each time that it read it: filtered (HubSpot takes it for no person), void (what was sent was dropped), nobody (no address), erased (of a forgotten person), refused (forms that HubSpot does not give), too-large (records larger than a topic takes), unwritable',
  },
  tributary_event_completions_used: {
    kind: 'gauge',
    labels: ['vendor'],
    help: "Custom event completions of this month in the account's time zone, of all processes",
  },
  tributary_event_completions_budget: {
    kind: 'gauge',
    labels: ['vendor'],
    help: 'Custom event completions that a month has; at the limit events wait',
  },
  tributary_event_budget_warning: { kind: 'gauge', labels: ['vendor'], help: '1 from 80 % of the budget on' },
  tributary_sink_window: { kind: 'gauge', labels: ['sink'], help: 'Writes taken by a sink and not finished' },
  tributary_sink_paused: { kind: 'gauge', labels: ['sink'], help: '1 while a sink waits for a vendor or a person' },
  tributary_stalled_records: {
    kind: 'gauge',
    labels: ['topic', 'partition'],
    help: 'Records that cannot be read because a transaction before them stays open; not 0: somebody must look',
  },
  tributary_process_restarts_total: { kind: 'counter', labels: ['group'], help: 'Tasks opened again after a failure' },
} as const satisfies Record<
  string,
  { kind: 'counter' | 'gauge' | 'histogram'; labels: readonly string[]; help: string }
>

type Definitions = typeof metricDefinitions
type NamesOf<Kind> = {
  [Name in keyof Definitions]: Definitions[Name]['kind'] extends Kind ? Name : never
}[keyof Definitions]
type LabelsOf<Name extends keyof Definitions> = Readonly<Record<Definitions[Name]['labels'][number], string>>

export interface Metrics {
  increment<Name extends NamesOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void
  set<Name extends NamesOf<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void
  observe<Name extends NamesOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, value: number): void
  /** The Prometheus text format. */
  expose(): Promise<string>
  /** The current sum of a counter or gauge over the given labels. */
  value(name: NamesOf<'counter' | 'gauge'>, labels?: Readonly<Record<string, string>>): Promise<number>
}

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  for (const [name, { kind, labels, help }] of Object.entries(metricDefinitions)) {
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    if (kind === 'counter') counters.set(name, new Counter(options))
    else if (kind === 'gauge') gauges.set(name, new Gauge(options))
    else histograms.set(name, new Histogram({ ...options, buckets: secondsBuckets }))
  }
  return {
    increment: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    set: (name, labels, value) => gauges.get(name)?.set(labels, value),
    observe: (name, labels, value) => histograms.get(name)?.observe(labels, value),
    expose: () => registry.metrics(),
    value: async (name, labels = {}) => {
      const metric = await (counters.get(name) ?? gauges.get(name))?.get()
      const matching = metric?.values.filter(entry =>
        Object.entries(labels).every(([label, value]) => entry.labels[label] === value),
      )
      return (matching ?? []).reduce((sum, entry) => sum + entry.value, 0)
    },
  }
}
