import type { TestContext } from 'node:test'
import type { Task } from '../../schemas/generated.ts'
import {
  type BackfillParts,
  type BackfillRequest,
  type BackfillResult,
  runBackfill,
} from '../../services/backfill/backfill.ts'
import type { BackfillPart } from '../../services/backfill/part.ts'
import { backfillParts } from '../../services/backfill/parts.ts'
import type { Worker } from '../../services/backfill/room.ts'
import type { Lookup } from '../../services/identity/directory.ts'
import { type MemoryKafka, memoryKafka } from '../../services/kafka/memory/memory.ts'
import {
  createHubSpotActivityReader,
  type HubSpotActivityReader,
} from '../../services/producers/hubspot/rest/activities.ts'
import { createHubSpotReader } from '../../services/producers/hubspot/rest/client.ts'
import { createSalesforceReader } from '../../services/producers/salesforce/rest/reader.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import type { SalesforceSandboxOptions } from '../../services/sandbox/salesforce/start.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { hubspotSweeps, parked, salesforceSweeps, tasks } from '../../topology/topics.ts'
import { type ManualClock, manualClock, passing } from '../clock.ts'
import { takingAll } from '../kafka/taking-all.ts'
import { storedIn } from '../producers/stored.ts'
import { type Account, openAccount } from '../sandbox/hubspot.ts'
import { type Org, openOrg } from '../sinks/salesforce-org.ts'

/** What a test chooses otherwise than the command does by itself. */
export interface Chosen extends Partial<Pick<BackfillRequest, 'since' | 'rate' | 'restart' | 'signal' | 'onProgress'>> {
  readonly from?: 'hubspot' | 'salesforce' | 'both'
  /** Around the reader of HubSpot's records. */
  readonly reader?: (own: HubSpotActivityReader) => HubSpotActivityReader
  /** HubSpot's activities besides tasks. */
  readonly activities?: readonly string[]
}

export interface Telling {
  readonly account: Account
  readonly org: Org
  readonly kafka: MemoryKafka
  readonly clock: ManualClock
  /** The parts that are read, and a call of the backfill. */
  parts(chosen?: Chosen): readonly BackfillPart[]
  backfill(chosen?: Chosen): Promise<BackfillResult>
  readonly using: Pick<BackfillParts, 'kafka' | 'codec' | 'clock'>
  told(): Promise<readonly Task[]>
  /** Makes tasks in HubSpot, all at one time. */
  addTasks(count: number): Promise<void>
  /** Makes tasks in Salesforce. */
  addSalesforceTasks(count: number, fields?: object): Promise<void>
}

/** Both CRMs emulated, a Kafka in memory into which their tasks are told, and somebody who reads at once what is told. Whoever a task is on is unknown. Pauses pass at once. */
export const startTelling = async (
  context: TestContext,
  { salesforce = {}, reads = true }: { readonly salesforce?: SalesforceSandboxOptions; readonly reads?: boolean } = {},
): Promise<Telling> => {
  const clock = manualClock()
  const limits = { burst: 100_000, searchesPerSecond: 100_000, associationBurst: 100_000 }
  const account = await openAccount(context, { clock, limits })
  const org = await openOrg(context, { clock, sandbox: salesforce })
  const kafka = memoryKafka({ clock })
  context.after(() => kafka.close())
  const topics = [tasks, hubspotSweeps, salesforceSweeps]
  await kafka.topics.create(topicSpecs([...topics, parked]))
  const codec = await createCodec({ registry: memoryRegistry(), topics, clock, register: true })
  if (reads) await takingAll(kafka, 'task-links', tasks.name)
  const pausing = passing(clock)
  const metrics = createMetrics()
  const hubspot = { baseUrl: account.url, accessToken: 'sandbox', clock: pausing, metrics }
  const parts: Telling['parts'] = ({
    reader = (own: HubSpotActivityReader) => own,
    activities = [],
    from = 'both',
  } = {}) =>
    backfillParts(
      {
        hubspot: {
          searches: createHubSpotReader(hubspot),
          reader: reader(createHubSpotActivityReader(hubspot)),
          ...{ appId: null, clock: pausing, synced: () => new Map() },
        },
        salesforce: { reader: createSalesforceReader({ ...org.login, clock: pausing, metrics }), clock: pausing },
      },
      { activities: Object.fromEntries(activities.map(name => [name, { type: null, prefix: '' }])) },
      from,
    )
  const using = { kafka, codec, clock: pausing }
  const workers: [Worker] = [{ name: 'task-links', topic: tasks.name }]
  const missing: Lookup = { status: 'missing' }
  return {
    ...{ account, org, kafka, clock, parts, using },
    backfill: ({ since = null, rate = 0, restart = false, ...chosen } = {}) => {
      const { signal = new AbortController().signal, onProgress = () => undefined } = chosen
      const directory = { find: () => missing }
      return runBackfill(
        { ...using, workers, directory, logger: silentLogger },
        { parts: parts(chosen), since, rate, restart, signal, onProgress },
      )
    },
    told: () => storedIn(kafka, codec).decoded(tasks),
    addTasks: async count => {
      for (let made = 0; made < count; made += 100) {
        const inputs = Array.from({ length: Math.min(100, count - made) }, (_, index) => ({
          properties: { hs_timestamp: '2026-03-01T09:00:00Z', hs_task_subject: `Call ${made + index}` },
          associations: [],
        }))
        const { status } = await account.call('POST', '/crm/v3/objects/tasks/batch/create', { inputs })
        if (status !== 201) throw new Error(`the tasks were refused with ${status}`)
      }
    },
    addSalesforceTasks: async (count, fields = {}) => {
      for (let made = 0; made < count; made += 200) {
        const records = Array.from({ length: Math.min(200, count - made) }, (_, index) => ({
          attributes: { type: 'Task' },
          Subject: `Send ${made + index}`,
          ...fields,
        }))
        await org.call('POST', '/services/data/v60.0/composite/sobjects', { allOrNone: true, records })
      }
    },
  }
}
