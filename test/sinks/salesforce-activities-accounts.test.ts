import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { adjustmentsOf, readActivities } from './salesforce-activities.ts'
import { activityOf, changeOf, type Org, openOrg, paths, putActivities, wholeActivity } from './salesforce-org.ts'

const key = (number: number): string => `hubspot:task:${number}`
const relating = (WhatId: string | null, fields: object = {}) => ({ ...wholeActivity, ...fields, WhatId })
const byId = (id: string): string => `salesforce:account:${id}`

const whatOf = async (org: Org, number = 1) => {
  const [task] = await org.query(
    `SELECT WhatId FROM Task WHERE IsDeleted = false AND Tributary_Id__c = '${key(number)}'`,
  )
  return task?.['WhatId']
}

describe('what shared tasks relate to', () => {
  it('T1 is the account, else the only one of the domain', async context => {
    const org = await openOrg(context)
    const one = await org.add('Account', { Name: 'One', Website: 'https://www.one.example/' })
    const two = await org.add('Account', { Name: 'Two', Website: 'two.example' })
    await org.add('Account', { Name: 'Three', Website: 'three.example' })
    await org.add('Account', { Name: 'Three too', Website: 'http://three.example' })
    const values = [
      `${byId(two)} domain:one.example`,
      'domain:one.example',
      'domain:three.example',
      'domain:x.example',
      null,
    ]
    const results = await putActivities(org, ...values.map((value, n) => activityOf(key(n), relating(value))))
    assert.deepEqual(adjustmentsOf(results), [[], [], ['WHAT_UNKNOWN'], ['WHAT_UNKNOWN'], []])
    assert.deepEqual(await Promise.all(values.map((_, n) => whatOf(org, n))), [two, one, null, null, null])
    const read = await readActivities(org, [key(0), key(2)], ['WhatId'])
    assert.deepEqual(
      read.map(held => held.kind === 'held' && held.fields['WhatId']),
      [byId(two), null],
    )
  })

  it('T8 is the winner of a merge, and left as it is when it was deleted', async context => {
    const org = await openOrg(context)
    const [first, second, third] = [
      await org.add('Account', { Name: 'A' }),
      await org.add('Account', { Name: 'A' }),
      await org.add('Account', { Name: 'A' }),
    ]
    const gone = await org.add('Account', { Name: 'B' })
    await org.call('POST', '/_sandbox/merge', { master: second, losers: [first] })
    await org.call('POST', '/_sandbox/merge', { master: third, losers: [second] })
    await org.remove('Account', gone)
    await putActivities(org, activityOf(key(1), relating(byId(first))))
    assert.equal(await whatOf(org), third)
    assert.deepEqual(adjustmentsOf(await putActivities(org, changeOf(key(1), { WhatId: byId(gone) }))), [
      ['WHAT_UNKNOWN'],
    ])
    assert.equal(await whatOf(org), third)
    await putActivities(org, changeOf(key(1), { WhatId: null }))
    assert.equal(await whatOf(org), null)
  })

  it('T1 is nothing while the task is on a lead, of a new one and of one that moves to a lead', async context => {
    const org = await openOrg(context)
    const account = await org.add('Account', { Name: 'A' })
    const [lead, contact] = [
      await org.add('Lead', { LastName: 'L', Company: 'A' }),
      await org.add('Contact', { LastName: 'C' }),
    ]
    const results = await putActivities(
      org,
      activityOf(key(1), relating(byId(account), { WhoId: lead })),
      activityOf(key(2), relating(byId(account), { WhoId: contact })),
    )
    assert.deepEqual(adjustmentsOf(results), [['WHAT_OF_LEAD'], []])
    const later = await putActivities(
      org,
      changeOf(key(1), { WhatId: byId(account), Subject: 'b' }),
      changeOf(key(2), { WhoId: lead }),
    )
    assert.deepEqual(adjustmentsOf(later), [['WHAT_OF_LEAD'], []])
    assert.deepEqual([await whatOf(org, 1), await whatOf(org, 2)], [null, null])
    assert.equal((await org.tasks()).find(task => task['Tributary_Id__c'] === key(1))?.['Subject'], 'b')
  })

  it('T1 stays when it is an opportunity, which a company must not replace nor take away', async context => {
    const org = await openOrg(context)
    const account = await org.add('Account', { Name: 'A' })
    const opportunity = await org.add('Opportunity', { Name: 'O', StageName: 'Prospecting', CloseDate: '2026-12-01' })
    const id = await org.add('Task', { Subject: 'a', WhatId: opportunity })
    const own = `salesforce:task:${id}`
    for (const value of [byId(account), null])
      assert.deepEqual(adjustmentsOf(await putActivities(org, changeOf(own, { WhatId: value }))), [['WHAT_KEPT']])
    const [task] = await org.query(`SELECT WhatId FROM Task WHERE Id = '${id}'`)
    assert.equal(task?.['WhatId'], opportunity)
  })

  it('T1 is left out where the integration user may not see accounts, and waited for while Salesforce is busy', async context => {
    const org = await openOrg(context)
    const account = await org.add('Account', { Name: 'A' })
    const refused = [{ errorCode: 'INVALID_TYPE', message: "sObject type 'Account' is not supported." }]
    const fates = `${paths.query}All?q=${encodeURIComponent('SELECT Id, IsDeleted, MasterRecordId FROM Account')}`
    await org.disturb(fates, { status: 400, body: refused })
    assert.deepEqual(adjustmentsOf(await putActivities(org, activityOf(key(1), relating(byId(account))))), [
      ['WHAT_UNKNOWN'],
    ])
    assert.equal(await whatOf(org), null)
    await org.disturb(fates, { status: 503, body: [{ errorCode: 'SERVER_UNAVAILABLE', message: '' }] })
    assert.deepEqual(adjustmentsOf(await putActivities(org, activityOf(key(2), relating(byId(account))))), ['retry'])
  })
})
