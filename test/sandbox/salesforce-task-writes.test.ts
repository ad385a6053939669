import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withSuffix } from '../../services/sandbox/salesforce/records/ids.ts'
import { KEY, of, openOrg, query, type Reply, type TestOrg } from './salesforce.ts'

const PATH = '/composite/sobjects'

const userOf = async (org: TestOrg, address: string): Promise<string> =>
  (await query(org, `SELECT Id FROM User WHERE Email = '${address}@sandbox.example.com'`)).body.records[0].Id

const update = (org: TestOrg, ...records: object[]): Promise<Reply> =>
  org.call('PATCH', PATH, { allOrNone: false, records: records.map(fields => of('Task', fields)) })

const codes = ({ body }: Reply): (string | true)[] =>
  body.map((one: { success: boolean; errors: { statusCode: string }[] }) => one.success || one.errors[0]?.statusCode)

describe('tasks by id', () => {
  it('T8 each row of an update has its own error, and the others are written', async context => {
    const org = await openOrg(context)
    const contact = await org.create('Contact', { LastName: 'Byron' })
    const converted = await org.create('Lead', { LastName: 'Turing', Company: 'Bletchley' })
    await org.raw('POST', '/_sandbox/convert', { lead: converted })
    const former = await userOf(org, 'former.user')
    const gone = await org.create('Task', { Subject: 'gone' })
    await org.call('DELETE', `/sobjects/Task/${gone}`)
    const Id = await org.create('Task', { Subject: 'A', WhoId: contact })
    const cases: [fields: object, code: string | true][] = [
      [{ Id, Subject: 'B', Status: 'In Progress', Description: null }, true],
      [{ Id: gone, Subject: 'B' }, 'ENTITY_IS_DELETED'],
      [{ Id: 'hubspot:task:1', Subject: 'B' }, 'MALFORMED_ID'],
      [{ Id: contact, Subject: 'B' }, 'MALFORMED_ID'],
      [{ Id: withSuffix('00T5g0000009999'), Subject: 'B' }, 'INVALID_CROSS_REFERENCE_KEY'],
      [{ Subject: 'B' }, 'MISSING_ARGUMENT'],
      [{ Id, WhoId: converted }, 'CANNOT_UPDATE_CONVERTED_LEAD'],
      [{ Id, WhoId: withSuffix('0035g0000009999') }, 'INVALID_CROSS_REFERENCE_KEY'],
      [{ Id, Subject: 'x'.repeat(256) }, 'STRING_TOO_LONG'],
      [{ Id, Description: 'x'.repeat(32_001) }, 'STRING_TOO_LONG'],
      [{ Id, Status: 'Done' }, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
      [{ Id, OwnerId: former }, 'INACTIVE_OWNER_OR_USER'],
      [{ Id, ActivityDate: '2026-06-01' }, true],
    ]
    const answer = await update(org, ...cases.map(([fields]) => fields))
    assert.equal(answer.status, 200)
    assert.deepEqual(
      codes(answer),
      cases.map(([, code]) => code),
    )
    assert.equal(
      answer.body[11].errors[0].message,
      `operation performed with inactive user [${former}] as owner of task`,
    )
    const task = await org.read('Task', Id)
    assert.deepEqual(
      [task['Subject'], task['Status'], task['ActivityDate'], task['WhoId']],
      ['B', 'In Progress', '2026-06-01', contact],
    )
  })

  it('T8 are deleted each for itself, and through jsforce', async context => {
    const org = await openOrg(context)
    const ids = [await org.create('Task', {}), await org.create('Task', {}), await org.create('Task', {})]
    await org.raw('POST', '/_sandbox/rows', { id: ids[1] })
    const answer = await org.call('DELETE', `${PATH}?ids=${ids[0]},${ids[1]},${ids[0]},abc&allOrNone=false`)
    assert.deepEqual(codes(answer), [true, 'UNABLE_TO_LOCK_ROW', 'ENTITY_IS_DELETED', 'MALFORMED_ID'])
    const destroyed = await org.client.sobject('Task').destroy(ids.slice(1))
    assert.deepEqual(
      destroyed.map(({ success }) => success),
      [true, true],
    )
    assert.equal((await query(org, 'SELECT COUNT() FROM Task')).body.totalSize, 0)
  })

  it('T8 one row can be locked for an update by id, but not for the person who edits it', async context => {
    const org = await openOrg(context)
    const Id = await org.create('Task', { Subject: 'A', [KEY]: 'hubspot:task:1' })
    await org.raw('POST', '/_sandbox/rows', { externalId: 'hubspot:task:1', times: 2 })
    assert.deepEqual(codes(await update(org, { Id, Subject: 'B' })), ['UNABLE_TO_LOCK_ROW'])
    const edit = { object: 'Task', id: Id, fields: { Subject: 'C' } }
    assert.equal((await org.raw('POST', '/_sandbox/edit', edit)).status, 200)
    assert.deepEqual(codes(await update(org, { Id, Subject: 'B' })), ['UNABLE_TO_LOCK_ROW'])
    assert.deepEqual(codes(await update(org, { Id, Subject: 'B' })), [true])
  })

  it('T8 the external id of a deleted task makes a new one, and the deleted one keeps its fields', async context => {
    const org = await openOrg(context)
    const upsert = (): Promise<Reply> =>
      org.call('PATCH', `${PATH}/Task/${KEY}`, { records: [of('Task', { [KEY]: 'hubspot:task:1', Subject: 'A' })] })
    const first = (await upsert()).body[0]
    await org.call('DELETE', `${PATH}?ids=${first.id}`)
    const second = (await upsert()).body[0]
    assert.equal(second.created, true)
    assert.notEqual(second.id, first.id)
    const { body } = await query(org, `SELECT Id FROM Task WHERE ${KEY} = 'hubspot:task:1' ORDER BY Id`, 'queryAll')
    assert.deepEqual(
      body.records.map(({ Id }: { Id: string }) => Id),
      [first.id, second.id],
    )
    const restored = await org.raw('POST', '/_sandbox/edit', { object: 'Task', id: first.id, operation: 'restore' })
    assert.equal(restored.status, 400)
    assert.match(restored.body.message, /^duplicate value found: Tributary_Id__c/)
  })
})

describe('owners', () => {
  it('T6 of what the API makes are the integration user, or the active user who is named', async context => {
    const org = await openOrg(context)
    const [integration, kim, former] = [
      await userOf(org, 'integration'),
      await userOf(org, 'kim.larsson'),
      await userOf(org, 'former.user'),
    ]
    for (const [object, fields] of [
      ['Task', {}],
      ['Contact', { LastName: 'A' }],
      ['Lead', { LastName: 'A', Company: 'B' }],
    ] as const) {
      const left = await org.read(object, await org.create(object, fields))
      assert.deepEqual([left['OwnerId'], left['CreatedById']], [integration, integration])
      const given = await org.read(object, await org.create(object, { ...fields, OwnerId: kim }))
      assert.deepEqual([given['OwnerId'], given['LastModifiedById']], [kim, integration])
      const refused = await org.call('POST', `/sobjects/${object}`, { ...fields, OwnerId: former })
      assert.equal(refused.body[0].errorCode, 'INACTIVE_OWNER_OR_USER')
    }
  })

  it('T6 who became inactive stay the owner until another is given', async context => {
    const org = await openOrg(context)
    const sam = await userOf(org, 'sam.okafor')
    const Id = await org.create('Task', { OwnerId: sam })
    assert.equal((await org.call('PATCH', `/sobjects/User/${sam}`, { IsActive: false })).status, 204)
    assert.deepEqual(codes(await update(org, { Id, OwnerId: sam, Subject: 'A' }, { Id, Subject: 'B' })), [true, true])
    assert.deepEqual(codes(await update(org, { Id: await org.create('Task', {}), OwnerId: sam })), [
      'INACTIVE_OWNER_OR_USER',
    ])
  })
})
