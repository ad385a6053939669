import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mintedId, normalizedId, withSuffix } from '../../services/sandbox/salesforce/records/ids.ts'
import { KEY, movedClock, openOrg, type TestOrg } from './salesforce.ts'

describe('ids', () => {
  // facts/specs/signatures/signature-vectors.json
  const vectors = [
    ['00190000001pPvH', '00190000001pPvHAAU'],
    ['001900K0001pPuO', '001900K0001pPuOACU'],
    ['00Q5g00000AbCdE', '00Q5g00000AbCdEEAV'],
    ['00310000000XYZa', '00310000000XYZaAAO'],
  ] as const
  for (const [short, long] of vectors) {
    it(`${short} is ${long}`, () => {
      assert.equal(withSuffix(short), long)
      assert.equal(normalizedId(short), long)
      assert.equal(normalizedId(long), long)
      assert.equal(normalizedId(`${short}AAA`) === undefined, !long.endsWith('AAA'))
    })
  }

  it('are minted one after the other, each another one', () => {
    const minted = Array.from({ length: 5000 }, (_, index) => mintedId('00T', index + 1))
    assert.equal(new Set(minted).size, 5000)
    assert.ok(minted.every(id => id.length === 18 && normalizedId(id) === id && id.startsWith('00T')))
  })
})

interface Parts {
  contact: string
  lead: string
  account: string
  deleted: string
}

const parts = async (org: TestOrg): Promise<Parts> => {
  const deleted = await org.create('Contact', { LastName: 'Gone' })
  await org.call('DELETE', `/sobjects/Contact/${deleted}`)
  return {
    contact: await org.create('Contact', { LastName: 'Byron' }),
    lead: await org.create('Lead', { LastName: 'Lovelace', Company: 'Analytical' }),
    account: await org.create('Account', { Name: 'Analytical' }),
    deleted,
  }
}

describe('a refused write', () => {
  const long = 'x'.repeat(256)
  type Case = [object: string, fields: (parts: Parts) => object, errorCode: string, message: RegExp, fields: string[]]
  const cases: Case[] = [
    ['Account', () => ({}), 'REQUIRED_FIELD_MISSING', /^Required fields are missing: \[Name\]$/, ['Name']],
    ['Lead', () => ({ FirstName: 'A' }), 'REQUIRED_FIELD_MISSING', /\[LastName, Company\]/, ['LastName', 'Company']],
    ['Contact', () => ({ LastName: '' }), 'REQUIRED_FIELD_MISSING', /\[LastName\]/, ['LastName']],
    ['Task', () => ({ Status: null }), 'REQUIRED_FIELD_MISSING', /\[Status\]/, ['Status']],
    [
      'Task',
      () => ({ Status: 'Done' }),
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      /^Status: bad value for restricted picklist field: Done$/,
      ['Status'],
    ],
    [
      'Task',
      () => ({ Subject: long }),
      'STRING_TOO_LONG',
      /^Subject: data value too large: x+ \(max length=255\)$/,
      ['Subject'],
    ],
    [
      'Contact',
      () => ({ LastName: 'A', Email: 'nobody' }),
      'INVALID_EMAIL_ADDRESS',
      /invalid email address: nobody/,
      ['Email'],
    ],
    ['Task', () => ({ IsClosed: true }), 'INVALID_FIELD_FOR_INSERT_UPDATE', /IsClosed/, ['IsClosed']],
    [
      'Contact',
      ({ contact }) => ({ LastName: 'A', Id: contact }),
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      /cannot specify Id/,
      ['Id'],
    ],
    [
      'Task',
      ({ account }) => ({ WhoId: account }),
      'MALFORMED_ID',
      /^Name ID: id value of incorrect type: 001/,
      ['WhoId'],
    ],
    ['Task', () => ({ WhoId: 'abc' }), 'MALFORMED_ID', /incorrect type: abc/, ['WhoId']],
    ['Task', ({ contact }) => ({ WhoId: `${contact.slice(0, 15)}ZZZ` }), 'MALFORMED_ID', /ZZZ/, ['WhoId']],
    ['Task', () => ({ WhoId: withSuffix('0035g0000009999') }), 'INVALID_CROSS_REFERENCE_KEY', /invalid cross/, []],
    ['Task', ({ deleted }) => ({ WhoId: deleted }), 'ENTITY_IS_DELETED', /^entity is deleted$/, []],
    [
      'Task',
      ({ lead, account }) => ({ WhoId: lead, WhatId: account }),
      'FIELD_INTEGRITY_EXCEPTION',
      /lead/,
      ['WhatId'],
    ],
  ]
  it('says why, by facts/salesforce.md §4', async context => {
    const org = await openOrg(context)
    const made = await parts(org)
    for (const [object, fields, errorCode, message, names] of cases) {
      const { status, body } = await org.call('POST', `/sobjects/${object}`, fields(made))
      assert.equal(status, 400, errorCode)
      assert.equal(body[0].errorCode, errorCode, JSON.stringify(body))
      assert.match(body[0].message, message)
      assert.deepEqual(body[0].fields, names)
    }
    const { body } = await org.raw('GET', '/_sandbox/state')
    assert.deepEqual([body.Task.length, body.Contact.length], [0, 1], 'nothing was written')
  })

  const unreadable: [body: unknown, errorCode: string, message: RegExp][] = [
    [{ Foo__c: 1 }, 'INVALID_FIELD', /^No such column 'Foo__c' on sobject of type Task$/],
    [{ Subject: 5 }, 'JSON_PARSER_ERROR', /Cannot deserialize instance of combobox/],
    [{ ActivityDate: '2026-02-30' }, 'JSON_PARSER_ERROR', /date/],
    [{ ActivityDate: '2026-02-01T00:00:00Z' }, 'JSON_PARSER_ERROR', /date/],
    [{ ReminderDateTime: '2026-02-01' }, 'JSON_PARSER_ERROR', /datetime/],
    [{ IsReminderSet: 'true' }, 'JSON_PARSER_ERROR', /boolean/],
    [{ CallDurationInSeconds: 1.5 }, 'JSON_PARSER_ERROR', /int/],
    [[], 'JSON_PARSER_ERROR', /./],
    ['{', 'JSON_PARSER_ERROR', /./],
  ]
  for (const [body, errorCode, message] of unreadable) {
    it(`${JSON.stringify(body)} is ${errorCode}`, async context => {
      const answer = await (await openOrg(context)).call('POST', '/sobjects/Task', body)
      assert.equal(answer.status, 400)
      assert.equal(answer.body[0].errorCode, errorCode)
      assert.match(answer.body[0].message, message)
    })
  }
})

describe('a record', () => {
  it('has Salesforce’s defaults and what it computes', async context => {
    const clock = movedClock('2026-05-01T10:00:00.700Z')
    const org = await openOrg(context, { clock })
    const account = await org.create('Account', { Name: 'Analytical' })
    const contact = await org.create('Contact', {
      LastName: 'Byron',
      FirstName: 'Ada',
      AccountId: account.slice(0, 15),
    })
    const id = await org.create('Task', { WhoId: contact, Subject: 'Attended', Priority: 'High' })
    const task = await org.read('Task', id)
    assert.equal((await org.read('Contact', contact))['Name'], 'Ada Byron')
    assert.equal((await org.read('Contact', contact))['AccountId'], account, 'in 18 characters')
    assert.equal(task['Status'], 'Not Started')
    assert.equal(task['IsClosed'], false)
    assert.equal(task['IsHighPriority'], true)
    assert.equal(task['AccountId'], account)
    assert.equal(task['CreatedDate'], '2026-05-01T10:00:00.000+0000')
    assert.equal(task['CreatedDate'], task['SystemModstamp'])
    assert.equal(task['OwnerId'], task['CreatedById'])
    assert.equal(task['Description'], null)
    clock.move(60_000)
    await org.call('PATCH', `/sobjects/Task/${id}`, { Status: 'Completed' })
    const closed = await org.read('Task', id)
    assert.equal(closed['IsClosed'], true)
    assert.equal(closed['CompletedDateTime'], '2026-05-01T10:01:00.000+0000')
    assert.equal(closed['SystemModstamp'], '2026-05-01T10:01:00.000+0000')
    assert.equal(closed['CreatedDate'], task['CreatedDate'])
  })

  it('cannot change what is set at creation only', async context => {
    const org = await openOrg(context)
    const id = await org.create('Task', { TaskSubtype: 'Call' })
    const { body } = await org.call('PATCH', `/sobjects/Task/${id}`, { TaskSubtype: 'Email' })
    assert.equal(body[0].errorCode, 'INVALID_FIELD_FOR_INSERT_UPDATE')
  })

  it('is reached by an id of its object only', async context => {
    const org = await openOrg(context)
    const { contact, deleted } = await parts(org)
    const cases: [path: string, status: number, errorCode: string][] = [
      [`/sobjects/Contact/${contact.slice(0, 15)}`, 200, ''],
      [`/sobjects/contact/${contact}?fields=LastName`, 200, ''],
      [`/sobjects/Contact/${contact}?fields=Foo`, 400, 'INVALID_FIELD'],
      [`/sobjects/Lead/${contact}`, 400, 'MALFORMED_ID'],
      [`/sobjects/Contact/${contact.slice(0, 15)}ZZZ`, 400, 'MALFORMED_ID'],
      [`/sobjects/Contact/${withSuffix('0035g0000009999')}`, 404, 'NOT_FOUND'],
      [`/sobjects/Contact/${deleted}`, 404, 'ENTITY_IS_DELETED'],
      ['/sobjects/Contact/foo', 404, 'NOT_FOUND'],
      ['/sobjects/Foo/describe', 404, 'NOT_FOUND'],
    ]
    for (const [path, status, errorCode] of cases) {
      const answer = await org.call('GET', path)
      assert.equal(answer.status, status, path)
      if (errorCode) assert.equal(answer.body[0].errorCode, errorCode, path)
      if (errorCode && path.startsWith('/sobjects/Contact') && status === 404)
        assert.equal((await org.call('PATCH', path, {})).body[0].errorCode, errorCode, `PATCH ${path}`)
    }
  })

  it('takes what hangs on it along when it is deleted', async context => {
    const org = await openOrg(context)
    const account = await org.create('Account', { Name: 'A' })
    const contact = await org.create('Contact', { LastName: 'B', AccountId: account })
    await org.create('Task', { WhoId: contact })
    assert.equal((await org.call('DELETE', `/sobjects/Account/${account}`)).status, 204)
    const { body } = await org.raw('GET', '/_sandbox/state')
    assert.deepEqual([body.Account, body.Contact, body.Task], [[], [], []])
  })
})

describe('an external id', () => {
  const path = `/sobjects/Task/${KEY}`

  it('creates with 201, updates with 200, in older versions with 204, without regard to case', async context => {
    const org = await openOrg(context)
    const created = await org.call('PATCH', `${path}/webinar%3A1`, { Subject: 'A' })
    assert.equal(created.status, 201)
    assert.deepEqual(created.body, { id: created.body.id, errors: [], success: true, created: true })
    const updated = await org.call('PATCH', `${path}/WEBINAR:1`, { Subject: 'B' })
    assert.equal(updated.status, 200)
    assert.deepEqual(updated.body, { ...created.body, created: false })
    const older = await org.raw('PATCH', `/services/data/v45.0${path}/webinar:1`, { Subject: 'C' })
    assert.deepEqual([older.status, older.body], [204, undefined])
    const read = await org.call('GET', `${path}/webinar:1?fields=Subject`)
    assert.equal(read.body.Subject, 'C')
    assert.equal((await org.call('DELETE', `${path}/webinar:1`)).status, 204)
    assert.equal((await org.call('PATCH', `${path}/webinar:1`, {})).status, 201, 'the id of a deleted record is free')
  })

  it('is refused in the body, when it is missing for an update only, and when the field is none', async context => {
    const org = await openOrg(context)
    const cases: [method: string, path: string, body: object | undefined, status: number, errorCode: string][] = [
      ['PATCH', `${path}/a`, { [KEY]: 'a' }, 400, 'INVALID_FIELD'],
      ['PATCH', `${path}/a?updateOnly=true`, {}, 404, 'NOT_FOUND'],
      ['PATCH', '/sobjects/Task/Subject/a', {}, 404, 'NOT_FOUND'],
      ['PATCH', `${path}/a/b%20c?d`, {}, 404, 'NOT_FOUND'],
      ['GET', `${path}/a`, undefined, 404, 'NOT_FOUND'],
    ]
    for (const [method, address, body, status, errorCode] of cases) {
      const answer = await org.call(method, address, body)
      assert.equal(answer.status, status, address)
      assert.equal(answer.body[0].errorCode, errorCode, address)
    }
  })

  it('is unique', async context => {
    const org = await openOrg(context)
    const id = await org.create('Task', { [KEY]: 'a' })
    const { body } = await org.call('POST', '/sobjects/Task', { [KEY]: 'A' })
    assert.deepEqual(body, [
      {
        message: `duplicate value found: ${KEY} duplicates value on record with id: ${id}`,
        errorCode: 'DUPLICATE_VALUE',
        fields: [],
      },
    ])
  })
})

describe('the duplicate rule', () => {
  it('refuses a second record of an address unless the caller allows it', async context => {
    const org = await openOrg(context, { duplicateRules: true })
    const id = await org.create('Contact', { LastName: 'A', Email: 'a@example.com' })
    const twin = { LastName: 'B', Email: 'A@EXAMPLE.com' }
    const { status, body } = await org.call('POST', '/sobjects/Contact', twin)
    assert.equal(status, 400)
    assert.equal(body[0].errorCode, 'DUPLICATES_DETECTED')
    assert.equal(body[0].duplicateResult.matchResults[0].matchRecords[0].record.Id, id)
    const allowed = await org.call('POST', '/sobjects/Contact', twin, {
      'sforce-duplicate-rule-header': 'allowSave=true',
    })
    assert.equal(allowed.status, 201)
    assert.equal((await org.call('PATCH', `/sobjects/Contact/${id}`, { FirstName: 'A' })).status, 204)
  })
})
