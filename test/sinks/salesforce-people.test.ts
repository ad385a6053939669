import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Resolution } from '../../services/delivery/destination.ts'
import { absentForMs } from '../../services/sinks/salesforce/limits.ts'
import { manualClock } from '../clock.ts'
import { openOrg, paths, person, signal } from './salesforce-org.ts'

const both = ['contact', 'lead']

const opened = async (context: TestContext) => {
  const clock = manualClock()
  const org = await openOrg(context, { clock })
  const aged = async (type: 'Contact' | 'Lead', Email: string): Promise<string> => {
    clock.advance(60_000)
    return await org.add(type, { LastName: 'Lovelace', Email, ...(type === 'Lead' ? { Company: 'Analytical' } : {}) })
  }
  return {
    ...org,
    clock,
    /** Each is a minute younger than the one before. */
    addContact: (email: string) => aged('Contact', email),
    addLead: (email: string) => aged('Lead', email),
    convert: async (id: string): Promise<string> => (await org.call('POST', '/_sandbox/convert', { lead: id })).contact,
    resolve: (...emails: string[][]) =>
      org.destination.resolve(
        both,
        emails.map(all => person(...all)),
        signal,
      ),
  }
}

const recordOf = (result: Resolution | undefined) =>
  result?.kind === 'found' ? [result.record.object, result.record.id, result.alias] : result?.kind

describe('who a person is in Salesforce', () => {
  it('Z12 is a contact before a lead, in the order in which it was asked', async context => {
    const { addContact, addLead, resolve } = await opened(context)
    const lead = await addLead('ada@example.com')
    const contact = await addContact('ada@example.com')
    const other = await addLead('bob@example.com')
    const results = await resolve(['nobody@example.com'], ['bob@example.com'], ['ada@example.com'])
    assert.deepEqual(results.map(recordOf), [
      'missing',
      ['lead', other, 'email:bob@example.com'],
      ['contact', contact, 'email:ada@example.com'],
    ])
    assert.notEqual(lead, contact)
  })

  it('Z12 is the oldest of several', async context => {
    const { addContact, addLead, resolve } = await opened(context)
    const oldest = await addContact('ada@example.com')
    await addContact('ada@example.com')
    const oldestLead = await addLead('bob@example.com')
    await addLead('bob@example.com')
    const results = await resolve(['ada@example.com'], ['bob@example.com'])
    assert.deepEqual(results.map(recordOf), [
      ['contact', oldest, 'email:ada@example.com'],
      ['lead', oldestLead, 'email:bob@example.com'],
    ])
  })

  it('Z12 is found by any of their addresses, in whatever case Salesforce holds it', async context => {
    const { addContact, addLead, resolve } = await opened(context)
    await addLead('ada@example.com')
    const contact = await addContact('Ada.Work@Example.COM')
    const [result] = await resolve(['ada@example.com', 'ada.work@example.com'])
    assert.deepEqual(recordOf(result), ['contact', contact, 'email:ada.work@example.com'])
  })

  it('Z12 is the contact that a converted lead became, before another lead', async context => {
    const { addLead, convert, call, resolve } = await opened(context)
    const open = await addLead('ada@example.com')
    const converted = await addLead('ada@example.com')
    const contact = await convert(converted)
    await call('PATCH', `/services/data/v60.0/sobjects/Contact/${contact}`, { Email: 'moved@example.com' })
    const [result] = await resolve(['ada@example.com'])
    assert.deepEqual(recordOf(result), ['contact', contact, 'email:ada@example.com'])
    assert.notEqual(contact, open)
  })

  it('Z12 is nobody when the contact of a converted lead was deleted', async context => {
    const { addLead, convert, remove, resolve } = await opened(context)
    const contact = await convert(await addLead('ada@example.com'))
    await remove('Contact', contact)
    assert.deepEqual((await resolve(['ada@example.com'])).map(recordOf), ['missing'])
  })

  it('Z12 is not looked for without an address', async context => {
    const { resolve, addContact } = await opened(context)
    const contact = await addContact('ada@example.com')
    const results = await resolve([], ['ada@example.com'])
    assert.deepEqual(recordOf(results[1]), ['contact', contact, 'email:ada@example.com'])
    assert.deepEqual(results[0], { kind: 'skipped', code: 'NO_ADDRESS', status: null, correlationId: null })
  })

  it('is asked of Salesforce for 200 people in few requests, none for those who are contacts', async context => {
    const { addContact, resolve, requests } = await opened(context)
    for (let n = 0; n < 20; n++) await addContact(`p${n}@example.com`)
    const results = await resolve(...Array.from({ length: 200 }, (_, n) => [`p${n}@example.com`]))
    assert.equal(results.filter(({ kind }) => kind === 'found').length, 20)
    assert.equal(results.filter(({ kind }) => kind === 'missing').length, 180)
    const asked = await requests(paths.query)
    assert.equal(asked.length, 2)
    assert.ok(!decodeURIComponent(asked[1]?.path ?? '').includes("'p0@example.com'"))
  })

  it('Z12 is not asked for again at every write when nobody is there, only with a new address or after a while', async context => {
    const { addContact, resolve, requests, clock } = await opened(context)
    const asked = async () => (await requests(paths.query)).length
    await resolve(['carol@example.com'])
    assert.equal(await asked(), 2)
    const again = await resolve(['Carol@example.com'], ['carol@example.com'])
    assert.deepEqual(again.map(recordOf), ['missing', 'missing'])
    assert.equal(await asked(), 2)
    assert.deepEqual((await resolve(['carol@example.com', 'carol.work@example.com'])).map(recordOf), ['missing'])
    assert.equal(await asked(), 4)
    const contact = await addContact('carol@example.com')
    clock.advance(absentForMs)
    assert.deepEqual((await resolve(['carol@example.com'])).map(recordOf), [
      ['contact', contact, 'email:carol@example.com'],
    ])
  })

  it('is remembered as nobody for the objects that were asked for only', async context => {
    const { destination, addLead } = await opened(context)
    await addLead('ada@example.com')
    const ada = person('ada@example.com')
    assert.deepEqual((await destination.resolve(['contact'], [ada], signal)).map(recordOf), ['missing'])
    assert.equal((await destination.resolve(both, [ada], signal))[0]?.kind, 'found')
  })

  it('36 is asked for after a failure, for a pause must not end without a request', async context => {
    const { resolve, disturb } = await opened(context)
    await resolve(['carol@example.com'])
    await disturb(paths.query, { status: 503, body: [{ message: 'busy', errorCode: 'SERVER_UNAVAILABLE' }] }, 2)
    assert.deepEqual((await resolve(['dora@example.com'])).map(recordOf), ['retry'])
    assert.deepEqual((await resolve(['carol@example.com'])).map(recordOf), ['retry'])
    assert.deepEqual((await resolve(['carol@example.com'])).map(recordOf), ['missing'])
  })

  it('holds addresses with quotes and backslashes', async context => {
    const { addContact, resolve } = await opened(context)
    const contact = await addContact("o'neil@example.com")
    const results = await resolve(
      ["o'neil@example.com"],
      [String.raw`b\'ob@example.com`],
      ["x') OR (Id != '@example.com"],
    )
    assert.deepEqual(results.map(recordOf), [['contact', contact, "email:o'neil@example.com"], 'missing', 'missing'])
  })

  it('follows all pages of an answer', async context => {
    const clock = manualClock()
    const org = await openOrg(context, { clock, sandbox: { queryPageSize: 200 } })
    const records = Array.from({ length: 200 }, () => ({
      ...{ attributes: { type: 'Contact' }, LastName: 'Lovelace', Email: 'ada@example.com' },
    }))
    await org.call('POST', '/services/data/v60.0/composite/sobjects', { records })
    const last = await org.add('Contact', { LastName: 'Babbage', Email: 'bob@example.com' })
    const results = await org.destination.resolve(both, [person('bob@example.com'), person('ada@example.com')], signal)
    assert.equal(results[0]?.kind === 'found' && results[0].record.id, last)
    assert.equal(results[1]?.kind, 'found')
  })

  it('needs a person when the integration user may not see them', async context => {
    const { resolve, disturb } = await opened(context)
    const message = "No such column 'Email' on entity 'Contact'"
    await disturb(paths.query, { status: 400, body: [{ message, errorCode: 'INVALID_FIELD' }] })
    const [result] = await resolve(['ada@example.com'])
    assert.ok(result?.kind === 'needs-person')
    assert.match(result.message, /read access to contacts and leads/)
    assert.doesNotMatch(result.message, /ada@/)
  })
})
