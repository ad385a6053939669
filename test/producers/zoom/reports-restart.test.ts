import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Webinar } from '../../../schemas/generated.ts'
import type { Step, TaskContext } from '../../../services/kafka/kafka.ts'
import type { MemoryKafka } from '../../../services/kafka/memory/memory.ts'
import { webinars } from '../../../topology/topics.ts'
import { minute, type Reporting, recorded, startReporting, webhooksOf } from './reporting.ts'

const ends = webhooksOf('webinar.ended')
const group = 'zoom-reports'

const idsOf = (events: readonly Webinar[]): readonly string[] =>
  [
    ...new Set(events.filter(({ kind }) => kind === 'REPORTED' || kind === 'SETTLED').map(({ eventId }) => eventId)),
  ].sort()

/** The ids that are told when nothing goes wrong. */
const undisturbed = async (reporting: Reporting): Promise<readonly string[]> => {
  await reporting.start()
  await reporting.take(...ends)
  await bothSettled(reporting)
  return idsOf(await reporting.events())
}

const bothSettled = (reporting: Reporting): Promise<void> =>
  reporting.until(
    async () => new Set((await reporting.told('SETTLED')).map(({ instance }) => instance)).size === 2,
    'both runs settled',
  )

const lag = async ({ kafka }: Reporting): Promise<number> =>
  (await kafka.lag(group, [webinars.name])).reduce((sum, { records }) => sum + records, 0)

test('Z13 a run that waits counts as work that is not done, until it is settled', async context => {
  const reporting = await startReporting(context, { reportAfterMs: 10 * minute })
  await reporting.start()
  await reporting.take(...webhooksOf('webinar.registration_created').slice(0, 5), ...ends.slice(-1))
  await reporting.until(async () => (await lag(reporting)) === 1, 'all before the end is committed')
  for (let step = 0; step < 5; step++) {
    reporting.clock.advance(minute)
    await reporting.kafka.idle()
    assert.equal(await lag(reporting), 1)
  }
  await reporting.until(async () => (await lag(reporting)) === 0, 'nothing is left')
  assert.equal((await reporting.told('SETTLED')).length, 1)
})

test('Z13 a process that is killed while runs wait loses nothing: the next one tells the same ids', async context => {
  const expected = await undisturbed(await startReporting(context))
  const reporting = await startReporting(context, { reportAfterMs: 5 * minute })
  const running = await reporting.start()
  await reporting.take(...ends)
  await reporting.until(() => running.status().waiting > 0, 'runs wait')
  await running.close()
  assert.deepEqual(idsOf(await reporting.events()), [])
  reporting.clock.advance(6 * minute)
  await reporting.start()
  await bothSettled(reporting)
  assert.deepEqual(idsOf(await reporting.events()), expected)
})

test('Z13 a commit that fails after the report was read is made again with the same ids, each record once', async context => {
  const expected = await undisturbed(await startReporting(context))
  const reporting = await startReporting(context)
  const running = await reporting.start()
  await reporting.take(...ends)
  await reporting.until(() => running.status().waiting > 0, 'runs wait')
  const claimsTold = async (): Promise<boolean> => (await reporting.claims()).length > 0
  await reporting.until(claimsTold, 'the claims, which come first')
  const { kafka } = reporting
  for (const { partition } of await kafka.topics.offsets(webinars.name)) kafka.failNextCommit(group, partition)
  await bothSettled(reporting)
  const events = await reporting.events()
  assert.deepEqual(idsOf(events), expected)
  const told = events.filter(({ kind }) => kind === 'REPORTED' || kind === 'SETTLED')
  assert.equal(told.length, expected.length, 'nothing of the failed transaction is visible')
})

test('Z13 a report, its SETTLED and the offset behind the end are one transaction', async context => {
  const reporting = await startReporting(context)
  const steps = stepsOf(reporting.kafka)
  await reporting.start()
  await reporting.take(...ends.slice(-1))
  await reporting.until(async () => (await reporting.told('SETTLED')).length === 1, 'the run settled')
  const told = (await reporting.told('REPORTED')).length + 1
  const step = steps.find(({ records }) => records.filter(({ topic }) => topic === webinars.name).length >= told)
  assert.ok(step)
  assert.deepEqual([...step.offsets], [[webinars.name, 1]])
})

/** Everything that is committed from now on. */
const stepsOf = (kafka: MemoryKafka): readonly Step[] => {
  const steps: Step[] = []
  const join = kafka.join.bind(kafka)
  kafka.join = options =>
    join({
      ...options,
      open: context => {
        const commit: TaskContext['commit'] = step => {
          steps.push(step)
          return context.commit(step)
        }
        return options.open(Object.create(context, { commit: { value: commit } }) as TaskContext)
      },
    })
  return steps
}

test('Z13 partitions are shared by processes: each run is settled by one of them', async context => {
  const reporting = await startReporting(context, { waitMs: 2 * minute })
  const both = [await reporting.start(), await reporting.start()]
  // Numbers that lie in different partitions; Zoom knows only the first, so the others are settled after the wait.
  const numbers = [recorded.number, ...Array.from({ length: 12 }, (_, index) => String(93_000_000_000 + index))]
  const [end] = ends
  assert.ok(end)
  for (const id of numbers) {
    const uuid = id === recorded.number ? recorded.runs[0] : `${id}==`
    const object = { ...end.payload.object, id, uuid }
    await reporting.take({ ...end, payload: { ...end.payload, object } })
  }
  await reporting.until(() => both.every(running => running.status().waiting > 0), 'both have runs that wait')
  await reporting.until(async () => (await reporting.told('SETTLED')).length >= numbers.length, 'all settled')
  const settled = await reporting.told('SETTLED')
  assert.deepEqual(settled.map(({ number }) => number).sort(), numbers.sort())
  assert.deepEqual(
    settled.filter(({ reported }) => reported).map(({ number }) => number),
    [recorded.number],
  )
})

test('Z13 an end that is told again after the run was settled changes nothing', async context => {
  const reporting = await startReporting(context)
  const expected = await undisturbed(reporting)
  await reporting.take(...ends)
  await reporting.until(async () => (await lag(reporting)) === 0, 'nothing is left')
  const told = (await reporting.events()).filter(({ kind }) => kind === 'REPORTED' || kind === 'SETTLED')
  assert.equal(told.length, expected.length)
})
