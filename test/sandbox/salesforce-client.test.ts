import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import jsforce from 'jsforce'
import { assertion, KEY, movedClock, openOrg } from './salesforce.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

describe('through jsforce', () => {
  it('a session is opened by JWT bearer and renewed when it has expired', async context => {
    const clock = movedClock(new Date().toISOString())
    const { url } = await openOrg(context, { clock, sessionMs: 60_000 })
    let renewals = 0
    const client = new jsforce.Connection({
      loginUrl: url,
      instanceUrl: url,
      version: '60.0',
      refreshFn: (connection, done) => {
        renewals += 1
        connection
          .authorize({ grant_type: JWT_BEARER, assertion: assertion(url) })
          .then(() => done(null, connection.accessToken ?? ''))
          .catch(done)
      },
    })
    const { id, organizationId } = await client.authorize({ grant_type: JWT_BEARER, assertion: assertion(url) })
    assert.match(id, /^005\w{15}$/)
    assert.match(organizationId, /^00D\w{15}$/)
    assert.equal(client.instanceUrl, url)
    const contact = await client.sobject('Contact').create({ LastName: 'Byron' })
    clock.move(60_000)
    await client.sobject('Contact').update({ Id: contact.id ?? '', FirstName: 'Ada' })
    assert.equal(renewals, 1)
    assert.equal((await client.identity()).user_id, id)
  })

  it('records are created, read, changed and destroyed one by one', async context => {
    const { client } = await openOrg(context)
    const created = await client.sobject('Lead').create({ LastName: 'Lovelace', Company: 'Analytical' })
    assert.ok(created.success)
    const id = created.id ?? ''
    assert.match(id, /^00Q\w{15}$/)
    const updated = await client.sobject('Lead').update({ Id: id, FirstName: 'Ada' })
    assert.ok(updated.success)
    const lead = await client.sobject('Lead').retrieve(id)
    assert.equal(lead?.['Name'], 'Ada Lovelace')
    assert.equal(lead?.['Status'], 'Open - Not Contacted')
    assert.match(String(lead?.['SystemModstamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/)
    assert.ok((await client.sobject('Lead').destroy(id)).success)
    await assert.rejects(client.sobject('Lead').retrieve(id), { errorCode: 'ENTITY_IS_DELETED' })
  })

  it('tasks are upserted one by one and in collections, larger ones in chunks of 200', async context => {
    const { client } = await openOrg(context)
    const contact = await client.sobject('Contact').create({ LastName: 'Byron' })
    const task = { [KEY]: 'webinar:1', Subject: 'Attended: Kafka', Status: 'Completed', WhoId: contact.id }
    const first = await client.sobject('Task').upsert(task, KEY)
    const second = await client.sobject('Task').upsert({ ...task, Description: 'for 31 minutes' }, KEY)
    assert.deepEqual(
      [first, second].map(one => 'created' in one && one.created),
      [true, false],
    )
    assert.equal(second.id, first.id)
    const many = Array.from({ length: 250 }, (_, index) => ({ ...task, [KEY]: `WEBINAR:${index}` }))
    const results = await client.sobject('Task').upsert(many, KEY, { allOrNone: false, allowRecursive: true })
    assert.equal(results.length, 250)
    assert.ok(results.every(({ success }) => success))
    assert.equal(results[1]?.id, first.id, 'without regard to case')
    assert.equal(results.filter(one => 'created' in one && one.created).length, 249)
  })

  it('a collection is created, changed and destroyed', async context => {
    const { client } = await openOrg(context)
    const created = await client.sobject('Contact').create([{ LastName: 'A' }, { FirstName: 'B' }], {
      allOrNone: false,
    })
    assert.deepEqual(
      created.map(({ success }) => success),
      [true, false],
    )
    assert.deepEqual(created[1]?.errors, [
      {
        statusCode: 'REQUIRED_FIELD_MISSING',
        message: 'Required fields are missing: [LastName]',
        fields: ['LastName'],
      },
    ])
    const id = created[0]?.id ?? ''
    const updated = await client.sobject('Contact').update([{ Id: id, FirstName: 'Ada' }])
    assert.ok(updated[0]?.success)
    const destroyed = await client.sobject('Contact').destroy([id, id])
    assert.deepEqual(
      destroyed.map(one => one.success || one.errors[0]),
      [true, { statusCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', fields: [] }],
    )
  })

  it('a query is fetched page by page', async context => {
    const { client } = await openOrg(context, { queryPageSize: 30 })
    const people = Array.from({ length: 75 }, (_, index) => ({ LastName: `N${index}`, Email: `n${index}@example.com` }))
    await client.sobject('Contact').create(people)
    const pages: number[] = []
    const all = await client.query('SELECT Id, Email FROM Contact ORDER BY CreatedDate, Id', { autoFetch: true })
    assert.equal(all.totalSize, 75)
    assert.equal(all.records.length, 75)
    let page = await client.query('SELECT Id FROM Contact')
    pages.push(page.records.length)
    while (page.nextRecordsUrl) {
      page = await client.queryMore(page.nextRecordsUrl)
      pages.push(page.records.length)
    }
    assert.deepEqual(pages, [30, 30, 15])
  })

  it('deleted records are listed by time and found by queryAll only', async context => {
    const clock = movedClock('2026-05-01T10:00:00Z')
    const { client } = await openOrg(context, { clock })
    const ids: string[] = []
    for (const LastName of ['A', 'B']) {
      ids.push((await client.sobject('Contact').create({ LastName })).id ?? '')
      await client.sobject('Contact').destroy(ids.at(-1) ?? '')
      clock.move(3_600_000)
    }
    const listed = await client.sobject('Contact').deleted('2026-05-01T10:30:00Z', '2026-05-01T23:00:00Z')
    assert.deepEqual(listed.deletedRecords, [{ id: ids[1], deletedDate: '2026-05-01T11:00:00.000+0000' }])
    assert.equal(listed.latestDateCovered, '2026-05-01T12:00:00.000+0000')
    const soql = 'SELECT Id FROM Contact WHERE IsDeleted = true'
    assert.equal((await client.query(soql)).totalSize, 0)
    assert.equal((await client.query(soql, { scanAll: true })).totalSize, 2)
  })

  it('describes its objects, and every call counts against the allowance, a collection once', async context => {
    const { client } = await openOrg(context, { dailyCalls: 5 })
    const described = await client.sobject('Task').describe()
    const key = described.fields.find(({ name }) => name === KEY)
    assert.deepEqual([key?.externalId, key?.unique, key?.caseSensitive, key?.custom], [true, true, false, true])
    await client.sobject('Contact').create([{ LastName: 'A' }, { LastName: 'B' }])
    assert.deepEqual(client.limitInfo.apiUsage, { used: 2, limit: 5 })
    const limits = await client.limits()
    assert.deepEqual(limits['DailyApiRequests'], { Max: 5, Remaining: 2 })
    await client.query('SELECT Id FROM User')
    await client.query('SELECT Id FROM User')
    await assert.rejects(async () => await client.query('SELECT Id FROM User'), {
      errorCode: 'REQUEST_LIMIT_EXCEEDED',
      message: 'TotalRequests Limit exceeded.',
    })
  })

  it('several matches of an external id are told apart by the caller', async context => {
    const { client, raw } = await openOrg(context)
    await raw('POST', '/_sandbox/fields', { object: 'Lead', name: 'Ext__c', unique: false })
    const lead = { LastName: 'D', Company: 'C', Ext__c: 'multi' }
    await client.sobject('Lead').create([lead, lead])
    await assert.rejects(client.sobject('Lead').upsert({ ...lead }, 'Ext__c'), (error: Error & { data: unknown }) => {
      assert.equal(error.name, 'MULTIPLE_CHOICES')
      assert.equal((error.data as string[]).length, 2)
      return true
    })
  })

  it('T2 what is selected under Change Data Capture is told by the Tooling API, and by no other query', async context => {
    const { client } = await openOrg(context, { changeDataCapture: ['Task', 'Lead'] })
    const soql = 'SELECT Id, SelectedEntity FROM PlatformEventChannelMember'
    const { records } = await client.tooling.query(`${soql} WHERE EventChannel = 'ChangeEvents'`)
    assert.deepEqual(
      records.map(({ SelectedEntity }) => SelectedEntity),
      ['TaskChangeEvent', 'LeadChangeEvent'],
    )
    assert.match(String(records[0]?.Id), /^0v8\w{15}$/)
    assert.deepEqual((await client.tooling.query(`${soql} WHERE EventChannel = 'Other__chn'`)).records, [])
    await assert.rejects(async () => await client.query(soql), { errorCode: 'INVALID_TYPE' })
    await assert.rejects(async () => await client.tooling.query('SELECT Id FROM Task'), { errorCode: 'INVALID_TYPE' })
  })
})
