import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KEY, of, openOrg, type Reply, type TestOrg } from './salesforce.ts'

const PATH = '/composite/sobjects'

const tasks = (count: number, fields: object = {}): object[] =>
  Array.from({ length: count }, (_, index) => of('Task', { [KEY]: `webinar:${index}`, Subject: 'A', ...fields }))

const upsert = (org: TestOrg, records: object[], allOrNone = false): Promise<Reply> =>
  org.call('PATCH', `${PATH}/Task/${KEY}`, { allOrNone, records })

/** What became of each record. */
const outcomes = ({ body }: Reply): string[] =>
  body.map((one: { success: boolean; created?: boolean; errors: { statusCode: string }[] }) =>
    one.success
      ? one.created === undefined
        ? 'done'
        : one.created
          ? 'created'
          : 'updated'
      : one.errors[0]?.statusCode,
  )

const subjects = async (org: TestOrg): Promise<string[]> =>
  (await org.raw('GET', '/_sandbox/state')).body.Task.map(
    (one: { properties: { Subject: string } }) => one.properties.Subject,
  )

describe('a collection by external id', () => {
  it('answers 200 with each record’s result in order, failures with statusCode', async context => {
    const org = await openOrg(context)
    await upsert(org, tasks(1))
    const records = [
      of('Task', { [KEY]: 'new', Subject: 'A' }),
      of('Task', { [KEY]: 'bad', Status: 'Done' }),
      of('Task', { [KEY]: 'WEBINAR:0', Subject: 'B' }),
      of('Task', { Subject: 'C' }),
      of('Task', { [KEY]: 'NEW', Subject: 'D' }),
    ]
    const answer = await upsert(org, records)
    assert.equal(answer.status, 200)
    assert.deepEqual(outcomes(answer), [
      'created',
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      'updated',
      'MISSING_ARGUMENT',
      'DUPLICATE_VALUE',
    ])
    assert.deepEqual(Object.keys(answer.body[1]), ['success', 'errors'])
    assert.deepEqual(answer.body[4].errors, [
      { statusCode: 'DUPLICATE_VALUE', message: 'Duplicate external id specified: NEW', fields: [KEY] },
    ])
    assert.deepEqual(await subjects(org), ['B', 'A'])
  })

  it('all or none: the offender has its error, the others were rolled back, and nothing is written', async context => {
    const org = await openOrg(context)
    const answer = await upsert(org, [...tasks(1), of('Task', { [KEY]: 'x', WhoId: 'abc' }), ...tasks(1)], true)
    assert.equal(answer.status, 200)
    assert.deepEqual(outcomes(answer), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'MALFORMED_ID', 'DUPLICATE_VALUE'])
    assert.equal(
      answer.body[0].errors[0].message,
      'Record rolled back because not all records were valid and the request was using AllOrNone header',
    )
    assert.deepEqual(await subjects(org), [])
    assert.deepEqual(
      (await org.raw('GET', '/_sandbox/writes')).body.filter((one: { object: string }) => one.object === 'Task'),
      [],
    )
    assert.deepEqual(outcomes(await upsert(org, tasks(2), true)), ['created', 'created'])
  })

  it('one record can be locked for a while', async context => {
    const org = await openOrg(context)
    const faults = [
      { externalId: 'webinar:1', times: 2 },
      { externalId: 'webinar:2', statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'No.', fields: ['Subject'] },
    ]
    for (const fault of faults) assert.equal((await org.raw('POST', '/_sandbox/rows', fault)).status, 204)
    const locked = 'UNABLE_TO_LOCK_ROW'
    const first = await upsert(org, tasks(3))
    assert.deepEqual(outcomes(first), ['created', locked, 'FIELD_CUSTOM_VALIDATION_EXCEPTION'])
    assert.match(first.body[1].errors[0].message, /^unable to obtain exclusive access to this record or 1 records: /)
    assert.deepEqual(first.body[2].errors[0].fields, ['Subject'])
    assert.deepEqual(outcomes(await upsert(org, tasks(3))), ['updated', locked, 'created'])
    assert.deepEqual(outcomes(await upsert(org, tasks(3))), ['updated', 'created', 'updated'])
    await org.raw('POST', '/_sandbox/rows', { id: first.body[0].id })
    assert.deepEqual(outcomes(await upsert(org, tasks(1))), [locked])
    const mistakes = [{}, { id: 'a', externalId: 'b' }, { externalId: 'a', times: 0 }, { externalId: 'a', time: 1 }]
    for (const mistake of mistakes) assert.equal((await org.raw('POST', '/_sandbox/rows', mistake)).status, 400)
  })

  it('a converted lead cannot be referred to', async context => {
    const org = await openOrg(context)
    const WhoId = await org.create('Lead', { LastName: 'A', Company: 'B' })
    await org.raw('POST', '/_sandbox/convert', { lead: WhoId })
    const answer = await upsert(org, tasks(1, { WhoId }))
    assert.deepEqual(answer.body[0].errors, [
      { statusCode: 'CANNOT_UPDATE_CONVERTED_LEAD', message: 'cannot reference converted lead', fields: [] },
    ])
  })
})

describe('a collection is refused as a whole', () => {
  const contact = of('Contact', { LastName: 'A' })
  const alternating = (changes: number): object[] =>
    Array.from({ length: changes }, (_, index) => (index % 2 ? of('Task', {}) : contact))
  const cases: [name: string, method: string, path: string, body: object | undefined, status: number, code: string][] =
    [
      ['more than 200', 'PATCH', `/Task/${KEY}`, { records: tasks(201) }, 400, 'EXCEEDED_ID_LIMIT'],
      ['more than 200 ids', 'DELETE', `?ids=${'a,'.repeat(201)}`, undefined, 400, 'EXCEEDED_ID_LIMIT'],
      ['more than 10 chunks', 'POST', '', { records: alternating(11) }, 400, 'LIMIT_EXCEEDED'],
      ['no type', 'POST', '', { records: [{ LastName: 'A' }] }, 400, 'JSON_PARSER_ERROR'],
      ['an unknown type', 'POST', '', { records: [of('Foo', {})] }, 400, 'INVALID_TYPE'],
      ['another type', 'PATCH', `/Task/${KEY}`, { records: [contact] }, 400, 'INVALID_TYPE'],
      ['an unknown field', 'POST', '', { records: [contact, of('Lead', { Foo: 1 })] }, 400, 'INVALID_FIELD'],
      ['no external id field', 'PATCH', '/Task/Subject', { records: [] }, 404, 'NOT_FOUND'],
      ['no records', 'POST', '', {}, 400, 'JSON_PARSER_ERROR'],
    ]
  for (const [name, method, path, body, status, code] of cases) {
    it(`${name}: ${code}`, async context => {
      const org = await openOrg(context)
      const answer = await org.call(method, PATH + path, body)
      assert.equal(answer.status, status)
      assert.equal(answer.body[0].errorCode, code)
      assert.deepEqual((await org.raw('GET', '/_sandbox/state')).body.Contact, [])
    })
  }

  it('when the external id field is not there', async context => {
    const org = await openOrg(context, { tributaryField: false })
    const answer = await upsert(org, tasks(1))
    assert.equal(answer.status, 404)
    assert.equal(answer.body[0].errorCode, 'NOT_FOUND')
    await org.raw('POST', '/_sandbox/fields', {})
    assert.deepEqual(outcomes(await upsert(org, tasks(1))), ['created'])
    await org.raw('DELETE', `/_sandbox/fields/Task/${KEY}`)
    assert.equal((await upsert(org, tasks(1))).status, 404)
  })
})

describe('a collection by id', () => {
  it('creates, changes, reads and deletes records of several objects', async context => {
    const org = await openOrg(context)
    const created = await org.call('POST', PATH, {
      records: [of('Contact', { LastName: 'A' }), of('Lead', { LastName: 'B', Company: 'C' }), of('Lead', {})],
    })
    assert.deepEqual(outcomes(created), ['done', 'done', 'REQUIRED_FIELD_MISSING'])
    const [contact, lead] = created.body.map((one: { id: string }) => one.id)
    const updated = await org.call('PATCH', PATH, {
      records: [
        of('Contact', { Id: contact.slice(0, 15), FirstName: 'Ada' }),
        of('Lead', { id: contact, FirstName: 'Ada' }),
        of('Lead', { FirstName: 'Ada' }),
        of('Lead', { Id: '00Q5g0000009999EAA' }),
      ],
    })
    assert.deepEqual(outcomes(updated), ['done', 'MALFORMED_ID', 'MISSING_ARGUMENT', 'INVALID_CROSS_REFERENCE_KEY'])
    const read = await org.call('POST', `${PATH}/Contact`, { ids: [contact, '0035g0000009999'], fields: ['FirstName'] })
    assert.deepEqual(
      read.body.map((one: { FirstName: string } | null) => one?.FirstName),
      ['Ada', undefined],
    )
    const byQuery = await org.call('GET', `${PATH}/Lead?ids=${lead}&fields=LastName,Company`)
    assert.deepEqual([byQuery.body[0].LastName, byQuery.body[0].Company], ['B', 'C'])
    const kept = await org.call('DELETE', `${PATH}?ids=${contact},00Q5g0000009999&allOrNone=true`)
    assert.deepEqual(outcomes(kept), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'INVALID_CROSS_REFERENCE_KEY'])
    assert.deepEqual(outcomes(await org.call('DELETE', `${PATH}?ids=${contact},${lead}`)), ['done', 'done'])
  })
})
