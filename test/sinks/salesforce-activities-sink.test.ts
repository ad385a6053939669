import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { systemClock } from '../../services/runtime/clock.ts'
import { delivering, type WriteFacts } from '../delivery/delivering.ts'
import { openOrg, paths, wholeActivity } from './salesforce-org.ts'

/** The Salesforce sink over Kafka in memory and an emulated org. */
const opened = async (context: TestContext) => {
  const org = await openOrg(context)
  const pause = { failuresToOpen: 5, firstPauseMs: 5, longestPauseMs: 50 }
  const settings = { retry: { firstMs: 5, longestMs: 50 }, pause }
  const harness = await delivering(() => org.destination, { clock: systemClock, settings })
  const running = await harness.start()
  context.after(() => running.close())
  const tasks = () => org.query('SELECT Id, Subject, Status, Tributary_Id__c FROM Task WHERE IsDeleted = false')
  return { ...harness, org, tasks }
}

const link = 'hubspot:task:5012'
const shared = (fields: WriteFacts['fields'], revision: number, facts: Partial<WriteFacts> = {}): WriteFacts => ({
  ...{ person: null, object: 'activity', key: link, fields, revision, ...facts },
})

describe('shared tasks on their way to Salesforce', () => {
  it('T7 only what changed is written, so that what a person edited there meanwhile stays', async context => {
    const { write, done, org, tasks, outcomes } = await opened(context)
    await write(shared(wholeActivity, 1, { id: 'made' }))
    await done()
    const [made] = await tasks()
    await org.call('PATCH', `/services/data/v60.0/sobjects/Task/${made?.['Id']}`, { Subject: 'Call Ada soon' })
    await write(shared({ Status: 'Completed' }, 2, { id: 'completed' }))
    await done()
    const requests = (await org.requests(paths.collections)).length
    await write(shared({ Status: 'Completed' }, 2, { id: 'again' }), shared(wholeActivity, 1, { id: 'late' }))
    await done()
    assert.equal((await org.requests(paths.collections)).length, requests)
    const { made: first, completed, again } = await outcomes()
    assert.deepEqual([first, completed, again], ['CREATED', 'APPLIED', 'UNCHANGED'])
    const [task, ...more] = await tasks()
    assert.deepEqual([task?.['Subject'], task?.['Status'], more], ['Call Ada soon', 'Completed', []])
  })

  it('T8 one that a person deleted is skipped until it shall be there again', async context => {
    const { write, done, org, tasks, receipts } = await opened(context)
    await write(shared(wholeActivity, 1))
    await done()
    await org.remove('Task', String((await tasks())[0]?.['Id']))
    await write(shared({ Status: 'Completed' }, 2, { id: 'late' }))
    await done()
    const late = (await receipts()).find(({ writeId }) => writeId === 'late')
    assert.deepEqual([late?.outcome, late?.code], ['SKIPPED', 'SALESFORCE_TASK_DELETED'])
    await write(shared({ ...wholeActivity, Status: 'Completed' }, 3))
    await done()
    const [anew, ...more] = await tasks()
    assert.deepEqual([anew?.['Status'], anew?.['Tributary_Id__c'], more], ['Completed', link, []])
  })

  it('T8 K7 one whose first write was refused is made once its letters are retried, with the newest values', async context => {
    const { write, done, org, tasks, deadLetters } = await opened(context)
    const statusCode = 'FIELD_CUSTOM_VALIDATION_EXCEPTION'
    await org.call('POST', '/_sandbox/rows', { externalId: link, statusCode, message: 'Tasks need a type' })
    const [first, change] = [shared(wholeActivity, 1), shared({ Status: 'Completed', Priority: 'Low' }, 2)]
    await write(first)
    await done()
    await write(change)
    await done()
    const codes = (await deadLetters()).map(({ headers }) => String(headers['error.code']))
    assert.deepEqual(codes, [statusCode, 'SALESFORCE_TASK_NOT_MADE'])
    assert.deepEqual(await tasks(), [])
    await write(first)
    await done()
    assert.deepEqual(
      (await tasks()).map(({ Status }) => Status),
      ['Not Started'],
    )
    await write(change, first)
    await done()
    const [task, ...more] = await tasks()
    assert.deepEqual([task?.['Subject'], task?.['Status'], more], ['Call Ada', 'Completed', []])
  })

  it('T7 T8 deletions, locks and lost answers come through, and nothing is there twice', async context => {
    const { write, done, org, tasks, deadLetters } = await opened(context)
    await org.disturb(paths.collections, 'reset-after-apply', 2)
    await org.call('POST', '/_sandbox/rows', { externalId: link, times: 2 })
    await write(shared(wholeActivity, 1), shared(wholeActivity, 1, { key: 'hubspot:call:7' }))
    await done()
    assert.equal((await tasks()).length, 2)
    await org.disturb(paths.collections, 'reset-after-apply')
    await write(shared({ IsDeleted: true }, 2))
    await done()
    assert.deepEqual(
      (await tasks()).map(task => task['Tributary_Id__c']),
      ['hubspot:call:7'],
    )
    await write(shared({ ...wholeActivity, Subject: 'Again' }, 3))
    await done()
    assert.deepEqual(new Set((await tasks()).map(({ Subject }) => Subject)), new Set(['Again', 'Call Ada']))
    const writes: { operation: string; object: string }[] = await org.call('GET', '/_sandbox/writes')
    assert.equal(writes.filter(({ operation, object }) => operation === 'create' && object === 'Task').length, 3)
    assert.deepEqual(await deadLetters(), [])
  })

  it('K3 T8 what meets the limit of requests waits, and nothing of it is set aside', async context => {
    const { write, done, org, tasks, outcomes, deadLetters } = await opened(context)
    const used = [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]
    await org.disturb(paths.collections, { status: 403, body: used }, 2)
    await write(shared(wholeActivity, 1, { id: 'made' }))
    await done()
    await org.disturb(paths.query, { status: 403, body: used }, 2)
    await write(shared({ Status: 'Completed' }, 2, { id: 'changed' }))
    await done()
    assert.deepEqual(await outcomes(), { made: 'CREATED', changed: 'APPLIED' })
    assert.deepEqual(
      (await tasks()).map(({ Status }) => Status),
      ['Completed'],
    )
    assert.deepEqual(await deadLetters(), [])
  })

  it('T6 T8 what was left out is told by the receipt', async context => {
    const { write, done, receipts } = await opened(context)
    const lost = { OwnerId: 'never@example.com', WhoId: '003000000000009AAA', Subject: 'x'.repeat(256) }
    await write(shared({ ...wholeActivity, ...lost }, 1, { id: 'made' }))
    await done()
    const made = (await receipts()).find(({ writeId }) => writeId === 'made')
    assert.deepEqual(made?.adjustments.toSorted(), ['OWNER_UNKNOWN', 'SUBJECT_CUT', 'WHO_GONE'])
  })
})
