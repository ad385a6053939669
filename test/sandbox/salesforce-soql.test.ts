import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsedQuery } from '../../services/sandbox/salesforce/soql/parser.ts'
import { movedClock, of, openOrg, query, type TestOrg } from './salesforce.ts'

/** Three contacts, each an hour after the one before, and a lead; tasks of the first contact and the lead. */
const org = async (context: Parameters<typeof openOrg>[0]): Promise<TestOrg> => {
  const clock = movedClock('2026-05-01T10:00:00Z')
  const opened = await openOrg(context, { clock })
  const account = await opened.create('Account', { Name: 'Analytical', NumberOfEmployees: 12 })
  const people = [
    { LastName: 'Ada', Email: 'ada@example.com', AccountId: account, HasOptedOutOfEmail: true },
    { LastName: "O'Neil", Email: 'O_Neil@Example.com', Birthdate: '1990-02-28' },
    { LastName: 'Zoë' },
  ]
  const ids: string[] = []
  for (const person of people) {
    ids.push(await opened.create('Contact', person))
    clock.move(3_600_000)
  }
  const lead = await opened.create('Lead', { LastName: 'Lead', Company: 'Acme' })
  for (const WhoId of [ids[0], lead, null]) await opened.create('Task', { Subject: `of ${WhoId ?? 'nobody'}`, WhoId })
  return opened
}

describe('conditions', () => {
  const found: [where: string, names: string][] = [
    ["Email = 'ADA@EXAMPLE.COM'", 'Ada'],
    ["email = 'ada@example.com' AND lastname = 'ada'", 'Ada'],
    ["Email != 'ada@example.com'", "O'Neil Zoë"],
    ["LastName = 'o\\'neil'", "O'Neil"],
    ["Email IN ('ADA@example.com', 'o_neil@example.com', 'x')", "Ada O'Neil"],
    ["Email NOT IN ('ada@example.com')", "O'Neil Zoë"],
    ['Email = null', 'Zoë'],
    ['Email != NULL', "Ada O'Neil"],
    ["Email LIKE '%@example.com'", "Ada O'Neil"],
    ["Email LIKE '_\\_neil%'", "O'Neil"],
    ["Email LIKE 'a_a@example.com'", 'Ada'],
    ["Email LIKE '.*'", ''],
    ["NOT Email LIKE 'ada%'", "O'Neil Zoë"],
    ["(LastName = 'Ada' OR LastName = 'Zoë') AND Email = null", 'Zoë'],
    ["LastName = 'Ada' OR (LastName = 'Zoë' AND Email = null)", 'Ada Zoë'],
    ['HasOptedOutOfEmail = true', 'Ada'],
    ['HasOptedOutOfEmail != TRUE', "O'Neil Zoë"],
    ['Birthdate < 1990-03-01', "O'Neil"],
    ['CreatedDate > 2026-05-01T10:00:00Z', "O'Neil Zoë"],
    ['CreatedDate >= 2026-05-01T12:00:00.000+02:00', "Ada O'Neil Zoë"],
    ['CreatedDate <= 2026-05-01T10:00:00.000+0000', 'Ada'],
    ["Account.Name = 'analytical'", 'Ada'],
    ['Account.NumberOfEmployees > 11.5', 'Ada'],
    ['Account.NumberOfEmployees < 100', 'Ada'],
    ["LastName > 'b' AND LastName < 'p'", "O'Neil"],
  ]
  it('find what Salesforce finds', async context => {
    const opened = await org(context)
    for (const [where, names] of found) {
      const { status, body } = await query(opened, `SELECT LastName FROM Contact WHERE ${where} ORDER BY CreatedDate`)
      assert.equal(status, 200, `${where}: ${JSON.stringify(body)}`)
      assert.equal(body.records.map((one: { LastName: string }) => one.LastName).join(' '), names, where)
    }
  })

  it('find an id of 15 characters as well as of 18', async context => {
    const opened = await openOrg(context)
    const id = await opened.create('Contact', { LastName: 'Ada' })
    for (const spelt of [id, id.slice(0, 15)])
      assert.equal((await query(opened, `SELECT Id FROM Contact WHERE Id = '${spelt}'`)).body.totalSize, 1)
  })
})

describe('what is selected', () => {
  it('comes with attributes, in the fields’ own names, related records within', async context => {
    const opened = await org(context)
    const { body } = await query(
      opened,
      'select lastname, ACCOUNT.name, Account.Id, EMAIL from contact order by createddate limit 1 offset 0',
    )
    const [record] = body.records
    assert.equal(body.done, true)
    assert.equal(record.attributes.type, 'Contact')
    assert.match(record.attributes.url, /^\/services\/data\/v60\.0\/sobjects\/Contact\/003\w{15}$/)
    assert.deepEqual(Object.keys(record), ['attributes', 'LastName', 'Account', 'Email'])
    assert.equal(record.Account.Name, 'Analytical')
    assert.equal(record.Account.attributes.type, 'Account')
    const none = await query(opened, "SELECT Account.Name FROM Contact WHERE LastName = 'Zoë'")
    assert.deepEqual(none.body.records[0].Account, null)
  })

  it('reaches a task’s person whatever its object', async context => {
    const { body } = await query(await org(context), 'SELECT Who.Type, Who.Name FROM Task ORDER BY Who.Type NULLS LAST')
    assert.deepEqual(
      body.records.map(
        (one: { Who: { Type: string; Name: string } | null }) => one.Who && `${one.Who.Type} ${one.Who.Name}`,
      ),
      ['Contact Ada', 'Lead Lead', null],
    )
  })

  it('is counted by COUNT(), ordered, limited and skipped', async context => {
    const opened = await org(context)
    const names = async (rest: string): Promise<string> =>
      (await query(opened, `SELECT LastName FROM Contact ${rest}`)).body.records
        .map((one: { LastName: string }) => one.LastName)
        .join(' ')
    const counted = await query(opened, 'SELECT COUNT() FROM Contact WHERE Email != null')
    assert.deepEqual(counted.body, { totalSize: 2, done: true, records: [] })
    assert.equal(await names('ORDER BY LastName DESC'), "Zoë O'Neil Ada")
    assert.equal(await names('ORDER BY Email'), "Zoë Ada O'Neil", 'nulls first')
    assert.equal(await names('ORDER BY Email DESC NULLS LAST'), "O'Neil Ada Zoë")
    assert.equal(await names('ORDER BY HasOptedOutOfEmail DESC, LastName ASC'), "Ada O'Neil Zoë")
    assert.equal(await names('ORDER BY LastName LIMIT 1 OFFSET 1'), "O'Neil")
    assert.equal(await names('LIMIT 0'), '')
  })

  it('comes in pages whose locator stops being valid', async context => {
    const opened = await openOrg(context, { queryPageSize: 2 })
    const records = ['A', 'B', 'C'].map(LastName => of('Contact', { LastName }))
    await opened.call('POST', '/composite/sobjects', { records })
    const first = await query(opened, 'SELECT Id FROM Contact')
    assert.deepEqual([first.body.totalSize, first.body.done, first.body.records.length], [3, false, 2])
    const second = await opened.raw('GET', first.body.nextRecordsUrl)
    assert.deepEqual([second.body.totalSize, second.body.done, second.body.records.length], [3, true, 1])
    for (let count = 0; count < 10; count += 1) await query(opened, 'SELECT Id FROM Contact')
    const late = await opened.raw('GET', first.body.nextRecordsUrl)
    assert.equal(late.body[0].errorCode, 'INVALID_QUERY_LOCATOR')
  })
})

describe('a refused query', () => {
  const refused: [soql: string, errorCode: string, message: RegExp][] = [
    ['SELECT Id', 'MALFORMED_QUERY', /unexpected token: '<EOF>'/],
    ['SELECT Id FROM Lead WHERE', 'MALFORMED_QUERY', /<EOF>/],
    ["SELECT Id FROM Lead WHERE Email = 'a", 'MALFORMED_QUERY', /unexpected token/],
    ["SELECT Id FROM Lead WHERE Email = 'a' OR Email = 'b' AND Name = 'c'", 'MALFORMED_QUERY', /'AND'/],
    ["SELECT Id FROM Lead WHERE Email = '\\x'", 'MALFORMED_QUERY', /escape/],
    ['SELECT Id FROM Lead WHERE Email IN ()', 'MALFORMED_QUERY', /'\)'/],
    ['SELECT Id FROM Lead LIMIT x', 'MALFORMED_QUERY', /'x'/],
    ['SELECT Id FROM Lead; DELETE', 'MALFORMED_QUERY', /';'/],
    ['SELECT Foo__c FROM Lead', 'INVALID_FIELD', /No such column 'Foo__c' on entity 'Lead'/],
    ["SELECT Id FROM Lead WHERE Foo = 'a'", 'INVALID_FIELD', /No such column 'Foo'/],
    ['SELECT Owner.Foo FROM Lead', 'INVALID_FIELD', /entity 'User'/],
    ['SELECT Boss.Name FROM Lead', 'INVALID_FIELD', /relationship 'Boss'/],
    ['SELECT Id FROM Lead WHERE Email = 5', 'INVALID_FIELD', /should be enclosed in quotes/],
    ["SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01'", 'INVALID_FIELD', /should not be enclosed in quotes/],
    ["SELECT Id FROM Task WHERE Description = 'a'", 'INVALID_FIELD', /can not be filtered/],
    ["SELECT Id FROM Lead WHERE Id = 'abc'", 'INVALID_QUERY_FILTER_OPERATOR', /invalid ID field/],
    ["SELECT Id FROM Lead WHERE CreatedDate LIKE 'a'", 'INVALID_QUERY_FILTER_OPERATOR', /operator/],
    ['SELECT Id FROM Lead WHERE IsDeleted > false', 'INVALID_QUERY_FILTER_OPERATOR', /operator/],
    ['SELECT Id FROM Foo', 'INVALID_TYPE', /'Foo' is not supported/],
    ['SELECT Id FROM Lead OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', /2000/],
  ]
  it('says what is wrong with it', async context => {
    const opened = await openOrg(context)
    for (const [soql, errorCode, message] of refused) {
      const { status, body } = await query(opened, soql)
      assert.equal(status, 400, soql)
      assert.equal(body[0].errorCode, errorCode, soql)
      assert.match(body[0].message, message, soql)
    }
  })

  it('has at most 100,000 characters, and at most the 16 KB that a request line with headers may have', async context => {
    const long = (size: number): string => `SELECT Id FROM Lead WHERE Email = '${'a'.repeat(size)}'`
    assert.throws(() => parsedQuery(long(100_000)), { message: /400/ })
    assert.ok(parsedQuery(long(90_000)))
    const opened = await openOrg(context)
    assert.equal((await query(opened, long(12_000))).status, 200)
    const answer = await fetch(`${opened.url}/services/data/v60.0/query?q=${encodeURIComponent(long(17_000))}`)
    assert.equal(answer.status, 431)
  })
})
