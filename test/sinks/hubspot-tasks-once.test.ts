import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StandaloneResult } from '../../services/delivery/destination.ts'
import type { Clock } from '../../services/runtime/clock.ts'
import { VirtualClock } from '../delivery/delivering.ts'
import { disturb, opened as openedSink, requestsOf, tenfold } from './hubspot-sink.ts'
import { foreign, openTasks, signal, told, whole } from './hubspot-tasks-here.ts'

const shownAfterMs = 4_000
const searchLagMs = 10_000

/** A portal in which tasks can only be searched by what links them, and searches show a write after some seconds of a clock that the test moves. */
const lagging = async (...[context]: Parameters<typeof openTasks>) => {
  const virtual = new VirtualClock()
  const clock: Clock = { now: () => virtual.now(), sleep: (ms, signal) => virtual.sleep(ms, signal) }
  const sandbox = { uniqueActivityProperties: false, searchLagMs: shownAfterMs }
  const all = await openTasks(context, { sandbox, clock, searchLagMs })
  assert.equal((await all.destination.prepare(signal)).kind, 'ready')
  return { ...all, clock: virtual }
}

const waitedFor = ([result]: readonly StandaloneResult[]): number => {
  assert.ok(result?.kind === 'retry')
  assert.deepEqual([result.code, result.limited], ['HUBSPOT_SEARCH_LAGS', true])
  return result.afterMs ?? 0
}

describe('a task whose first write HubSpot refused', () => {
  it('T8 K7 is made once its letters are retried, with the newest values', async context => {
    const { account, write, done, deadLetters } = await openedSink(context, { sink: 'hubspot-tasks', clock: tenfold })
    const shared = { person: null, object: 'task', key: foreign(1) }
    const first = { ...shared, fields: whole, revision: 1 }
    const change = { ...shared, fields: { hs_task_status: 'COMPLETED' }, revision: 2 }
    const tasks = async () => (await account.call('GET', '/_sandbox/state')).body.tasks
    const body = { category: 'VALIDATION_ERROR', message: 'A property is required.' }
    await disturb(account, '/crm/v3/objects/tasks/batch/upsert', { status: 400, body })
    await write(first)
    await done()
    await write(change)
    await done()
    const codes = (await deadLetters()).map(({ headers }) => String(headers['error.code']))
    assert.deepEqual(codes, ['VALIDATION_ERROR', 'HUBSPOT_TASK_NOT_MADE'])
    assert.deepEqual(await tasks(), [])
    await write(change, first)
    await done()
    const [{ properties }, ...more] = await tasks()
    assert.deepEqual([properties.hs_task_subject, properties.hs_task_status, more], ['Call back', 'COMPLETED', []])
  })
})

describe('a task is made once in HubSpot', () => {
  it('T7 K4 although the answer was lost, where what links it is unique', async context => {
    const { destination, put, account, tasks, another } = await openTasks(context)
    await destination.prepare(signal)
    await disturb(account, '/crm/v3/objects/tasks/batch/upsert', 'reset-after-apply')
    assert.deepEqual(told(await put([foreign(1), whole])), ['HUBSPOT_UNREACHABLE'])
    assert.deepEqual(told(await (await another())([foreign(1), whole])), ['put'])
    assert.deepEqual(told(await put([foreign(1), whole])), ['put'])
    assert.equal((await tasks()).length, 1)
  })

  it('T7 K4 although the answer was lost, where searches show it late', async context => {
    const { put, account, tasks, clock } = await lagging(context)
    clock.advance(searchLagMs)
    await disturb(account, '/crm/v3/objects/tasks/batch/create', 'reset-after-apply')
    assert.deepEqual(told(await put([foreign(1), whole])), ['HUBSPOT_UNREACHABLE'])
    assert.equal(waitedFor(await put([foreign(1), whole])), searchLagMs)
    clock.advance(shownAfterMs)
    const [found] = await put([foreign(1), whole])
    assert.ok(found?.kind === 'put' && !found.created)
    assert.deepEqual(told(await put([foreign(1), { hs_task_status: 'WAITING' }, true])), ['put'])
    assert.deepEqual(
      (await tasks()).map(({ properties }) => properties['hs_task_status']),
      ['WAITING'],
    )
  })

  it('T7 K4 when nothing came of it, after the time in which searches would have shown it', async context => {
    const { put, account, tasks, clock } = await lagging(context)
    clock.advance(searchLagMs)
    await disturb(account, '/crm/v3/objects/tasks/batch/create', 'reset')
    assert.deepEqual(told(await put([foreign(1), whole])), ['HUBSPOT_UNREACHABLE'])
    clock.advance(searchLagMs - 1)
    assert.equal(waitedFor(await put([foreign(1), whole])), 1)
    clock.advance(1)
    assert.deepEqual(told(await put([foreign(1), whole])), ['put'])
    assert.equal((await tasks()).length, 1)
  })

  it('T7 at once when HubSpot said that it did not make it', async context => {
    const { put, account, tasks, clock } = await lagging(context)
    clock.advance(searchLagMs)
    const headers = { 'retry-after': '0' }
    await disturb(account, '/crm/v3/objects/tasks/batch/create', { status: 429, headers, body: {} })
    assert.deepEqual(told(await put([foreign(1), whole])), ['HUBSPOT_RATE_LIMIT'])
    clock.advance(1_000)
    assert.deepEqual(told(await put([foreign(1), whole])), ['put'])
    assert.equal((await tasks()).length, 1)
  })

  it('T7 K4 although the process that made it died at once, and another goes on', async context => {
    const { put, tasks, another, clock } = await lagging(context)
    clock.advance(searchLagMs)
    await put([foreign(1), whole])
    const putThere = await another()
    assert.equal(waitedFor(await putThere([foreign(1), whole])), searchLagMs)
    assert.equal(waitedFor(await putThere([foreign(1), { hs_task_status: 'WAITING' }, true])), searchLagMs)
    clock.advance(searchLagMs)
    assert.deepEqual(told(await putThere([foreign(1), whole])), ['put'])
    assert.equal((await tasks()).length, 1)
  })

  it('T7 and is changed, deleted and made anew before searches show any of it', async context => {
    const { put, tasks, clock } = await lagging(context)
    clock.advance(searchLagMs)
    for (const [afterMs, fields, known] of [
      [100, whole, false],
      [100, { hs_task_status: 'WAITING' }, true],
      [100, { deleted: true }, true],
      [100, whole, true],
      [searchLagMs, { deleted: true }, true],
      [100, whole, true],
      [100, { hs_task_priority: 'LOW' }, true],
    ] as const) {
      clock.advance(afterMs)
      assert.deepEqual(told(await put([foreign(1), fields, known])), ['put'])
    }
    const [only, ...others] = await tasks()
    assert.deepEqual([only?.properties['hs_task_priority'], others], ['LOW', []])
  })

  it('T7 and goes on as the oldest when somebody cloned it', async context => {
    const { put, account, tasks, clock } = await lagging(context)
    clock.advance(searchLagMs)
    const [made] = await put([foreign(1), whole])
    assert.ok(made?.kind === 'put')
    const properties = { hs_timestamp: '2026-03-04T15:00:00Z', tributary_id: foreign(1) }
    await account.call('POST', '/crm/v3/objects/tasks', { properties })
    clock.advance(searchLagMs)
    const [changed] = await put([foreign(1), { hs_task_status: 'WAITING' }, true])
    assert.ok(changed?.kind === 'put' && changed.record === made.record)
    assert.equal((await tasks()).length, 2)
  })

  it('T7 and searches for many stay as short as HubSpot takes them', async context => {
    const { put, account, tasks, task, clock } = await lagging(context)
    clock.advance(searchLagMs)
    const all = Array.from({ length: task.batchSize }, (_, n): [string, typeof whole] => [foreign(n), whole])
    assert.ok((await put(...all)).every(({ kind }) => kind === 'put'))
    clock.advance(searchLagMs)
    assert.ok((await put(...all)).every(({ kind }) => kind === 'put'))
    assert.equal((await tasks()).length, task.batchSize)
    const searches = (await requestsOf(account)).filter(({ path }) => path.endsWith('/tasks/search'))
    assert.ok(searches.length > 2 && searches.every(({ status }) => status === 200))
  })

  for (const isUnique of [true, false]) {
    it(`T7 K4 by the sink, whatever answers are lost: ${isUnique ? 'unique' : 'found by searches'}`, async context => {
      const { account, write, done } = await openedSink(context, {
        sink: 'hubspot-tasks',
        clock: tenfold,
        sandbox: { uniqueActivityProperties: isUnique, searchLagMs: shownAfterMs },
      })
      const path = `/crm/v3/objects/tasks/batch/${isUnique ? 'upsert' : 'create'}`
      await disturb(account, path, 'reset-after-apply', 2)
      for (let number = 0; number < 3; number++)
        await write({ person: null, object: 'task', key: foreign(number), fields: whole })
      await done()
      const { tasks } = (await account.call('GET', '/_sandbox/state')).body
      assert.deepEqual(
        tasks.map(({ properties }: { properties: Record<string, string> }) => properties['tributary_id']).toSorted(),
        [foreign(0), foreign(1), foreign(2)],
      )
    })
  }
})
