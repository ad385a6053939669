import type { TestContext } from 'node:test'
import type { RecordNotice, Task } from '../../../schemas/generated.ts'
import { type MemoryKafka, memoryKafka } from '../../../services/kafka/memory/memory.ts'
import type { Synced } from '../../../services/producers/hubspot/activities/people.ts'
import {
  hubspotActivities,
  type RunningHubSpotActivities,
  startHubSpotActivities,
} from '../../../services/producers/hubspot/activities/service.ts'
import { createHubSpotActivityReader } from '../../../services/producers/hubspot/rest/activities.ts'
import { createCodec } from '../../../services/runtime/codec.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { topicSpecs } from '../../../topology/topic-specs.ts'
import { recordNotices, tasks } from '../../../topology/topics.ts'
import { type ManualClock, manualClock, passing } from '../../clock.ts'
import { storedIn } from '../stored.ts'
import { type ModelAccount, modelAccount } from './account.ts'
import { appId } from './receiving.ts'

/** The alias in Salesforce of a contact who is there. */
export const thereOf = (alias: string): string =>
  `salesforce:contact:003${(alias.split(':')[2] ?? '').padStart(12, '0')}AAA`

export const startAt = Date.parse('2026-08-25T10:00:00Z')

/** A model of an account, a Kafka in memory, and processes that read activities of the one and tell them in the other. */
export interface ReadingActivities {
  readonly account: ModelAccount
  readonly kafka: MemoryKafka
  readonly clock: ManualClock
  readonly metrics: Metrics
  /** What was logged. */
  readonly lines: readonly string[]
  /** Aliases of contacts whose person is in Salesforce. */
  readonly synced: Set<string>
  /** Notices of records, as `task 5012`. */
  notice(records: readonly string[], values?: Partial<RecordNotice>): Promise<void>
  /** Bytes on `record-notices` that are no notice. */
  garbage(): Promise<void>
  /** Another process begins to read; it ends with the test. */
  start(): Promise<RunningHubSpotActivities>
  /** Resolves when every notice is done. */
  done(): Promise<void>
  told(): Promise<readonly Task[]>
  /** Counted in `tributary_hubspot_activities_total`. */
  counted(what: string): Promise<number>
}

export const startReadingActivities = async (context: TestContext): Promise<ReadingActivities> => {
  const account = modelAccount()
  const clock = manualClock(startAt)
  const topics = [recordNotices, tasks]
  const kafka = memoryKafka({ clock })
  await kafka.topics.create(topicSpecs(topics))
  const codec = await createCodec({ registry: memoryRegistry(), topics, clock, register: true })
  const metrics = createMetrics()
  const lines: string[] = []
  const logger = createLogger({ level: 'trace', write: line => lines.push(line) })
  const publisher = await kafka.publisher('test')
  const synced = new Set<string>()
  const pausing = passing(clock)
  const own: Synced = aliases => new Map(aliases.flatMap(alias => (synced.has(alias) ? [[alias, thereOf(alias)]] : [])))
  const reader = { baseUrl: 'http://hubspot.example', accessToken: 'token', clock: pausing, metrics }
  const random = () => 0.5
  return {
    ...{ account, kafka, clock, metrics, lines, synced },
    notice: async (records, values = {}) => {
      const noticed = records.map((named): RecordNotice => {
        const [object = '', record = ''] = named.split(' ')
        const at = { occurredAt: clock.now(), receivedAt: clock.now(), source: 'hubspot:default', gone: false }
        return { eventId: `hubspot:${named}:${clock.now()}`, object, record, ...at, ...values }
      })
      await publisher.publish(
        noticed.map(value => ({
          topic: recordNotices.name,
          key: (recordNotices.keyedBy as (notice: RecordNotice) => string)(value),
          value: codec.encode(recordNotices, value),
        })),
      )
    },
    garbage: async () => {
      await publisher.publish([{ topic: recordNotices.name, key: 'x', value: Buffer.from('no notice') }])
    },
    start: async () => {
      const running = await startHubSpotActivities({
        ...{ kafka, codec, metrics, logger, clock: pausing, appId, random, synced: own },
        reader: createHubSpotActivityReader({ ...reader, random, fetch: account.fetch }),
        onFatal: error => {
          throw error
        },
      })
      context.after(() => running.close())
      return running
    },
    done: async () => {
      for (let left = 1; left > 0; ) {
        await new Promise(setImmediate)
        const lags = await kafka.lag(hubspotActivities, [recordNotices.name])
        left = lags.reduce((sum, { records }) => sum + records, 0)
      }
    },
    told: () => storedIn(kafka, codec).decoded(tasks),
    counted: async what => Number((await metrics.value('tributary_hubspot_activities_total', { what })) ?? 0),
  }
}
