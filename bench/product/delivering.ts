import type { Receipt } from '../../schemas/generated.ts'
import type { Kafka } from '../../services/kafka/kafka.ts'
import type { SegmentMessage } from '../../services/producers/segment/messages.ts'
import { outgoingOf } from '../../services/producers/segment/outgoing.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { type Codec, createCodec } from '../../services/runtime/codec.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../services/runtime/metrics.ts'
import { untilQuiet } from '../../services/runtime/quiet.ts'
import type { SchemaRegistry } from '../../services/runtime/registry.ts'
import { type RunningPipeline, startPipeline } from '../../services/runtime/run-pipeline.ts'
import { storedValues } from '../../services/runtime/stored-values.ts'
import { createEventBudget } from '../../services/sinks/hubspot/events/budget.ts'
import { kafkaUsageLog } from '../../services/sinks/hubspot/events/usage-log.ts'
import { eventCompletionsPerMonth } from '../../services/sinks/hubspot/limits.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { receipts } from '../../topology/topics.ts'
import { whole } from '../measurement.ts'
import type { Vendor } from './calls.ts'
import { destinationsOf, eventsOf, topologyTo } from './destinations.ts'
import { type Amounts, deeds, introductions } from './messages.ts'

export interface DeliveringOptions {
  readonly vendor: Vendor
  /** Of the emulated vendor, which knows the contacts of all people, and of one more. */
  readonly vendorUrl: string
  readonly kafka: Kafka
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
  readonly amounts: Amounts
  readonly rounds: number
  /** How long one part may take. */
  readonly patienceMs: number
  readonly say: (line: string) => void
  readonly onFatal: (error: Error) => void
}

/** What one part came to. */
export interface Part {
  /** From its first record published to its last write settled. */
  readonly seconds: number
  /** Events that the vendor took. */
  readonly events: number
  /** Requests to the vendor, whatever it answered; of these, by operation, the ones that `operations` names. */
  readonly calls: Readonly<Record<'all' | Operation, number>>
}

const operations = ['track', 'events.send', 'event-definitions.create', 'event-definitions.create-property'] as const
type Operation = (typeof operations)[number]

export interface Delivered {
  /** Everybody becomes known, and does one thing. */
  readonly introduction: Part
  readonly rounds: readonly Part[]
}

/** Publishes what Segment would tell and has it delivered, one part after the other, by consumers and sinks that run for all of it. Throws when an event is missing in the end. */
export const deliverAll = async (options: DeliveringOptions): Promise<Delivered> => {
  const running = await startDelivering(options)
  try {
    const { people, accounts, events } = options.amounts
    const everybody = Array.from({ length: people }, (_, person) => person)
    // One person first: sinks make a vendor ready before their first write.
    await running.part('one person', introductions([people], accounts), 1)
    const introduction = await running.part('people', introductions(everybody, accounts), people)
    const rounds: Part[] = []
    for (let round = 1; round <= options.rounds; round++) {
      const what = `round ${round} of ${options.rounds}`
      rounds.push(await running.part(what, deeds(options.amounts, round), events))
    }
    return { introduction, rounds }
  } finally {
    await running.close()
  }
}

interface Delivering {
  /** Publishes the requests and waits until all that comes of them is settled. @param events that the vendor must take */
  part(what: string, requests: readonly SegmentMessage[][], events: number): Promise<Part>
  close(): Promise<void>
}

const startDelivering = async (options: DeliveringOptions): Promise<Delivering> => {
  const { vendor, vendorUrl, kafka, registry, topicPrefix, patienceMs, say, onFatal } = options
  const topology = topologyTo[vendor]
  const logger = createLogger({ level: 'error' })
  const metrics = createMetrics()
  await kafka.topics.create(topicSpecs(topology.topics))
  const codec = await createCodec({ registry, topics: topology.topics, clock, topicPrefix, register: true })
  const log = kafkaUsageLog({ kafka, codec, clock, writer: 'bench', onFatal })
  const budget = createEventBudget({ log, limit: eventCompletionsPerMonth, clock })
  const pipeline = await startPipeline({
    ...{ topology, kafka, codec, metrics, logger, clock, onFatal },
    ...{ erasureSecret: 'a secret of the measurement, not of a person', recreateDeleted: false },
    ...{ parkLimitMs: 3_600_000, deadLettersPerMinute: 10 },
    destinations: destinationsOf(vendor, vendorUrl, { metrics, budget }),
  })
  const publisher = await kafka.publisher('bench')
  const taken = { sink: eventsOf[vendor].sink, outcome: 'CREATED' }
  const takenEvents = (): Promise<number> => metrics.value('tributary_deliveries_total', taken)
  const untilTaken = async (events: number, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted && (await takenEvents()) < events) await clock.sleep(lookEveryMs, signal)
    // Whether all is quiet is asked of Kafka, which would be busy with it: so not before.
    if (!signal.aborted) await untilQuiet({ kafka, topology, metrics, clock })
  }
  return {
    part: async (what, requests, events) => {
      const receivedAt = clock.now()
      const origin = { via: 'api', source: 'bench', receivedAt } as const
      const records = requests.map(messages => outgoingOf(messages, origin, codec).records)
      const callsBefore = await callsOf(metrics, vendor)
      const takenBefore = await takenEvents()
      const progress = async (): Promise<string> =>
        `${what}: ${whole((await takenEvents()) - takenBefore)} of ${whole(events)} events taken`
      const startedAt = clock.now()
      await Promise.all([
        ...records.map(some => publisher.publish(some)),
        within(patienceMs, { progress, pipeline, say }, signal => untilTaken(takenBefore + events, signal)),
      ])
      const calls = difference(await callsOf(metrics, vendor), callsBefore)
      const settled = await settledOf({ kafka, codec }, receivedAt)
      assertAllTaken(vendor, settled, events)
      const seconds = (Math.max(...settled.map(({ at }) => at)) - startedAt) / 1_000
      say(`${what}: ${whole(events)} events in ${seconds.toFixed(1)} s`)
      return { seconds, events, calls }
    },
    close: async () => {
      await pipeline.close()
      await budget.close()
      await log.close()
      await publisher.close()
    },
  }
}

const callsOf = async (metrics: Metrics, vendor: Vendor): Promise<Part['calls']> => {
  const count = (labels: object): Promise<number> =>
    metrics.value('tributary_vendor_requests_total', { vendor, ...labels })
  const counted = await Promise.all(operations.map(async operation => [operation, await count({ operation })] as const))
  return { all: await count({}), ...(Object.fromEntries(counted) as Record<Operation, number>) }
}

const difference = (after: Part['calls'], before: Part['calls']): Part['calls'] =>
  Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - before[name as Operation]]),
  ) as unknown as Part['calls']

/** What became of the writes whose cause came then: each part has a time of its own. */
const settledOf = async (
  stored: { readonly kafka: Kafka; readonly codec: Codec },
  receivedAt: number,
): Promise<readonly Receipt[]> => {
  const found: Receipt[] = []
  for await (const { value } of storedValues(stored, receipts)) if (value?.receivedAt === receivedAt) found.push(value)
  return found
}

const assertAllTaken = (vendor: Vendor, settled: readonly Receipt[], expected: number): void => {
  const ofEvents = settled.filter(({ object }) => object === eventsOf[vendor].object)
  const taken = ofEvents.filter(({ outcome }) => outcome === 'CREATED').length
  if (taken === expected) return
  const others = Object.groupBy(ofEvents, ({ outcome, code }) => `${outcome} ${code ?? ''}`.trim())
  const told = Object.entries(others).map(([outcome, some]) => `${some?.length} ${outcome}`)
  throw new Error(`Expected ${vendor} to take ${expected} events; the receipts tell of ${told.join(', ') || 'none'}.`)
}

const lookEveryMs = 20
const tellEveryMs = 5_000

interface Watched extends Pick<DeliveringOptions, 'say'> {
  readonly progress: () => Promise<string>
  readonly pipeline: RunningPipeline
}

/** The work, told of while it lasts. Throws with the state of the services when it takes too long. */
const within = async (
  patienceMs: number,
  { progress, pipeline, say }: Watched,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const telling = setInterval(async () => say(`${await progress()} …`), tellEveryMs)
  const over = new AbortController()
  const late = clock.sleep(patienceMs, over.signal).then(async () => {
    if (over.signal.aborted) return
    const states = pipeline.status().map(({ name, state, reason }) => `${name} ${state}${reason ? ` (${reason})` : ''}`)
    throw new Error(`${await progress()} within ${patienceMs / 1_000} s. Services: ${states.join('; ')}.`)
  })
  try {
    await Promise.race([work(over.signal), late])
  } finally {
    clearInterval(telling)
    over.abort()
  }
}
