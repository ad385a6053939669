import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { disturb, requestsOf } from './hubspot-sink.ts'
import { addTask, foreign, openTasks, signal, told, whole } from './hubspot-tasks-here.ts'

const opened = async (...given: Parameters<typeof openTasks>) => {
  const all = await openTasks(...given)
  assert.equal((await all.destination.prepare(signal)).kind, 'ready')
  return all
}

describe('tasks in HubSpot', () => {
  it('T1 T8 are made with what links them, and found by it again', async context => {
    const { put, taskWith } = await opened(context)
    const [made] = await put([foreign(1), whole])
    assert.ok(made?.kind === 'put' && made.created)
    const [changed] = await put([foreign(1), { hs_task_status: 'COMPLETED' }, true])
    assert.ok(changed?.kind === 'put' && !changed.created)
    const { id, properties } = await taskWith('tributary_id', foreign(1))
    assert.deepEqual([made.record, changed.record], [id, id])
    assert.equal(properties['hs_task_status'], 'COMPLETED')
    assert.equal(properties['hs_task_subject'], 'Call back')
  })

  it('T8 that were made in HubSpot are known by their ids, and are given no link', async context => {
    const { put, account, tasks } = await opened(context)
    const id = await addTask(account, { hs_task_subject: 'Of HubSpot' })
    const [result] = await put([`hubspot:task:${id}`, { hs_task_status: 'COMPLETED' }])
    assert.ok(result?.kind === 'put' && result.record === id && !result.created)
    const [own, ...others] = await tasks()
    assert.deepEqual([own?.properties['hs_task_status'], others], ['COMPLETED', []])
    assert.ok(!own?.properties['tributary_id'])
  })

  it('T1 T8 that somebody deleted are not made again by a change, wherever they were made', async context => {
    const { put, account, taskWith, tasks } = await opened(context)
    await put([foreign(1), whole])
    const own = await addTask(account, {})
    const copy = (await taskWith('tributary_id', foreign(1))).id
    for (const id of [own, copy]) await account.call('DELETE', `/crm/v3/objects/tasks/${id}`)
    const changed = { hs_task_status: 'COMPLETED' }
    const inputs = [[foreign(1), changed, true] as const, [`hubspot:task:${own}`, changed] as const]
    const deleted = 'HUBSPOT_TASK_DELETED'
    assert.deepEqual(told(await put(...inputs, [foreign(2), whole])), ['HUBSPOT_RESULT_MISSING', deleted, 'put'])
    assert.deepEqual(told(await put(...inputs)), [deleted, deleted])
    assert.equal((await tasks()).length, 1)
  })

  it('T8 whose first write was refused are not made by a change, but once all is there', async context => {
    const { put, taskWith, tasks } = await opened(context)
    const changed = { hs_task_status: 'COMPLETED' }
    assert.deepEqual(told(await put([foreign(1), changed])), ['HUBSPOT_TASK_NOT_MADE'])
    assert.deepEqual(await tasks(), [])
    assert.deepEqual(told(await put([foreign(1), whole])), ['put'])
    assert.deepEqual(told(await put([foreign(1), changed])), ['put'])
    const { properties } = await taskWith('tributary_id', foreign(1))
    assert.deepEqual([properties['hs_task_subject'], properties['hs_task_status']], ['Call back', 'COMPLETED'])
  })

  it('T8 that were deleted are made anew by a write that says so, and keep their link', async context => {
    const { put, account, taskWith, tasks } = await opened(context)
    const own = await addTask(account, {})
    await account.call('DELETE', `/crm/v3/objects/tasks/${own}`)
    const link = `hubspot:task:${own}`
    assert.deepEqual(told(await put([link, whole, true])), ['put'])
    assert.deepEqual(told(await put([link, { hs_task_status: 'COMPLETED' }, true])), ['put'])
    const { id, properties } = await taskWith('tributary_id', link)
    assert.notEqual(id, own)
    assert.equal(properties['hs_task_status'], 'COMPLETED')
    assert.deepEqual(told(await put([link, { deleted: true }, true])), ['put'])
    assert.deepEqual(await tasks(), [])
  })

  it('T1 are deleted, and one that is not there is done', async context => {
    const { put, account, tasks } = await opened(context)
    await put([foreign(1), whole], [foreign(2), whole])
    const own = await addTask(account, {})
    const deletions = [foreign(1), foreign(3), `hubspot:task:${own}`, 'hubspot:task:999999999']
    const results = await put(
      ...deletions.map((key): [string, { deleted: true }, true] => [key, { deleted: true }, true]),
    )
    assert.deepEqual(told(results), ['put', 'put', 'put', 'put'])
    assert.deepEqual(
      (await tasks()).map(({ properties }) => properties['tributary_id']),
      [foreign(2)],
    )
    assert.deepEqual(told(await put([foreign(1), { deleted: true }, true])), ['put'])
  })

  it('T1 are written a hundred at a time, the unfit alone refused', async context => {
    const { put, account, tasks, task } = await opened(context)
    const inputs = Array.from({ length: task.batchSize }, (_, n): [string, typeof whole] => [foreign(n), whole])
    inputs[7] = [foreign(7), { ...whole, hs_task_type: 'poison-value' }]
    const before = (await requestsOf(account)).length
    const results = await put(...inputs)
    assert.deepEqual(
      results.flatMap(({ kind }, index) => (kind === 'put' ? [] : [[index, kind]])),
      [[7, 'rejected']],
    )
    assert.ok(!JSON.stringify(results).includes('poison-value'))
    assert.equal((await tasks()).length, task.batchSize - 1)
    const paths = (await requestsOf(account)).slice(before).map(({ path }) => path.split('?')[0])
    assert.deepEqual(paths, ['/crm/v3/objects/tasks/batch/read', '/crm/v3/objects/tasks/batch/upsert'])
  })

  it('T1 fail each for itself when HubSpot refuses them all because of one', async context => {
    const { put, account, tasks } = await opened(context)
    const body = { category: 'VALIDATION_ERROR', message: 'One of them.' }
    await disturb(account, '/crm/v3/objects/tasks/batch/upsert', { status: 400, body }, 2)
    const results = await put([foreign(1), whole], [foreign(2), whole], [foreign(3), whole])
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ['put', 'put', 'put'],
    )
    assert.equal((await tasks()).length, 3)
  })

  it('T1 that two keys mean are written one after the other', async context => {
    const { put, account, taskWith } = await opened(context)
    await put([foreign(1), whole])
    const { id } = await taskWith('tributary_id', foreign(1))
    const results = await put(
      [`hubspot:task:${id}`, { hs_task_subject: 'One' }],
      [foreign(1), { hs_task_priority: 'LOW' }, true],
    )
    assert.deepEqual(told(results), ['put', 'put'])
    const { properties } = await taskWith('tributary_id', foreign(1))
    assert.deepEqual([properties['hs_task_subject'], properties['hs_task_priority']], ['One', 'LOW'])
    const sent = (await requestsOf(account)).filter(({ path }) => path.startsWith('/crm/v3/objects/tasks/batch'))
    assert.ok(sent.every(({ status }) => status < 400))
  })

  it('T1 wait when HubSpot is busy, locks them or slows us down', async context => {
    const { put, account } = await opened(context)
    await put([foreign(1), whole])
    for (const [status, code] of [
      [423, 'HUBSPOT_LOCKED'],
      [429, 'HUBSPOT_RATE_LIMIT'],
      [502, 'HUBSPOT_502'],
    ] as const) {
      const headers = { 'retry-after': '0' }
      await disturb(account, '/crm/v3/objects/tasks/batch/update', { status, headers, body: {} })
      assert.deepEqual(told(await put([foreign(1), { hs_task_status: 'WAITING' }, true])), [code])
    }
  })

  it('T1 are written again when somebody deleted their property', async context => {
    const { put, account, tasks } = await opened(context)
    await put([foreign(1), whole])
    await account.call('DELETE', '/crm/v3/properties/tasks/tributary_id')
    assert.deepEqual(told(await put([foreign(2), whole])), ['put'])
    assert.equal((await tasks()).length, 2)
  })
})
