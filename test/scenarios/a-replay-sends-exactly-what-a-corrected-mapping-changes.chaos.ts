import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { LoggedRequest } from '../../services/sandbox/request-log.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { startTestKafka } from '../kafka.ts'
import { atEnd } from './at-end.ts'
import { changedCopy } from './changed-copy.ts'
import { runProgram, startServices } from './program.ts'
import { seenInCrms } from './seen-in-crms.ts'
import { openSystem, type System } from './system.ts'

/** The mapping says the task's subject otherwise from now on. */
const CORRECTION = { file: 'services/webinars/writes/task.ts', from: '`Attended: ${', to: '`Came to: ${' }
const SUBJECTS = { before: 'Attended: Tributary in Production', after: 'Came to: Tributary in Production' }

test('K5 a replay of what was delivered sends nothing; after a mapping was corrected it sends exactly the differences, once', async context => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  const system = await openSystem(context, kafka)
  const { settings, salesforce, zoom, cluster } = system
  await startServices(context, [], settings)
  await salesforce.fill()
  await zoom.play(20)
  await cluster.quiet()
  const delivered = await seenInCrms(system)

  const dry = await dryRun(context, system)
  assert.equal(dry.code, 0)
  assert.deepEqual(dry.differences, [])
  for (const _ of ['once', 'again']) assert.deepEqual(await sentBy(system, () => replay(context, system)), noWrites)
  assert.deepEqual(await seenInCrms(system), delivered)

  const corrected = changedCopy(context, CORRECTION)
  const { code, differences } = await dryRun(context, system, corrected)
  assert.equal(code, 2)
  assert.equal(differences.length, delivered.tasks.length)
  for (const { record: _, person: __, ...difference } of differences) {
    assert.deepEqual(difference, {
      ...{ destination: 'salesforce', object: 'task', field: 'Subject', effect: 'change' },
      ...{ now: SUBJECTS.before, wouldBe: SUBJECTS.after },
    })
  }
  const sent = await sentBy(system, () => replay(context, system, corrected))
  assert.deepEqual(sent.hubspot, [])
  assert.deepEqual(taskKeys(sent.salesforce), differences.map(({ record }) => record).toSorted())
  assert.deepEqual(await seenInCrms(system), {
    ...delivered,
    tasks: delivered.tasks.map(task => ({ ...task, Subject: SUBJECTS.after })),
  })
  assert.deepEqual(await sentBy(system, () => replay(context, system, corrected)), noWrites)
})

interface Difference {
  readonly effect: string
  readonly record: string
  readonly person: string
}

/** The differences that it printed, without occurrences that cannot be changed, and tasks of people whom Salesforce does not know. */
const dryRun = async (
  context: TestContext,
  { settings }: System,
  folder?: string,
): Promise<{ readonly code: number | null; readonly differences: readonly Difference[] }> => {
  const args = ['replay', 'webinar-contact', '--from', '1d', '--dry-run', '--json']
  const { code, stdout, stderr } = await runProgram(context, args, settings, folder)
  assert.notEqual(code, 1, stderr)
  const { differences } = JSON.parse(stdout) as { differences: readonly Difference[] }
  return { code, differences: differences.filter(({ effect }) => effect !== 'immutable' && effect !== 'skip') }
}

/** Resolves when the sinks are done with what it asked for. */
const replay = async (context: TestContext, { settings, cluster }: System, folder?: string): Promise<void> => {
  const args = ['replay', 'webinar-contact', '--from', '1d', '--rate', '0', '--json']
  const { code, stdout, stderr } = await runProgram(context, args, settings, folder)
  assert.equal(code, 0, stderr)
  const { published } = JSON.parse(stdout) as { published: Readonly<Record<string, number>> }
  const { writes = [] } = pipeline.consumers.find(({ name }) => name === 'webinar-contact') ?? {}
  const sinks = pipeline.sinks.filter(({ reads }) => writes.some(to => to.kind === 'object' && to.topic === reads))
  assert.equal(sinks.length, 4)
  for (const { replays } of sinks)
    assert.ok((published[replays.name] ?? 0) > 0, `it asked for writes on ${replays.name}`)
  await cluster.quiet()
}

interface Sent {
  readonly hubspot: readonly LoggedRequest[]
  readonly salesforce: readonly LoggedRequest[]
}

const noWrites: Sent = { hubspot: [], salesforce: [] }

/** Requests that write, which the vendors got meanwhile. */
const sentBy = async ({ hubspot, salesforce }: System, work: () => Promise<void>): Promise<Sent> => {
  const writing = async (vendor: System['hubspot' | 'salesforce']): Promise<readonly LoggedRequest[]> =>
    (await vendor.requests()).filter(({ method, path }) => method !== 'GET' && !/\/(read|search|token)$/.test(path))
  const [toHubSpot, toSalesforce] = [await writing(hubspot), await writing(salesforce)]
  await work()
  return {
    hubspot: (await writing(hubspot)).slice(toHubSpot.length),
    salesforce: (await writing(salesforce)).slice(toSalesforce.length),
  }
}

/** External ids of all tasks in requests that upsert tasks; other requests are not expected. */
const taskKeys = (requests: readonly LoggedRequest[]): readonly unknown[] =>
  requests
    .flatMap(({ path, body }) => {
      assert.match(path, /\/composite\/sobjects\/Task\/Tributary_Id__c/)
      return (body as { records: readonly Readonly<Record<string, unknown>>[] }).records
    })
    .map(record => record['Tributary_Id__c'])
    .toSorted()
