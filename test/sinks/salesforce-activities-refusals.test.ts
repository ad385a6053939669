import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { copy, kinds, madeBySales, tasksIn } from './salesforce-activities.ts'
import { activityOf, changeOf, openOrg, paths, putActivities, wholeActivity } from './salesforce-org.ts'

describe('rows of shared tasks that Salesforce refuses', () => {
  const { OwnerId: _, ...unowned } = wholeActivity

  for (const [statusCode, kind, says] of [
    ['UNABLE_TO_LOCK_ROW', 'retry', /Another write holds/],
    ['ROW_LOCK_TIMEOUT', 'retry', /Another write holds/],
    ['DUPLICATE_VALUE', 'retry', /same moment/],
    ['TXN_TIMEOUT', 'retry', /too busy/],
    ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'retry', /too busy/],
    ['CANNOT_UPDATE_CONVERTED_LEAD', 'rejected', /Mend the mapping/],
    ['INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', 'rejected', /lacks access/],
    ['INSUFFICIENT_ACCESS_OR_READONLY', 'rejected', /lacks access/],
    ['DUPLICATES_DETECTED', 'rejected', /duplicate rule/],
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'rejected', /validation rule/],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'rejected', /trigger or flow/],
    ['INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'rejected', /topology\/tasks\.ts/],
    ['INACTIVE_OWNER_OR_USER', 'rejected', /not active/],
    ['REQUIRED_FIELD_MISSING', 'rejected', /Mend the mapping/],
    ['STRING_TOO_LONG', 'rejected', /Mend the mapping/],
    ['MALFORMED_ID', 'rejected', /Mend the mapping/],
    ['INVALID_EMAIL_ADDRESS', 'rejected', /Mend the mapping/],
    ['STORAGE_LIMIT_EXCEEDED', 'needs-person', /storage is full/],
    ['REQUEST_LIMIT_EXCEEDED', 'needs-person', /allowance .* is used up/],
  ] as const)
    it(`K3 T7 with ${statusCode} are told alone: ${kind}`, async context => {
      const org = await openOrg(context)
      const { id, key } = await madeBySales(org)
      const message = 'secret words'
      await org.call('POST', '/_sandbox/rows', { externalId: copy, statusCode, message })
      await org.call('POST', '/_sandbox/rows', { id, statusCode, message })
      const results = await putActivities(
        org,
        activityOf(copy, unowned),
        activityOf('hubspot:task:2'),
        changeOf(key, { Subject: 'b' }),
      )
      assert.deepEqual(kinds(results), [kind, 'put', kind])
      for (const result of results) {
        if (!('message' in result)) continue
        assert.match(result.message, says)
        assert.doesNotMatch(result.message, /secret/)
      }
      const again = [activityOf(copy, unowned), changeOf(key, { Subject: 'b' })]
      assert.deepEqual(kinds(await putActivities(org, ...again)), ['put', 'put'])
    })

  for (const [statusCode, kind] of [
    ['UNABLE_TO_LOCK_ROW', 'retry'],
    ['INSUFFICIENT_ACCESS_OR_READONLY', 'rejected'],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'rejected'],
    ['REQUEST_LIMIT_EXCEEDED', 'needs-person'],
  ] as const)
    it(`K3 T8 with ${statusCode} on their deletion are told alone: ${kind}`, async context => {
      const org = await openOrg(context)
      const { id, key } = await madeBySales(org)
      await putActivities(org, activityOf(copy), activityOf('hubspot:task:2'))
      await org.call('POST', '/_sandbox/rows', { id, statusCode, message: 'no' })
      await org.call('POST', '/_sandbox/rows', { externalId: copy, statusCode, message: 'no' })
      const deletions = [key, copy, 'hubspot:task:2'].map(one => changeOf(one, { IsDeleted: true }))
      assert.deepEqual(kinds(await putActivities(org, ...deletions)), [kind, kind, 'put'])
      assert.deepEqual(kinds(await putActivities(org, ...deletions)), ['put', 'put', 'put'])
      assert.deepEqual(await tasksIn(org), [])
    })

  for (const [message, kind, code] of [
    ['TotalRequests Limit exceeded.', 'needs-person', 'SALESFORCE_ALLOWANCE_USED_UP'],
    ['ConcurrentRequests (Concurrent API Requests) Limit exceeded.', 'retry', 'SALESFORCE_TOO_MANY_AT_ONCE'],
  ] as const)
    it(`K3 wait all together for the limits of the org: ${code}`, async context => {
      const answer = { status: 403, body: [{ message, errorCode: 'REQUEST_LIMIT_EXCEEDED' }] }
      for (const [path, ...writes] of [
        [paths.collections, activityOf(copy), activityOf('hubspot:task:2')],
        [paths.query, changeOf(copy, { Subject: 'b' })],
        [paths.collections, changeOf('salesforce:task:00T000000000009EAA', { IsDeleted: true })],
      ] as const) {
        const org = await openOrg(context)
        await org.disturb(path, answer)
        const results = await putActivities(org, ...writes)
        assert.ok(results.every(result => result.kind === kind && result.code === code))
      }
    })

  it('K3 with a duplicate rule, a validation and a picklist of the org are refused beside those that it takes', async context => {
    const org = await openOrg(context)
    await org.call('POST', '/_sandbox/rows', { externalId: copy, statusCode: 'DUPLICATES_DETECTED', message: 'no' })
    const results = await putActivities(
      org,
      activityOf(copy),
      activityOf('hubspot:task:2', { ...wholeActivity, Status: 'Never heard of' }),
      activityOf('hubspot:task:3', { ...wholeActivity, Type: 'x'.repeat(256) }),
      activityOf('hubspot:task:4'),
    )
    assert.deepEqual(
      results.map(result => ('code' in result ? result.code : result.kind)),
      ['DUPLICATES_DETECTED', 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'STRING_TOO_LONG', 'put'],
    )
  })

  it('K3 with a lock inside of the failure of a trigger are tried again', async context => {
    const org = await openOrg(context)
    const message = 'unable to obtain exclusive access to this record'
    const fault = { externalId: copy, statusCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message }
    await org.call('POST', '/_sandbox/rows', fault)
    const [result] = await putActivities(org, activityOf(copy))
    assert.ok(result?.kind === 'retry' && result.limited)
  })

  it('K3 with a field that the org lacks are refused alone', async context => {
    const org = await openOrg(context)
    const { key } = await madeBySales(org)
    const odd = { Webinar__c: 'x' }
    const results = await putActivities(
      org,
      ...[activityOf(copy, { ...wholeActivity, ...odd }), activityOf('hubspot:task:2'), changeOf(key, odd)],
    )
    assert.deepEqual(kinds(results), ['rejected', 'put', 'rejected'])
  })

  it('K3 cannot be found, made or changed by their link while its field is gone', async context => {
    const org = await openOrg(context)
    const { key } = await madeBySales(org)
    await org.call('DELETE', '/_sandbox/fields/Task/Tributary_Id__c')
    const results = await putActivities(
      org,
      ...[activityOf(copy), changeOf('hubspot:task:2', { Subject: 'b' })],
      ...[changeOf('hubspot:task:3', { IsDeleted: true }), changeOf(key, { Subject: 'c' })],
    )
    assert.deepEqual(kinds(results), ['needs-person', 'needs-person', 'needs-person', 'put'])
    for (const result of results) if (result.kind !== 'put') assert.equal(result.code, 'SALESFORCE_TASK_FIELDS')
  })

  it('K3 are tried again when nobody can say whether they are there', async context => {
    const org = await openOrg(context)
    const { id, key } = await madeBySales(org)
    await org.remove('Task', id)
    for (const write of [changeOf(copy, { Subject: 'a' }), changeOf(key, { Subject: 'a' })]) {
      await org.disturb(paths.query, 'reset')
      assert.deepEqual(kinds(await putActivities(org, write)), ['retry'])
    }
    await org.disturb(paths.query, 'reset')
    assert.deepEqual(kinds(await putActivities(org, changeOf(copy, { IsDeleted: true }))), ['retry'])
  })
})
