import assert from 'node:assert/strict'
import { it } from 'node:test'
import { activityOf, openOrg, putActivities, wholeActivity } from './salesforce-org.ts'

it('T1 an account that was deleted has no domain any more: neither is it found by it, nor is it one of several', async context => {
  const org = await openOrg(context)
  const gone = await org.add('Account', { Name: 'One', Website: 'one.example' })
  const stays = await org.add('Account', { Name: 'Two', Website: 'two.example' })
  const twin = await org.add('Account', { Name: 'Two', Website: 'https://two.example' })
  for (const id of [gone, twin]) await org.remove('Account', id)
  const of = (number: number, domain: string) =>
    activityOf(`hubspot:task:${number}`, { ...wholeActivity, WhatId: `domain:${domain}` })
  const results = await putActivities(org, of(1, 'one.example'), of(2, 'two.example'))
  assert.deepEqual(
    results.map(result => (result.kind === 'put' ? (result.adjustments ?? []) : result.kind)),
    [['WHAT_UNKNOWN'], []],
  )
  const tasks = await org.query('SELECT Tributary_Id__c, WhatId FROM Task WHERE IsDeleted = false')
  assert.deepEqual(
    new Map(tasks.map(row => [row['Tributary_Id__c'], row['WhatId']])),
    new Map([
      ['hubspot:task:1', null],
      ['hubspot:task:2', stays],
    ]),
  )
})
