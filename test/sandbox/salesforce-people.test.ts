import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { mintedId } from '../../services/sandbox/salesforce/records/ids.ts'
import { seedPeople } from '../../services/sandbox/salesforce/seed-people.ts'
import { KEY, movedClock, openOrg, query, type TestOrg } from './salesforce.ts'

const whoOf = async (org: TestOrg, task: string): Promise<unknown> => (await org.read('Task', task))['WhoId']

const form = (org: TestOrg, path: string, fields: Record<string, string> = {}): Promise<Response> =>
  fetch(org.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

const page = async (org: TestOrg, path: string): Promise<string> => (await fetch(org.url + path)).text()

describe('merging', () => {
  it('deletes the losers in favour of the master, which takes over what referred to them', async context => {
    const clock = movedClock('2026-05-01T10:00:00Z')
    const org = await openOrg(context, { clock })
    const master = await org.create('Contact', { LastName: 'A', Email: 'a@example.com' })
    const losers = [await org.create('Contact', { LastName: 'B' }), await org.create('Contact', { LastName: 'C' })]
    const task = await org.create('Task', { WhoId: losers[0] })
    clock.move(60_000)
    const merged = await org.raw('POST', '/_sandbox/merge', { master: master.slice(0, 15), losers })
    assert.deepEqual(merged.body, { id: master })
    const soql = 'SELECT Id, IsDeleted, MasterRecordId, SystemModstamp FROM Contact'
    assert.deepEqual(
      (await query(org, soql)).body.records.map((one: { SystemModstamp: string }) => one.SystemModstamp),
      ['2026-05-01T10:01:00.000+0000'],
    )
    const all = await query(org, `${soql} WHERE MasterRecordId != null`, 'queryAll')
    assert.deepEqual(
      all.body.records.map((one: { Id: string; IsDeleted: boolean; MasterRecordId: string }) => [
        one.Id,
        one.IsDeleted,
        one.MasterRecordId,
      ]),
      losers.map(id => [id, true, master]),
    )
    assert.equal(await whoOf(org, task), master)
    const answer = await org.call('POST', '/sobjects/Task', { WhoId: losers[0] })
    assert.equal(answer.body[0].errorCode, 'ENTITY_IS_DELETED')
    const deleted = await org.call(
      'GET',
      '/sobjects/Contact/deleted/?start=2026-05-01T10:00:30Z&end=2026-05-02T00:00:00Z',
    )
    assert.equal(deleted.body.deletedRecords.length, 2)
  })

  it('is for two or three records of one object', async context => {
    const org = await openOrg(context)
    const master = await org.create('Contact', { LastName: 'A' })
    const lead = await org.create('Lead', { LastName: 'A', Company: 'B' })
    const others = [1, 2, 3].map(() => org.create('Contact', { LastName: 'A' }))
    for (const losers of [[lead], [master], await Promise.all(others), ['nothing'], []]) {
      const answer = await org.raw('POST', '/_sandbox/merge', { master, losers })
      assert.equal(answer.status, 400, JSON.stringify(losers))
      assert.ok(answer.body.message)
    }
  })
})

describe('converting a lead', () => {
  it('makes a contact and an account, to whom the tasks move, and closes the lead', async context => {
    const org = await openOrg(context)
    const lead = await org.create('Lead', { LastName: 'L', FirstName: 'Ada', Company: 'Acme', Email: 'a@example.com' })
    const task = await org.create('Task', { WhoId: lead, [KEY]: 'webinar:1' })
    const { contact, account } = (await org.raw('POST', '/_sandbox/convert', { lead })).body
    const { body } = await query(
      org,
      'SELECT IsConverted, ConvertedContactId, ConvertedAccountId, ConvertedDate, IsDeleted FROM Lead',
    )
    const { attributes: _, ConvertedDate, ...converted } = body.records[0]
    assert.deepEqual(converted, {
      IsConverted: true,
      ConvertedContactId: contact,
      ConvertedAccountId: account,
      IsDeleted: false,
    })
    assert.match(ConvertedDate, /^\d{4}-\d\d-\d\d$/)
    const made = await org.read('Contact', contact)
    assert.deepEqual([made['Name'], made['Email'], made['AccountId']], ['Ada L', 'a@example.com', account])
    const moved = await org.read('Task', task)
    assert.deepEqual([moved['WhoId'], moved['AccountId']], [contact, account])
    const again = await org.call('PATCH', `/sobjects/Task/${KEY}/webinar:1`, { Subject: 'still mine' })
    assert.equal(again.status, 200)
    for (const answer of [
      await org.call('PATCH', `/sobjects/Lead/${lead}`, { FirstName: 'B' }),
      await org.call('POST', '/sobjects/Task', { WhoId: lead }),
    ])
      assert.equal(answer.body[0].errorCode, 'CANNOT_UPDATE_CONVERTED_LEAD')
    assert.equal((await org.raw('POST', '/_sandbox/convert', { lead })).status, 400)
  })

  it('can be into a contact that is there', async context => {
    const org = await openOrg(context)
    const contact = await org.create('Contact', { LastName: 'A' })
    const lead = await org.create('Lead', { LastName: 'A', Company: 'B' })
    const task = await org.create('Task', { WhoId: lead })
    const answer = await org.raw('POST', '/_sandbox/convert', { lead, contact })
    assert.deepEqual(answer.body, { contact, account: null })
    assert.equal(await whoOf(org, task), contact)
  })
})

describe('the state', () => {
  it('of a new org is its users, and those again after a reset', async context => {
    const org = await openOrg(context)
    const state = async (): Promise<Record<string, number>> => {
      const { body } = await org.raw('GET', '/_sandbox/state')
      return Object.fromEntries(Object.entries(body).map(([name, rows]) => [name, (rows as unknown[]).length]))
    }
    const empty = { Account: 0, Contact: 0, Lead: 0, Opportunity: 0, Task: 0, User: 6 }
    assert.deepEqual(await state(), empty)
    await org.create('Task', { [KEY]: 'a' })
    await org.raw('POST', '/_sandbox/rows', { externalId: 'a' })
    await org.raw('DELETE', `/_sandbox/fields/Task/${KEY}`)
    assert.equal((await org.raw('POST', '/_sandbox/reset')).status, 204)
    assert.deepEqual(await state(), empty)
    assert.equal((await org.call('PATCH', `/sobjects/Task/${KEY}/a`, {})).status, 201, 'field back, fault gone')
  })

  it('survives a restart, with deleted records, ids, and fields', async context => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-salesforce-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const journalFile = join(folder, 'salesforce.jsonl')
    const before = await openOrg(context, { journalFile })
    const first = await before.create('Task', { [KEY]: 'a' })
    const gone = await before.create('Contact', { LastName: 'A' })
    await before.call('DELETE', `/sobjects/Contact/${gone}`)
    await before.raw('POST', '/_sandbox/fields', { object: 'Lead', name: 'Ext__c' })
    await before.close()
    const after = await openOrg(context, { journalFile })
    assert.equal((await after.call('PATCH', `/sobjects/Task/${KEY}/A`, {})).body.id, first)
    assert.notEqual(await after.create('Task', {}), first)
    assert.equal((await query(after, 'SELECT Id FROM Contact', 'queryAll')).body.records[0].Id, gone)
    assert.equal((await after.call('PATCH', '/sobjects/Lead/Ext__c/1', { LastName: 'A', Company: 'B' })).status, 201)
    assert.equal((await after.raw('GET', '/_sandbox/state')).body.User.length, 6)
  })

  it('that was kept when there was one user gets the others', async context => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-salesforce-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const journalFile = join(folder, 'salesforce.jsonl')
    const Id = mintedId('005', 1)
    const user = { Id, Username: 'integration@sandbox.example.com', LastName: 'User', IsActive: true }
    const rows = [
      ['counters', 'User', { next: 2 }],
      ['User', Id, user],
    ]
    writeFileSync(journalFile, `${JSON.stringify({ vendor: 'salesforce', format: 1 })}\n${JSON.stringify({ rows })}\n`)
    const org = await openOrg(context, { journalFile })
    const { body } = await query(org, 'SELECT FirstName FROM User ORDER BY Id')
    assert.deepEqual(
      body.records.map((one: { FirstName: string | null }) => one.FirstName),
      [null, 'Alex', 'Sam', 'Kim', 'Only', 'Former'],
    )
  })

  it('can be filled with people, once each', async context => {
    const org = await openOrg(context)
    const people = [
      { email: 'ada@example.com', firstName: 'Ada', lastName: 'Byron' },
      { email: 'alan@example.com', firstName: 'Alan', lastName: 'Turing', company: 'Bletchley' },
    ]
    assert.equal(await seedPeople(org.url, people), 2)
    assert.equal(await seedPeople(org.url, [...people, { email: 'x@example.com', firstName: 'X', lastName: 'Y' }]), 1)
    const { body } = await org.raw('GET', '/_sandbox/state')
    assert.deepEqual([body.Contact.length, body.Lead.length], [2, 1])
    assert.equal(body.Lead[0].properties.Company, 'Bletchley')
  })
})

describe('the pages', () => {
  it('show people with their tasks, search them, and escape what they show', async context => {
    const org = await openOrg(context)
    const ada = await org.create('Contact', { LastName: '<b>Byron', Email: 'ada@example.com' })
    await org.create('Lead', { LastName: 'Turing', Company: 'Bletchley', Email: 'alan@example.com' })
    await org.create('Task', { WhoId: ada, Subject: 'Attended: Kafka', Status: 'Completed' })
    const people = await page(org, '/')
    assert.match(people, /&lt;b&gt;Byron.*ada@example\.com.*Attended: Kafka.*Completed/s)
    assert.match(people, /Turing.*Bletchley/s)
    const found = await page(org, '/?q=turing')
    assert.match(found, /alan@example\.com/)
    assert.doesNotMatch(found, /ada@example\.com/)
    for (const object of ['Account', 'Contact', 'Lead', 'Task', 'Opportunity', 'User'])
      assert.match(await page(org, `/records/${object}`), /<table>/)
    assert.equal((await fetch(`${org.url}/records/Foo`)).status, 404)
  })

  it('a person adds, edits, converts, merges and deletes; a refusal comes back with its reason', async context => {
    const org = await openOrg(context)
    const place = async (path: string, fields: Record<string, string> = {}): Promise<string> => {
      const answer = await form(org, path, fields)
      assert.equal(answer.status, 303)
      return answer.headers.get('location') ?? ''
    }
    const lead = await place('/records/Lead', { LastName: 'A', Company: 'B', Email: 'a@example.com' })
    assert.equal(await place(lead, { FirstName: 'Ada', LastName: 'A', HasOptedOutOfEmail: 'true' }), lead)
    const writes = (await org.raw('GET', '/_sandbox/writes')).body
    assert.deepEqual(writes.at(-1).properties, { FirstName: 'Ada', HasOptedOutOfEmail: true }, 'only what differs')
    assert.match(await page(org, lead), /Convert this lead/)
    const refused = await place(lead, { Email: 'nobody' })
    assert.match(await page(org, refused), /role="alert">Email: invalid email address: nobody</)
    const contact = await place(`${lead}/convert`, { contact: '' })
    assert.match(contact, /^\/records\/Contact\/003/)
    const other = await place('/records/Contact', { LastName: 'C' })
    await place(`${contact}/merge`, { other: other.split('/').at(-1) ?? '' })
    assert.match(await page(org, other), /It was merged into/)
    assert.equal(await place(`${contact}/delete`), '/records/Contact')
    assert.deepEqual((await org.raw('GET', '/_sandbox/state')).body.Contact, [])
  })

  it('a person adds a lead, or a contact with its account', async context => {
    const org = await openOrg(context)
    await form(org, '/people', { object: 'Lead', LastName: 'A', Company: 'Acme' })
    for (const LastName of ['B', 'C']) await form(org, '/people', { object: 'Contact', LastName, Company: 'Acme' })
    const refused = await form(org, '/people', { object: 'Lead', LastName: 'D', Company: '' })
    assert.match(await page(org, refused.headers.get('location') ?? ''), /Required fields are missing: \[Company\]/)
    const { Lead, Contact, Account } = (await org.raw('GET', '/_sandbox/state')).body
    assert.deepEqual([Lead.length, Contact.length, Account.length], [1, 2, 1])
    assert.equal(Contact[1].properties.AccountId, Account[0].id)
  })

  it('the field of tasks can be taken away and given back', async context => {
    const org = await openOrg(context)
    const hasField = async (): Promise<boolean> =>
      (await org.call('GET', '/sobjects/Task/describe')).body.fields.some(({ name }: { name: string }) => name === KEY)
    for (const expected of [false, true]) {
      assert.match(await page(org, '/fields'), /Tributary_Id__c/)
      await form(org, '/fields/tributary')
      assert.equal(await hasField(), expected)
    }
  })
})
