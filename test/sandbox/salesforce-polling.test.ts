import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KEY, movedClock, of, openOrg, query, type TestOrg } from './salesforce.ts'

interface Row extends Readonly<Record<string, unknown>> {
  readonly Id: string
  readonly SystemModstamp: string
}

const rows = async (org: TestOrg, soql: string, path = 'query'): Promise<Row[]> => {
  const { status, body } = await query(org, soql, path)
  assert.equal(status, 200, `${soql}: ${JSON.stringify(body)}`)
  return body.records
}

const subjects = async (org: TestOrg, where: string, path = 'query'): Promise<string> =>
  (await rows(org, `SELECT Subject FROM Task WHERE ${where} ORDER BY SystemModstamp, Id`, path))
    .map(({ Subject }) => Subject)
    .join(' ')

const START = '2026-05-01T10:00:00.700Z'

describe('a poller of tasks', () => {
  it('T7 finds what changed since a time to the second, whatever the fraction that it asks with', async context => {
    const clock = movedClock(START)
    const org = await openOrg(context, { clock })
    await org.create('Task', { Subject: 'A' })
    clock.move(1_000)
    await org.create('Task', { Subject: 'B' })
    assert.equal(await subjects(org, 'SystemModstamp >= 2026-01-01T00:00:00.000Z'), 'A B')
    assert.equal(await subjects(org, 'SystemModstamp >= 2026-05-01T10:00:00.999Z'), 'A B')
    assert.equal(await subjects(org, 'SystemModstamp > 2026-05-01T10:00:00.000Z'), 'B')
    assert.equal(await subjects(org, 'SystemModstamp = 2026-05-01T10:00:00.000Z'), 'A')
    assert.equal(await subjects(org, 'SystemModstamp < 2026-05-01T10:00:01.000+0000'), 'A')
  })

  it('T7 pages through many of one second by a cursor of time and id, and meets each once', async context => {
    const clock = movedClock(START)
    const org = await openOrg(context, { clock })
    for (let batch = 0; batch < 3; batch += 1) {
      const records = Array.from({ length: 50 }, (_, index) => of('Task', { Subject: `${batch}-${index}` }))
      assert.equal((await org.call('POST', '/composite/sobjects', { records })).status, 200)
      clock.move(1_000)
    }
    const met: string[] = []
    let after = 'SystemModstamp >= 2026-01-01T00:00:00.000Z'
    for (;;) {
      const page = await rows(
        org,
        `SELECT Id, SystemModstamp FROM Task WHERE ${after} ORDER BY SystemModstamp, Id LIMIT 7`,
      )
      const last = page.at(-1)
      if (!last) break
      met.push(...page.map(({ Id }) => Id))
      const time = last.SystemModstamp.replace('+0000', 'Z')
      after = `(SystemModstamp > ${time} OR (SystemModstamp = ${time} AND Id > '${last.Id}'))`
    }
    assert.equal(met.length, 150)
    assert.equal(new Set(met).size, 150)
  })

  it('sees owner, person and writer of a task in one query', async context => {
    const org = await openOrg(context)
    const contact = await org.create('Contact', { LastName: 'Byron', Email: 'ada@example.com' })
    const lead = await org.create('Lead', { LastName: 'Turing', Company: 'Bletchley', Email: 'alan@example.com' })
    const [sam] = await rows(org, "SELECT Id FROM User WHERE Email IN ('SAM.OKAFOR@sandbox.example.com')")
    await org.create('Task', { Subject: 'A', WhoId: contact, OwnerId: sam?.Id })
    await org.create('Task', { Subject: 'B', WhoId: lead })
    const columns =
      'Owner.Email, Owner.IsActive, Who.Type, Who.Email, Who.Id, LastModifiedById, LastModifiedBy.Username'
    const [first, second] = await rows(org, `SELECT Subject, ${columns} FROM Task ORDER BY Subject`)
    const plain = (value: unknown): object => {
      const { attributes: _, ...fields } = value as Record<string, unknown>
      return fields
    }
    assert.deepEqual(plain(first?.['Owner']), { Email: 'sam.okafor@sandbox.example.com', IsActive: true })
    assert.deepEqual(plain(first?.['Who']), { Type: 'Contact', Email: 'ada@example.com', Id: contact })
    assert.deepEqual(plain(second?.['Who']), { Type: 'Lead', Email: 'alan@example.com', Id: lead })
    assert.deepEqual(plain(second?.['LastModifiedBy']), { Username: 'integration@sandbox.example.com' })
    assert.equal(await subjects(org, "Who.Type = 'Lead'"), 'B')
    assert.equal(await subjects(org, `Who.Id = '${contact.slice(0, 15)}'`), 'A')
    assert.equal(await subjects(org, "Owner.Email = 'sam.okafor@sandbox.example.com'"), 'A')
    assert.equal(await subjects(org, `WhoId IN ('${contact}', '${lead}')`), 'A B')
  })

  it('T8 finds deleted tasks with all their fields by queryAll only, and the losers of a merge with their master', async context => {
    const org = await openOrg(context)
    const [master, loser] = [
      await org.create('Contact', { LastName: 'A' }),
      await org.create('Contact', { LastName: 'B' }),
    ]
    const task = await org.create('Task', { Subject: 'A', Description: 'note', WhoId: loser, [KEY]: 'hubspot:task:1' })
    await org.raw('POST', '/_sandbox/merge', { master, losers: [loser] })
    await org.call('DELETE', `/composite/sobjects?ids=${task}`)
    const soql = `SELECT Subject, Description, WhoId, ${KEY}, IsDeleted FROM Task`
    assert.deepEqual(await rows(org, soql), [])
    const [deleted] = await rows(org, soql, 'queryAll')
    assert.ok(deleted)
    const { attributes: _, ...fields } = deleted
    assert.deepEqual(fields, {
      Subject: 'A',
      Description: 'note',
      WhoId: master,
      [KEY]: 'hubspot:task:1',
      IsDeleted: true,
    })
    const [merged] = await rows(
      org,
      'SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true AND MasterRecordId != null',
      'queryAll',
    )
    assert.deepEqual([merged?.Id, merged?.['MasterRecordId']], [loser, master])
  })

  it('finds tasks that were archived by queryAll only', async context => {
    const org = await openOrg(context, { clock: movedClock(START) })
    await org.create('Task', { Subject: 'old', Status: 'Completed', ActivityDate: '2025-05-01' })
    await org.create('Task', { Subject: 'open', ActivityDate: '2025-05-01' })
    await org.create('Task', { Subject: 'young', Status: 'Completed', ActivityDate: '2025-05-02' })
    assert.equal(await subjects(org, 'IsClosed = true'), 'old young', 'until the night')
    assert.deepEqual((await org.raw('POST', '/_sandbox/archive')).body, { archived: 1 })
    assert.deepEqual((await org.raw('POST', '/_sandbox/archive')).body, { archived: 0 })
    assert.equal(await subjects(org, 'IsDeleted = false'), 'open young')
    assert.equal(await subjects(org, 'IsArchived = true', 'queryAll'), 'old')
  })

  it('T7 meets what a long transaction and what Salesforce’s own jobs leave behind', async context => {
    const clock = movedClock(START)
    const org = await openOrg(context, { clock })
    const id = await org.create('Task', { Subject: 'A' })
    clock.move(600_000)
    const late = { object: 'Task', fields: { Subject: 'late' }, begunMsAgo: 240_000 }
    assert.equal((await org.raw('POST', '/_sandbox/edit', late)).status, 200)
    assert.equal(await subjects(org, 'SystemModstamp = 2026-05-01T10:06:00.000Z'), 'late')
    assert.equal((await org.raw('POST', '/_sandbox/touch', { ids: [id] })).status, 204)
    const touched = await org.read('Task', id)
    assert.deepEqual(
      [touched['SystemModstamp'], touched['LastModifiedDate']],
      ['2026-05-01T10:10:00.000+0000', '2026-05-01T10:00:00.000+0000'],
    )
  })
})

describe('the lists of what was updated and deleted', () => {
  it('T8 name records by the minute, in both spellings and through jsforce', async context => {
    const clock = movedClock('2026-05-01T10:00:00Z')
    const org = await openOrg(context, { clock })
    const kept = await org.create('Task', { Subject: 'A' })
    const gone = await org.create('Task', { Subject: 'B' })
    clock.move(90_000)
    await org.call('PATCH', `/sobjects/Task/${kept}`, { Subject: 'C' })
    await org.call('DELETE', `/sobjects/Task/${gone}`)
    const span = 'start=2026-05-01T10:01:59%2B00:00&end=2026-05-02T00:00:00Z'
    for (const slash of ['', '/']) {
      const updated = await org.call('GET', `/sobjects/Task/updated${slash}?${span}`)
      assert.deepEqual(updated.body, { ids: [kept], latestDateCovered: '2026-05-01T10:01:30.000+0000' })
      const deleted = await org.call('GET', `/sobjects/Task/deleted${slash}?${span}`)
      assert.deepEqual(deleted.body, {
        deletedRecords: [{ id: gone, deletedDate: '2026-05-01T10:01:30.000+0000' }],
        earliestDateAvailable: '2026-04-16T10:01:30.000+0000',
        latestDateCovered: '2026-05-01T10:01:30.000+0000',
      })
    }
    const early = await org.client.sobject('Task').updated('2026-05-01T10:00:00Z', '2026-05-01T10:01:59Z')
    assert.deepEqual(early.ids, [], 'the seconds of the end do not count')
  })

  it('refuse a time that is none, ends before it starts, or is too long ago', async context => {
    const clock = movedClock('2026-05-31T10:00:30Z')
    const org = await openOrg(context, { clock })
    const cases: [list: string, start: string, end: string, errorCode: string | undefined][] = [
      ['updated', '2026-05-01T10:00:00Z', '2026-05-31T00:00:00Z', undefined],
      ['updated', '2026-05-01T09:59:59Z', '2026-05-31T00:00:00Z', 'INVALID_REPLICATION_DATE'],
      ['deleted', '2026-05-16T10:00:00Z', '2026-05-31T00:00:00Z', undefined],
      ['deleted', '2026-05-16T09:59:59Z', '2026-05-31T00:00:00Z', 'INVALID_REPLICATION_DATE'],
      ['deleted', '2026-05-31T10:00:00Z', '2026-05-31T10:00:59Z', 'INVALID_REPLICATION_DATE'],
      ['updated', '2026-05-31', '2026-05-31T10:00:59Z', 'MALFORMED_QUERY'],
    ]
    for (const [list, start, end, errorCode] of cases) {
      const { status, body } = await org.call('GET', `/sobjects/Task/${list}?start=${start}&end=${end}`)
      assert.deepEqual([status, body[0]?.errorCode], [errorCode ? 400 : 200, errorCode], `${list} ${start}`)
    }
  })

  it('count as one call each, as every poll and every page do, and answer with a fault on demand', async context => {
    const org = await openOrg(context, { queryPageSize: 2 })
    await org.call('POST', '/composite/sobjects', { records: ['A', 'B', 'C'].map(Subject => of('Task', { Subject })) })
    const span = 'start=2026-05-01T10:00:00Z&end=2026-05-02T00:00:00Z'
    const first = await query(org, 'SELECT Id FROM Task', 'queryAll')
    const second = await org.raw('GET', first.body.nextRecordsUrl)
    const updated = await org.call('GET', `/sobjects/Task/updated?${span}`)
    const used = [first, second, updated].map(({ headers }) => headers.get('sforce-limit-info')?.split('/')[0])
    assert.deepEqual(used, ['api-usage=2', 'api-usage=3', 'api-usage=4'])
    for (const path of ['queryAll', 'sobjects/Task/updated', 'sobjects/Task/deleted', 'composite/sobjects']) {
      const match = { path: `/services/data/v60.0/${path}` }
      await org.raw('POST', '/_sandbox/faults', { match, answer: { status: 503, body: [{ errorCode: 'X' }] } })
      assert.equal((await org.call('GET', `/${path}?${span}`)).status, 503, path)
    }
  })
})
