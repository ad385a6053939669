import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { StandaloneResult } from '../../services/delivery/destination.ts'
import {
  activityIn,
  activityOf,
  changeOf,
  openOrg,
  paths,
  putActivities,
  signal,
  wholeActivity,
} from './salesforce-org.ts'

const copy = 'hubspot:task:5012'
const adjustmentsOf = (results: readonly StandaloneResult[]) =>
  results.map(result => (result.kind === 'put' ? (result.adjustments ?? []) : result.kind))
const change = (others: readonly string[]) => changeOf(copy, { OtherWhoIds: others.join(' ') || null })

/** A task on the first of some contacts, and on the next `shared` of them as well. */
const opened = async (context: TestContext, count: number, shared: number) => {
  const org = await openOrg(context, { sandbox: { sharedActivities: true } })
  const contacts = await Promise.all(Array.from({ length: count }, (_, n) => org.add('Contact', { LastName: `C${n}` })))
  const [WhoId = '', ...others] = contacts
  const OtherWhoIds = others.slice(0, shared).join(' ') || null
  assert.deepEqual(
    adjustmentsOf(await putActivities(org, activityOf(copy, { ...wholeActivity, WhoId, OtherWhoIds }))),
    [[]],
  )
  const rows = () =>
    org.query('SELECT Id, TaskId, RelationId FROM TaskRelation WHERE IsWhat = false AND IsDeleted = false')
  return {
    ...{ org, who: WhoId, others },
    relations: async () => (await rows()).map(row => String(row['RelationId'])).toSorted(),
    /** Salesforce answers that somebody was faster. */
    refuse: (method: 'POST' | 'DELETE', statusCode: string) => {
      const body = [{ success: false, errors: [{ statusCode, message: '', fields: [] }] }]
      const match = { method, path: paths.collections }
      return org.call('POST', '/_sandbox/faults', { match, times: 1, answer: { status: 200, body } })
    },
  }
}

describe('a task in Salesforce on several contacts, whom others share as well', () => {
  it('T5 has room for others as soon as those who left are off it', async context => {
    const { org, others, relations } = await opened(context, 99, 49)
    const next = others.slice(49)
    assert.deepEqual(adjustmentsOf(await putActivities(org, change(next))), [[]])
    assert.deepEqual(await relations(), next.toSorted())
  })

  it('T5 is as it was asked for when somebody put it on a contact, or took it off one, just before', async context => {
    const { org, others, refuse } = await opened(context, 3, 1)
    await refuse('POST', 'DUPLICATE_VALUE')
    assert.deepEqual(adjustmentsOf(await putActivities(org, change(others))), [[]])
    for (const gone of ['ENTITY_IS_DELETED', 'NOT_FOUND', 'INVALID_CROSS_REFERENCE_KEY']) {
      await refuse('DELETE', gone)
      assert.deepEqual(adjustmentsOf(await putActivities(org, change([]))), [[]])
    }
  })

  it('T5 says so when a contact cannot be taken off it', async context => {
    const { org, others, refuse, relations } = await opened(context, 2, 1)
    await refuse('DELETE', 'INSUFFICIENT_ACCESS_OR_READONLY')
    assert.deepEqual(adjustmentsOf(await putActivities(org, change([]))), [['SHARING_REFUSED']])
    assert.deepEqual(await relations(), others)
  })

  it('T5 keeps whom it is on, of whom Salesforce may have a row as of the others', async context => {
    const { org, who, others, relations } = await opened(context, 2, 1)
    const [task] = await org.query(`SELECT Id FROM Task WHERE Tributary_Id__c = '${copy}'`)
    await org.add('TaskRelation', { TaskId: task?.['Id'], RelationId: who })
    assert.deepEqual(await relations(), [who, ...others].toSorted())
    const [read] = (await activityIn(org).read?.([copy], ['OtherWhoIds'], signal)) ?? []
    assert.deepEqual(read?.kind === 'held' && read.fields['OtherWhoIds'], others[0])
    await putActivities(org, change([]))
    assert.deepEqual(await relations(), [who])
  })
})
