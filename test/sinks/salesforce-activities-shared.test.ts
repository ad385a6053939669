import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { adjustmentsOf, copy, readActivities } from './salesforce-activities.ts'
import { activityOf, changeOf, type Org, openOrg, paths, putActivities, wholeActivity } from './salesforce-org.ts'

const sharing = { sandbox: { sharedActivities: true } }
const whole = (WhoId: string, others: readonly string[]) =>
  activityOf(copy, { ...wholeActivity, WhoId, OtherWhoIds: others.join(' ') || null })
const change = (others: readonly string[]) => changeOf(copy, { OtherWhoIds: others.join(' ') || null })

const contactsIn = (org: Org, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => org.add('Contact', { LastName: `C${n}` })))

const othersOf = async (org: Org): Promise<unknown[]> =>
  (await org.query('SELECT RelationId FROM TaskRelation WHERE IsWhat = false AND IsDeleted = false'))
    .map(row => row['RelationId'])
    .toSorted()

describe('a task in Salesforce on several contacts', () => {
  it('T5 is on each of them once, however often that is written, and is left by those who left the activity', async context => {
    const org = await openOrg(context, sharing)
    const [ada = '', bob = '', cy = ''] = await contactsIn(org, 3)
    for (const write of [whole(ada, [bob, cy]), whole(ada, [bob, cy]), change([cy, bob, ada])]) {
      assert.deepEqual(adjustmentsOf(await putActivities(org, write)), [[]])
      assert.deepEqual(await othersOf(org), [bob, cy].toSorted())
    }
    const [read] = await readActivities(org, [copy], ['OtherWhoIds', 'Subject'])
    assert.deepEqual(read?.kind === 'held' && read.fields['OtherWhoIds'], [bob, cy].toSorted().join(' '))
    await putActivities(org, change([cy]))
    assert.deepEqual(await othersOf(org), [cy])
    await putActivities(org, change([]))
    assert.deepEqual(await othersOf(org), [])
  })

  it('T5 T8 is on those whom somebody left on it when a later write of all fields says nothing new of them', async context => {
    const org = await openOrg(context, sharing)
    const [ada = '', bob = '', cy = ''] = await contactsIn(org, 3)
    const write = whole(ada, [bob])
    await putActivities(org, write)
    await putActivities(org, change([cy]))
    await putActivities(org, { ...changeOf(copy, { ...write.fields, Subject: 'b' }), news: { Subject: 'b' } })
    assert.deepEqual(await othersOf(org), [cy])
    assert.equal((await org.tasks())[0]?.['Subject'], 'b')
  })

  it('T5 keeps whom somebody added in Salesforce', async context => {
    const org = await openOrg(context, sharing)
    const [ada = '', bob = '', cy = ''] = await contactsIn(org, 3)
    await putActivities(org, whole(ada, [bob]))
    const [task] = await org.query(`SELECT Id FROM Task WHERE Tributary_Id__c = '${copy}'`)
    const fields = { TaskId: task?.['Id'], RelationId: cy }
    await org.call('POST', '/_sandbox/edit', { object: 'TaskRelation', fields })
    await putActivities(org, change([]))
    assert.deepEqual(await othersOf(org), [cy])
  })

  it('T5 T8 is on who stands in the place of a merged contact; a deleted one is left out', async context => {
    const org = await openOrg(context, sharing)
    const [ada = '', bob = '', cy = '', gone = ''] = await contactsIn(org, 4)
    await org.call('POST', '/_sandbox/merge', { master: cy, losers: [bob] })
    await org.remove('Contact', gone)
    assert.deepEqual(adjustmentsOf(await putActivities(org, whole(ada, [bob, gone]))), [[]])
    assert.deepEqual(await othersOf(org), [cy])
  })

  it('T5 is on 50 at most, and of a lead on the lead alone', async context => {
    const org = await openOrg(context, sharing)
    const [ada = '', ...others] = await contactsIn(org, 53)
    assert.deepEqual(adjustmentsOf(await putActivities(org, whole(ada, others))), [['OTHERS_LEFT_OUT']])
    assert.equal((await othersOf(org)).length, 49)
    const lead = await org.add('Lead', { LastName: 'L', Company: 'L' })
    const ofLead = { ...wholeActivity, WhoId: lead, OtherWhoIds: others[0] ?? '' }
    assert.deepEqual(adjustmentsOf(await putActivities(org, activityOf('hubspot:task:2', ofLead))), [
      ['OTHERS_LEFT_OUT'],
    ])
    assert.equal((await othersOf(org)).length, 49)
  })

  it('T5 is on one in an org without shared activities, and the receipt says so', async context => {
    const org = await openOrg(context)
    const [ada = '', bob = ''] = await contactsIn(org, 2)
    const second = activityOf('hubspot:task:2', { ...wholeActivity, WhoId: ada, OtherWhoIds: null })
    assert.deepEqual(adjustmentsOf(await putActivities(org, whole(ada, [bob]), second)), [['NOT_SHARED'], []])
    assert.deepEqual(
      (await org.tasks()).map(task => task['WhoId']),
      [ada, ada],
    )
  })

  it('T5 is written again when Salesforce was busy, and is on the others when it refuses one', async context => {
    const org = await openOrg(context, sharing)
    const [ada = '', bob = '', cy = ''] = await contactsIn(org, 3)
    const busy = { status: 503, body: [{ errorCode: 'SERVER_UNAVAILABLE', message: '' }] }
    await org.call('POST', '/_sandbox/faults', {
      ...{ match: { method: 'POST', path: paths.collections }, times: 1, answer: busy },
    })
    assert.deepEqual(adjustmentsOf(await putActivities(org, whole(ada, [bob]))), ['retry'])
    assert.deepEqual(adjustmentsOf(await putActivities(org, whole(ada, [bob]))), [[]])
    const refused = {
      success: false,
      errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: '', fields: [] }],
    }
    await org.call('POST', '/_sandbox/faults', {
      ...{ match: { method: 'POST', path: paths.collections }, times: 1, answer: { status: 200, body: [refused] } },
    })
    assert.deepEqual(adjustmentsOf(await putActivities(org, change([bob, cy]))), [['SHARING_REFUSED']])
    assert.deepEqual(await othersOf(org), [bob])
  })
})
