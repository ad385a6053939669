import type { Topology } from '../../topology/define.ts'
import { groupsOf } from '../../topology/groups.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { ServiceStatus } from '../runtime/run-pipeline.ts'

/** What the operator's page shows and health answers with. */
export interface SystemStatus {
  /** Nothing in this process has given up. */
  readonly alive: boolean
  /** Alive, Kafka answers, and every service here does its work. */
  readonly ready: boolean
  /** What is not well, for a person to read. */
  readonly problems: readonly string[]
  readonly services: readonly (ServiceStatus & { readonly lag: number | null })[]
  readonly counts: Readonly<Record<'webhooks' | 'delivered' | 'parked' | 'deadLetters', number>>
  /** What vendors allow in a time and how much of it is used, as far as this process knows. */
  readonly budgets: readonly Budget[]
  /** Pages of the emulated vendors, by name. */
  readonly sandboxes: Readonly<Record<string, string>>
}

export interface Budget {
  readonly name: string
  readonly used: number
  readonly limit: number
  /** From 80 % on. */
  readonly isLow: boolean
}

interface StatusParts {
  readonly kafka: Kafka
  readonly topology: Topology
  readonly metrics: Metrics
  readonly services: () => readonly ServiceStatus[]
  readonly sandboxes: Readonly<Record<string, string>>
}

const kafkaAnswerMs = 5_000

/** Reads the status; Kafka is asked at most once at a time and once a second, however many ask. */
export const statusReader = (parts: StatusParts, clock: Clock): (() => Promise<SystemStatus>) => {
  let reading: Promise<SystemStatus> | undefined
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    if (!reading || clock.now() - readAt > 1_000) {
      readAt = clock.now()
      reading = readStatus(parts, clock)
    }
    return reading
  }
}

const readStatus = async (
  { kafka, topology, metrics, services, sandboxes }: StatusParts,
  clock: Clock,
): Promise<SystemStatus> => {
  const running = services()
  const lags = await Promise.race([lagsOf(kafka, topology, running), clock.sleep(kafkaAnswerMs).then(() => undefined)])
  const stopped = running.filter(({ state }) => state === 'stopped')
  const waiting = running.filter(({ state }) => state === 'paused')
  const stalled = await metrics.value('tributary_stalled_records')
  const budgets = await budgetsOf(metrics)
  const problems = [
    ...(lags ? [] : ['Kafka does not answer.']),
    ...[...stopped, ...waiting].map(
      ({ name, state, reason }) => `${name} is ${state}: ${reason ?? 'no reason was given'}`,
    ),
  ]
  return {
    alive: stopped.length === 0,
    ready: problems.length === 0,
    // For other partitions all goes on, so it is no reason to send nothing here.
    problems: [
      ...problems,
      ...(stalled > 0 ? [stalledMessage(stalled)] : []),
      ...budgets.filter(({ isLow }) => isLow).map(lowMessage),
    ],
    budgets,
    services: running.map(service => ({ ...service, lag: lags?.get(service.name) ?? null })),
    counts: {
      webhooks: await metrics.value('tributary_webhooks_total'),
      delivered: await metrics.value('tributary_deliveries_total'),
      parked: await metrics.value('tributary_parked_events'),
      deadLetters: await metrics.value('tributary_dead_letters_total'),
    },
    sandboxes,
  }
}

/** The process whose sink is active knows them; none where it is another one. */
const budgetsOf = async (metrics: Metrics): Promise<readonly Budget[]> => {
  const limit = await metrics.value('tributary_event_completions_budget')
  if (limit === 0) return []
  const used = await metrics.value('tributary_event_completions_used')
  const isLow = (await metrics.value('tributary_event_budget_warning')) > 0
  return [{ name: 'HubSpot custom events this month', used, limit, isLow }]
}

const lowMessage = ({ name, used, limit }: Budget): string =>
  `${name}: ${used} of ${limit} are used. At the limit they wait for the next month.`

const stalledMessage = (records: number): string =>
  `${records} records cannot be read because a transaction before them stays open: tributary_stalled_records tells where. Find its producer with kafka-transactions.sh find-hanging, and abort it.`

/** Records not yet taken, by service; undefined when Kafka refuses to tell. */
const lagsOf = async (
  kafka: Kafka,
  topology: Topology,
  services: readonly ServiceStatus[],
): Promise<ReadonlyMap<string, number> | undefined> => {
  const inputs = groupsOf(topology)
  try {
    const lags = await Promise.all(
      services.map(async ({ name }): Promise<[string, number]> => {
        const partitions = await kafka.lag(name, inputs.get(name) ?? [])
        return [name, partitions.reduce((sum, { records }) => sum + records, 0)]
      }),
    )
    return new Map(lags)
  } catch {
    return undefined
  }
}
