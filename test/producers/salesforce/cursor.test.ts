import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { Task } from '../../../schemas/generated.ts'
import type { OutgoingRecord, TaskContext } from '../../../services/kafka/kafka.ts'
import { memoryKafka } from '../../../services/kafka/memory/memory.ts'
import { SalesforceError } from '../../../services/producers/salesforce/rest/problems.ts'
import type { SalesforceReader } from '../../../services/producers/salesforce/rest/reader.ts'
import { Sweep } from '../../../services/producers/salesforce/sweep/sweep.ts'
import { markKinds } from '../../../services/producers/salesforce/sweep/telling.ts'
import { Marks } from '../../../services/producers/sweep/marks.ts'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { silentLogger } from '../../../services/runtime/log.ts'
import { createMetrics } from '../../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { topicSpecs } from '../../../topology/topic-specs.ts'
import { identityClaims, salesforceSweeps, tasks } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'

const second = 1_000
const longestTransactionMs = 5 * 60_000

/** A change of one task: to which subject, with a stamp so much older than its commit. */
interface Change {
  readonly kind: 'change'
  readonly task: number
  readonly subject: number
  readonly lateMs: number
}
type Step =
  | Change
  | { readonly kind: 'wait'; readonly ms: number }
  /** Polls; the answer after so many pages is a failure. */
  | { readonly kind: 'poll'; readonly failsAfter: number }
  | { readonly kind: 'restart' }

const change: fc.Arbitrary<Step> = fc.record({
  ...{ kind: fc.constant('change' as const), task: fc.nat({ max: 6 }), subject: fc.nat({ max: 2 }) },
  lateMs: fc.oneof(fc.constant(0), fc.nat({ max: longestTransactionMs })),
})
const wait: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('wait' as const),
  ms: fc.constantFrom(0, 1, 400, second, 60_000, 299_000, 301_000, 900_000, 3 * 86_400_000),
})
const poll: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('poll' as const),
  failsAfter: fc.oneof({ weight: 4, arbitrary: fc.constant(1_000) }, fc.nat({ max: 5 })),
})
const restart: fc.Arbitrary<Step> = fc.constant({ kind: 'restart' as const })
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: change },
    { weight: 3, arbitrary: wait },
    { weight: 4, arbitrary: poll },
    { weight: 1, arbitrary: restart },
  ),
  { maxLength: 60 },
)

interface ModelRow {
  readonly Id: string
  readonly Subject: string
  readonly stamp: number
}

/** What Salesforce answers of these tasks, in pages that keep the ids that a query found, and nothing of others. */
const modelReader = (rows: ReadonlyMap<number, ModelRow>, pageSize: number) => {
  const cursors = new Map<string, readonly string[]>()
  let pagesLeft = 1_000
  const reader: SalesforceReader = {
    page: (_, address) => {
      if (pagesLeft-- <= 0)
        return Promise.reject(new SalesforceError({ code: 'GONE', message: 'gone' }, 'retryable', {}))
      const byId = new Map([...rows.values()].map(row => [row.Id, row]))
      const ids = 'next' in address ? (cursors.get(address.next) ?? []) : found(rows, address.soql)
      const next = ids.length > pageSize ? `/next/${cursors.size}` : undefined
      if (next) cursors.set(next, ids.slice(pageSize))
      return Promise.resolve({
        rows: ids.slice(0, pageSize).flatMap(id => shown(byId.get(id))),
        ...{ total: ids.length, next, userId: null, usage: undefined },
      })
    },
  }
  return { reader, failAfter: (pages: number) => (pagesLeft = pages) }
}

/** Times as Salesforce shows them: whole seconds. */
const timeOf = (ms: number): string => new Date(Math.floor(ms / second) * second).toISOString()

const found = (rows: ReadonlyMap<number, ModelRow>, soql: string): readonly string[] => {
  const [, from = ''] = /FROM Task WHERE SystemModstamp >= (\S+) ORDER BY SystemModstamp, Id$/.exec(soql) ?? []
  if (from === '') return []
  return [...rows.values()]
    .filter(({ stamp }) => timeOf(stamp) >= timeOf(Date.parse(from)))
    .toSorted((a, b) => timeOf(a.stamp).localeCompare(timeOf(b.stamp)) || a.Id.localeCompare(b.Id))
    .map(({ Id }) => Id)
}

const shown = (row: ModelRow | undefined) =>
  row ? [{ ...row, IsDeleted: false, LastModifiedDate: timeOf(row.stamp), SystemModstamp: timeOf(row.stamp) }] : []

const written = [tasks, identityClaims, salesforceSweeps]

interface Org {
  readonly pageSize: number
  /** By how much Salesforce's clock is ahead of ours. */
  readonly skewMs: number
}
const org: fc.Arbitrary<Org> = fc.record({
  pageSize: fc.integer({ min: 1, max: 4 }),
  skewMs: fc.integer({ min: -180_000, max: 180_000 }),
})

/** Runs the steps; gives what was told, in order, and what each task is at the end. @param afterPoll is called after each poll that did not fail */
const history = async (
  codec: Codec,
  given: readonly Step[],
  { pageSize, skewMs }: Org,
  afterPoll: (told: readonly Task[], rows: ReadonlyMap<number, ModelRow>) => void = () => {},
) => {
  const clock = manualClock()
  const kafka = memoryKafka({ clock })
  await kafka.topics.create(topicSpecs(written))
  const publisher = await kafka.publisher('test')
  const told: Task[] = []
  const take = async (records: readonly OutgoingRecord[]): Promise<void> => {
    const values = records.filter(({ topic }) => topic === tasks.name).flatMap(({ value }) => value ?? [])
    await codec.prepare(values)
    told.push(...values.map(value => codec.decode(tasks, value)))
    await publisher.publish([...records])
  }
  const context = { commit: ({ records }: { records: readonly OutgoingRecord[] }) => take(records) }
  const rows = new Map<number, ModelRow>()
  const { reader, failAfter } = modelReader(rows, pageSize)
  const { signal } = new AbortController()
  const options = { table: salesforceSweeps, kinds: markKinds }
  const begin = async () =>
    new Sweep(
      { reader, codec, metrics: createMetrics(), logger: silentLogger, clock },
      {
        context: context as unknown as TaskContext,
        ended: signal,
        marks: await Marks.read(options, { kafka, codec }, signal),
      },
    )
  let sweep = await begin()
  await sweep.sweep()
  const apply: { readonly [Kind in Step['kind']]: (step: Extract<Step, { kind: Kind }>) => unknown } = {
    wait: ({ ms }) => clock.advance(ms),
    restart: async () => {
      sweep = await begin()
    },
    poll: async ({ failsAfter }) => {
      failAfter(failsAfter)
      if ((await sweep.sweep()) === undefined) afterPoll(told, rows)
      failAfter(1_000)
    },
    change: ({ task, subject, lateMs }) => {
      const stamp = clock.now() + skewMs - lateMs
      rows.set(task, { Id: `00T5g000000000${task}`, Subject: `Subject ${subject}`, stamp })
    },
  }
  for (const step of given) await apply[step.kind](step as never)
  clock.advance(longestTransactionMs)
  await sweep.sweep()
  await kafka.close()
  return { told, rows }
}

const codec = await createCodec({
  ...{ registry: memoryRegistry(), topics: written, clock: manualClock(), register: true },
})
const subjectsOf = (told: readonly Task[], { Id }: ModelRow) =>
  told.filter(({ record }) => record.startsWith(Id)).map(({ fields }) => fields['Subject'])

it('T1 no change of a task is missed or told twice, whatever the stamps, the pages, the failures and the restarts', async () => {
  await fc.assert(
    fc.asyncProperty(steps, org, async (given, of) => {
      const { told, rows } = await history(codec, given, of)
      for (const row of rows.values()) {
        const subjects = subjectsOf(told, row)
        assert.equal(subjects.at(-1), row.Subject, 'what it holds at last is what was told last')
        const ids = told.filter(({ record }) => record.startsWith(row.Id)).map(({ eventId }) => eventId)
        const repeated = ids.filter((id, index) => id === ids[index - 1])
        assert.deepEqual(repeated, [], 'the same is not told twice in a row')
      }
      assert.equal(new Set(told.map(({ record }) => record)).size, rows.size)
    }),
    { numRuns: 200 },
  )
})

it('T1 what was not changed late is told by the next poll, however the clocks differ', async () => {
  await fc.assert(
    fc.asyncProperty(steps, org, async (given, of) => {
      const inTime = given.map(step => (step.kind === 'change' ? { ...step, lateMs: 0 } : step))
      await history(codec, inTime, of, (told, rows) => {
        for (const row of rows.values()) assert.equal(subjectsOf(told, row).at(-1), row.Subject)
      })
    }),
    { numRuns: 200 },
  )
})
