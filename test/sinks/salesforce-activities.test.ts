import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fitActivity } from '../../services/sinks/salesforce/activities/fitting.ts'
import { copy, kinds, madeBySales, onlyTaskIn, readActivities, tasksIn } from './salesforce-activities.ts'
import { activityOf, changeOf, openOrg, paths, putActivities, wholeActivity } from './salesforce-org.ts'

describe('tasks in Salesforce that are copies', () => {
  it('T3 T8 are made with their link, once, and changed by it afterwards', async context => {
    const org = await openOrg(context)
    const [made] = await putActivities(org, activityOf(copy))
    assert.ok(made?.kind === 'put')
    assert.equal(made.created, true)
    const [changed] = await putActivities(org, changeOf(copy, { Status: 'Completed', ActivityDate: null }))
    assert.ok(changed?.kind === 'put')
    assert.deepEqual([changed.created, changed.record], [false, made.record])
    assert.deepEqual(await onlyTaskIn(org), {
      ...{ Id: made.record, Subject: 'Call Ada', Status: 'Completed', Priority: 'High', Type: 'Call' },
      ...{ ActivityDate: null, Description: 'About the engine', WhatId: null, Tributary_Id__c: copy },
    })
  })

  it('T7 are not made twice when the connection was cut after they were made, nor changed twice', async context => {
    const org = await openOrg(context)
    await org.disturb(paths.collections, 'reset-after-apply')
    assert.deepEqual(kinds(await putActivities(org, activityOf(copy))), ['retry'])
    const [again] = await putActivities(org, { ...activityOf(copy), repeated: true })
    assert.equal(again?.kind === 'put' && again.created, false)
    await org.disturb(paths.collections, 'reset-after-apply')
    const change = changeOf(copy, { Status: 'Completed' })
    assert.deepEqual(kinds(await putActivities(org, change)), ['retry'])
    assert.deepEqual(kinds(await putActivities(org, { ...change, repeated: true })), ['put'])
    assert.equal((await onlyTaskIn(org))['Status'], 'Completed')
  })

  it('T8 that somebody deleted are not made anew of a few fields', async context => {
    const org = await openOrg(context)
    const [made] = await putActivities(org, activityOf(copy))
    await org.remove('Task', made?.kind === 'put' ? (made.record ?? '') : '')
    const [result] = await putActivities(org, changeOf(copy, { Status: 'Completed' }))
    assert.ok(result?.kind === 'skipped')
    assert.equal(result.code, 'SALESFORCE_TASK_DELETED')
    assert.deepEqual(await tasksIn(org), [])
  })

  it('T8 that somebody deleted are made anew of all fields, with the same link', async context => {
    const org = await openOrg(context)
    const [made] = await putActivities(org, activityOf(copy))
    await org.remove('Task', made?.kind === 'put' ? (made.record ?? '') : '')
    const [anew] = await putActivities(org, changeOf(copy, { ...wholeActivity, Subject: 'Again' }))
    assert.ok(anew?.kind === 'put' && made?.kind === 'put')
    assert.equal(anew.created, true)
    assert.notEqual(anew.record, made.record)
    const task = await onlyTaskIn(org)
    assert.deepEqual([task['Subject'], task['Tributary_Id__c']], ['Again', copy])
  })

  it('T8 whose first write was refused are not made of a few fields, but once all are there', async context => {
    const org = await openOrg(context)
    const change = { Status: 'Completed' }
    const [refused] = await putActivities(org, activityOf(copy, change))
    assert.equal(refused?.kind === 'rejected' && refused.code, 'SALESFORCE_TASK_NOT_MADE')
    assert.deepEqual(await tasksIn(org), [])
    assert.deepEqual(kinds(await putActivities(org, activityOf(copy))), ['put'])
    assert.deepEqual(kinds(await putActivities(org, activityOf(copy, change))), ['put'])
    const task = await onlyTaskIn(org)
    assert.deepEqual([task['Subject'], task['Status']], ['Call Ada', 'Completed'])
  })

  it('T8 that somebody deletes between the look-up and the change are skipped, too', async context => {
    let during = (): Promise<unknown> => Promise.resolve()
    const sleep = async (): Promise<void> => {
      await during()
    }
    const org = await openOrg(context, { sandbox: { clock: { now: Date.now, sleep } } })
    const [made] = await putActivities(org, activityOf(copy))
    during = () => org.remove('Task', made?.kind === 'put' ? (made.record ?? '') : '')
    await org.disturb(paths.collections, { delayMs: 1 })
    const [result] = await putActivities(org, changeOf(copy, { Status: 'Completed' }))
    assert.equal(result?.kind === 'skipped' && result.code, 'SALESFORCE_TASK_DELETED')
    assert.deepEqual(await tasksIn(org), [])
  })

  it('T1 are deleted, and one that is not there is done', async context => {
    const org = await openOrg(context)
    await putActivities(org, activityOf(copy))
    const gone = changeOf(copy, { IsDeleted: true })
    await org.disturb(paths.collections, 'reset-after-apply')
    assert.deepEqual(kinds(await putActivities(org, gone)), ['retry'])
    assert.deepEqual(await tasksIn(org), [])
    assert.deepEqual(kinds(await putActivities(org, { ...gone, repeated: true })), ['put'])
    assert.deepEqual(kinds(await putActivities(org, changeOf('hubspot:task:never', { IsDeleted: true }))), ['put'])
  })

  it('T8 that were deleted by us are made anew when they shall be there again', async context => {
    const org = await openOrg(context)
    await putActivities(org, activityOf(copy))
    await putActivities(org, changeOf(copy, { IsDeleted: true }))
    const [anew] = await putActivities(org, changeOf(copy, wholeActivity))
    assert.equal(anew?.kind === 'put' && anew.created, true)
    assert.equal((await onlyTaskIn(org))['Subject'], 'Call Ada')
  })

  it('T3 go by 200 in one request, and one more finds those of them that are there', async context => {
    const org = await openOrg(context)
    const keys = Array.from({ length: 200 }, (_, n) => `hubspot:call:${n}`)
    const results = await putActivities(
      org,
      ...keys.map((key, n) => activityOf(key, { ...wholeActivity, Status: n === 77 ? 'No such status' : 'Completed' })),
    )
    assert.deepEqual(
      results.flatMap(({ kind }, n) => (kind === 'put' ? [] : [[n, kind]])),
      [[77, 'rejected']],
    )
    assert.equal((await org.requests(paths.collections)).length, 1)
    assert.equal((await org.requests(paths.query)).length, 1)
    const there = keys.filter((_, n) => n !== 77)
    const changed = await putActivities(org, ...there.map(key => changeOf(key, { Priority: 'Low' })))
    assert.ok(changed.every(({ kind }) => kind === 'put'))
    assert.equal((await org.requests(paths.collections)).length, 2)
    assert.ok((await tasksIn(org)).every(({ Priority }) => Priority === 'Low'))
    const deleted = await putActivities(org, ...there.map(key => changeOf(key, { IsDeleted: true })))
    assert.ok(deleted.every(({ kind }) => kind === 'put'))
    assert.equal((await org.requests(paths.collections)).length, 3)
    assert.deepEqual(await tasksIn(org), [])
  })
})

describe('tasks that were made in Salesforce', () => {
  it('T1 T8 are changed by their ids, keep what is not written, and get no link', async context => {
    const org = await openOrg(context)
    const { id, key } = await madeBySales(org)
    const account = await org.add('Account', { Name: 'Analytical' })
    await org.call('PATCH', `/services/data/v60.0/sobjects/Task/${id}`, { WhatId: account })
    for (const _ of ['once', 'again']) {
      const [changed] = await putActivities(org, activityOf(key, { Status: 'Completed', Priority: 'Low' }))
      assert.ok(changed?.kind === 'put')
      assert.deepEqual([changed.created, changed.record], [false, id])
    }
    const task = await onlyTaskIn(org)
    assert.deepEqual([task['Status'], task['Priority']], ['Completed', 'Low'])
    assert.deepEqual([task['Subject'], task['Description'], task['WhatId']], ['Send the offer', 'by hand', account])
    assert.equal(task['Tributary_Id__c'], null)
  })

  it('T8 that were deleted are skipped, or made anew of all fields with the link, and then changed and deleted there', async context => {
    const org = await openOrg(context)
    const { id, key } = await madeBySales(org)
    await org.remove('Task', id)
    const change = changeOf(key, { Status: 'Completed' })
    const [skipped] = await putActivities(org, change)
    assert.equal(skipped?.kind === 'skipped' && skipped.code, 'SALESFORCE_TASK_DELETED')
    const [anew] = await putActivities(org, changeOf(key, wholeActivity))
    assert.ok(anew?.kind === 'put' && anew.created)
    assert.equal((await onlyTaskIn(org))['Tributary_Id__c'], key)
    const [changed] = await putActivities(org, change)
    assert.deepEqual(changed?.kind === 'put' && [changed.created, changed.record], [false, anew.record])
    assert.equal((await onlyTaskIn(org))['Status'], 'Completed')
    const [deleted] = await putActivities(org, changeOf(key, { IsDeleted: true }))
    assert.equal(deleted?.kind === 'put' && deleted.record, anew.record)
    assert.deepEqual(await tasksIn(org), [])
  })

  for (const statusCode of ['ENTITY_IS_DELETED', 'NOT_FOUND', 'INVALID_CROSS_REFERENCE_KEY']) {
    const message = 'it is gone'

    it(`T8 are gone when Salesforce says ${statusCode} and does not have them`, async context => {
      const org = await openOrg(context)
      const { id, key } = await madeBySales(org)
      await org.remove('Task', id)
      await org.call('POST', '/_sandbox/rows', { id, statusCode, message, times: 2 })
      const writes = [changeOf(key, { Status: 'Completed' }), activityOf(copy)]
      assert.deepEqual(kinds(await putActivities(org, ...writes)), ['skipped', 'put'])
      assert.deepEqual(kinds(await putActivities(org, changeOf(key, { IsDeleted: true }))), ['put'])
    })

    it(`T8 are not gone when Salesforce says ${statusCode} of something else`, async context => {
      const org = await openOrg(context)
      const { id, key } = await madeBySales(org)
      await org.call('POST', '/_sandbox/rows', { id, statusCode, message })
      const [result] = await putActivities(org, changeOf(key, { Status: 'Completed' }))
      assert.ok(result?.kind === 'retry' || result?.kind === 'rejected')
      assert.equal(result.code, statusCode)
    })
  }

  it('T8 that never were are skipped', async context => {
    const org = await openOrg(context)
    const never = 'salesforce:task:00T000000000009EAA'
    assert.deepEqual(kinds(await putActivities(org, changeOf(never, { Status: 'Completed' }))), ['skipped'])
  })

  it('T1 are deleted by their ids, and a repetition is done', async context => {
    const org = await openOrg(context)
    const { id, key } = await madeBySales(org)
    const [deleted] = await putActivities(org, changeOf(key, { IsDeleted: true }))
    assert.equal(deleted?.kind === 'put' && deleted.record, id)
    assert.deepEqual(await tasksIn(org), [])
    const never = 'salesforce:task:00T000000000009EAA'
    const again = [changeOf(key, { IsDeleted: true }), changeOf(never, { IsDeleted: true })]
    assert.deepEqual(kinds(await putActivities(org, ...again)), ['put', 'put'])
  })

  it('are refused when the key holds no id', async context => {
    const org = await openOrg(context)
    const [result] = await putActivities(org, activityOf('salesforce:task:x'))
    assert.equal(result?.kind === 'rejected' && result.code, 'SALESFORCE_TASK_ID')
    assert.deepEqual(await tasksIn(org), [])
  })
})

describe('texts of shared tasks', () => {
  it('T1 are cut as Salesforce needs them, which the receipt tells', () => {
    const long = { Subject: 'x'.repeat(300), Description: 'y'.repeat(40_000), Status: 'Completed' }
    const { fields, adjustments } = fitActivity(long)
    assert.deepEqual(adjustments, ['SUBJECT_CUT', 'DESCRIPTION_CUT'])
    assert.deepEqual([String(fields['Subject']).length, String(fields['Description']).length], [255, 32_000])
    assert.deepEqual(fitActivity(wholeActivity), { fields: wholeActivity, adjustments: [] })
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), Subject => {
        const fitted = fitActivity({ Subject })
        const again = fitActivity(fitted.fields)
        assert.deepEqual(again, { fields: fitted.fields, adjustments: [] })
        assert.equal(fitted.adjustments.length > 0, fitted.fields['Subject'] !== Subject)
      }),
    )
  })
})

describe('shared tasks as a dry run reads them', () => {
  it('K5 are found by id or link, and told as they are written', async context => {
    const org = await openOrg(context)
    const { key } = await madeBySales(org)
    const rep = { Username: 'rep@example.com', Email: 'Rep@Example.com', LastName: 'Rep' }
    await org.add('User', rep)
    const who = await org.add('Contact', { LastName: 'Lovelace' })
    await putActivities(org, activityOf(copy, { ...wholeActivity, OwnerId: 'rep@example.com', WhoId: who }))
    const names = ['Subject', 'OwnerId', 'WhoId', 'IsDeleted']
    const results = await readActivities(org, [key, 'hubspot:task:never', copy], names)
    assert.deepEqual(
      results.map(result => (result.kind === 'held' ? result.fields : result.kind)),
      [
        { Subject: 'Send the offer', OwnerId: null, WhoId: null, IsDeleted: false },
        'missing',
        { Subject: 'Call Ada', OwnerId: 'Rep@Example.com', WhoId: who, IsDeleted: false },
      ],
    )
  })

  it('K5 of Salesforce that were made anew are found by their link', async context => {
    const org = await openOrg(context)
    const { id, key } = await madeBySales(org)
    await org.remove('Task', id)
    const missing = await readActivities(org, [key], ['Subject'])
    assert.deepEqual(
      missing.map(({ kind }) => kind),
      ['missing'],
    )
    await putActivities(org, changeOf(key, wholeActivity))
    const [held] = await readActivities(org, [key], ['Subject'])
    assert.deepEqual(held?.kind === 'held' && held.fields, { Subject: 'Call Ada' })
  })

  it('K5 tell that they could not be read', async context => {
    const org = await openOrg(context)
    await org.disturb(paths.query, 'reset')
    const results = await readActivities(org, [copy], ['Subject'])
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ['retry'],
    )
  })
})
