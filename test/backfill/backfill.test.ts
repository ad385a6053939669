import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Task } from '../../schemas/generated.ts'
import { countBackfill } from '../../services/backfill/backfill.ts'
import { startTelling } from './telling.ts'

const recordsOf = (told: readonly Task[]): readonly string[] => told.map(({ record }) => record)
const unique = (told: readonly Task[]): number => new Set(recordsOf(told)).size

describe('the backfill of tasks', () => {
  it('T2 tells more tasks than HubSpot gives of a search, all modified at the same time, each once', async context => {
    const { backfill, told, addTasks } = await startTelling(context)
    await addTasks(10_001)
    const { parts } = await backfill({ from: 'hubspot' })
    const [part] = parts
    assert.deepEqual([part?.read, part?.total, part?.done], [10_001, 10_001, true])
    const events = await told()
    assert.equal(unique(events), events.length)
    assert.deepEqual([events.length, part?.passedOver], [10_001, {}])
    assert.equal(new Set(events.map(({ occurredAt }) => occurredAt)).size, 1)
  })

  it('T2 tells the tasks of Salesforce page by page, but for those that are not shared and those that are deleted', async context => {
    const { backfill, told, org, addSalesforceTasks } = await startTelling(context, {
      salesforce: { queryPageSize: 200 },
    })
    await addSalesforceTasks(450)
    await addSalesforceTasks(1, { Tributary_Id__c: '81234567890:ada@example.com' })
    await addSalesforceTasks(1, { Tributary_Id__c: 'hubspot:task:5012', Subject: 'Copy' })
    await org.remove('Task', await org.add('Task', { Subject: 'Gone' }))
    const { parts } = await backfill({ from: 'salesforce' })
    assert.deepEqual(
      parts.map(({ read, told: toldNow, passedOver }) => [read, toldNow, passedOver]),
      [[452, 451, { 'not-shared': 1 }]],
    )
    const events = await told()
    assert.equal(unique(events), 451)
    const copies = events.filter(({ fields }) => fields['Subject'] === 'Copy')
    assert.deepEqual(
      copies.map(({ link, ours }) => [link, ours]),
      [['hubspot:task:5012', true]],
    )
  })

  it('T2 goes on after a crash with what was not told, and begins anew when it is told to', async context => {
    const { backfill, told, addTasks, addSalesforceTasks } = await startTelling(context)
    await addTasks(130)
    await addSalesforceTasks(3)
    let batches = 0
    const crash = backfill({
      reader: own => ({
        ...own,
        activities: (...asked) => {
          batches += 1
          if (batches === 3) throw new Error('kill -9')
          return own.activities(...asked)
        },
      }),
    })
    await assert.rejects(crash, { message: 'kill -9' })
    assert.equal((await told()).length, 100)
    const again = await backfill()
    assert.equal(again.resumed, true)
    assert.deepEqual(
      again.parts.map(({ read, total, told: toldNow, done }) => [read, total, toldNow, done]),
      [
        [130, 130, 30, true],
        [3, 3, 3, true],
      ],
    )
    const events = await told()
    assert.deepEqual([events.length, unique(events)], [133, 133])
    const third = await backfill()
    assert.deepEqual([third.resumed, third.parts[0]?.told], [false, 130])
  })

  it('T2 ends between two chunks when it is interrupted; the same command goes on, another or --restart begins anew', async context => {
    const { backfill, addTasks } = await startTelling(context)
    await addTasks(130)
    const interrupted = async (): Promise<void> => {
      const stopping = new AbortController()
      const onProgress = (): void => stopping.abort()
      const ended = await backfill({ from: 'hubspot', signal: stopping.signal, onProgress, restart: true })
      assert.deepEqual([ended.interrupted, ended.parts[0]?.read, ended.parts[0]?.done], [true, 50, false])
    }
    await interrupted()
    assert.deepEqual((await backfill({ from: 'hubspot' })).parts[0]?.told, 80)
    await interrupted()
    const anew = await backfill({ from: 'hubspot', restart: true })
    assert.deepEqual([anew.resumed, anew.parts[0]?.told], [false, 130])
    await interrupted()
    const other = await backfill({ from: 'hubspot', since: 0 })
    assert.deepEqual([other.resumed, other.parts[0]?.told], [false, 130])
  })

  it('T2 reads only what was modified since, of HubSpot and of Salesforce', async context => {
    const { backfill, told, clock, addTasks, addSalesforceTasks } = await startTelling(context)
    await addTasks(3)
    await addSalesforceTasks(3)
    clock.advance(3_600_000)
    const since = clock.now()
    await addTasks(2)
    await addSalesforceTasks(1)
    await backfill({ since })
    assert.deepEqual((await told()).map(({ system }) => system).toSorted(), ['HUBSPOT', 'HUBSPOT', 'SALESFORCE'])
  })

  it('T2 T3 tells the activities of HubSpot that are taken, and no others', async context => {
    const { backfill, told, account } = await startTelling(context)
    for (const path of ['calls', 'notes']) {
      const properties = { hs_timestamp: '2026-03-01T09:00:00Z' }
      await account.call('POST', `/crm/v3/objects/${path}`, { properties, associations: [] })
    }
    await backfill({ activities: ['call'] })
    assert.deepEqual(
      (await told()).map(({ activity }) => activity),
      ['CALL'],
    )
  })

  it('T2 tells no more in a second than it may, and says how far it is', async context => {
    const { backfill, clock, addTasks } = await startTelling(context)
    await addTasks(500)
    const began = clock.now()
    const shown: number[] = []
    await backfill({ from: 'hubspot', rate: 10, onProgress: ({ read }) => shown.push(read) })
    assert.ok(clock.now() - began >= 45_000, `it took ${clock.now() - began} ms`)
    assert.deepEqual([...new Set(shown)], [50, 100, 150, 200, 250, 300, 350, 400, 450, 500])
  })

  it('T2 waits while the services behind it have enough to do', async context => {
    const { backfill, told, addTasks } = await startTelling(context, { reads: false })
    await addTasks(1_000)
    const stopping = new AbortController()
    let waits = 0
    const ended = await backfill({
      from: 'hubspot',
      signal: stopping.signal,
      onProgress: ({ waitsFor }) => {
        if (!waitsFor) return
        assert.deepEqual([waitsFor.name, waitsFor.records > 500], ['task-links', true])
        waits += 1
        if (waits === 5) stopping.abort()
      },
    })
    assert.deepEqual([ended.interrupted, (await told()).length], [true, 550])
  })

  it('T2 T8 tells no task of Salesforce while the org hides what links it, and those of HubSpot all the same', async context => {
    const { backfill, told, addTasks, addSalesforceTasks } = await startTelling(context, {
      salesforce: { tributaryField: false },
    })
    await addTasks(1)
    await addSalesforceTasks(1)
    const { parts } = await backfill()
    assert.deepEqual(
      parts.map(({ done, problem }) => [done, problem?.code]),
      [
        [true, undefined],
        [false, 'SALESFORCE_TASK_FIELDS'],
      ],
    )
    assert.deepEqual(
      (await told()).map(({ system }) => system),
      ['HUBSPOT'],
    )
  })

  it('T2 leaves the requests of an org to live traffic when they become scarce', async context => {
    const { backfill, addSalesforceTasks } = await startTelling(context, {
      salesforce: { dailyCalls: 20, queryPageSize: 200 },
    })
    await addSalesforceTasks(3_000)
    const { parts } = await backfill({ from: 'salesforce' })
    assert.equal(parts[0]?.problem?.code, 'SALESFORCE_ALLOWANCE_SCARCE')
    assert.ok((parts[0]?.read ?? 0) > 0)
  })

  it('T2 counts and tells nothing when only asked how many there are', async context => {
    const { using, parts, told, addTasks, addSalesforceTasks } = await startTelling(context)
    await addTasks(3)
    await addSalesforceTasks(2)
    const { signal } = new AbortController()
    const counted = await countBackfill(using, { parts: parts(), since: null, restart: false, signal })
    assert.deepEqual(counted, {
      resumed: false,
      parts: [
        { name: 'tasks of HubSpot', left: 3 },
        { name: 'tasks of Salesforce', left: 2 },
      ],
    })
    assert.deepEqual(await told(), [])
  })
})
