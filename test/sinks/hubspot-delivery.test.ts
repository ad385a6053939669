import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { systemClock } from '../../services/runtime/clock.ts'
import type { DeliverySettings } from '../../services/runtime/deliver/settings.ts'
import { contactProperties } from '../../services/sinks/hubspot/contact-properties.ts'
import { type HubSpotDestinationOptions, hubSpotDestination } from '../../services/sinks/hubspot/contacts.ts'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import { delivering } from '../runtime/delivering.ts'
import { type Account, openAccount } from '../sandbox/hubspot.ts'

const opened = async (
  context: TestContext,
  options: {
    readonly burst?: number
    /** Behind the account's address. */
    readonly path?: string
    readonly destination?: Partial<HubSpotDestinationOptions>
    readonly settings?: Partial<DeliverySettings>
  } = {},
) => {
  const burst = options.burst ?? 10_000
  const account = await openAccount(context, { limits: { burst } })
  const harness = await delivering(
    clock =>
      hubSpotDestination({
        ...{ accessToken: 'sandbox', baseUrl: account.url + (options.path ?? ''), clock },
        limit: { requests: burst, windowMs: 10_000 },
        ...options.destination,
      }),
    { clock: systemClock, settings: { retry: { firstMs: 5, longestMs: 50 }, ...options.settings } },
  )
  const running = await harness.start()
  context.after(() => running.close())
  return { ...harness, account, running }
}

interface Applied {
  readonly operation: string
  readonly id: string
  readonly properties: Readonly<Record<string, string>>
}

const writesOf = async (account: Account): Promise<Applied[]> => (await account.call('GET', '/_sandbox/writes')).body
const contactsOf = async (account: Account): Promise<Applied[]> =>
  (await account.call('GET', '/_sandbox/state')).body.contacts
const requestsOf = async (account: Account): Promise<{ method: string; path: string; status: number }[]> =>
  (await account.call('GET', '/_sandbox/requests')).body
const addContact = async (account: Account, properties: Record<string, string>): Promise<string> =>
  (await account.call('POST', '/crm/v3/objects/contacts', { properties })).body.id
const disturb = (account: Account, path: string, answer: unknown, times = 1): Promise<unknown> =>
  account.call('POST', '/_sandbox/faults', { match: { path }, times, answer })

const { fields, fieldsOnCreate } = hubspotContact.set(
  {
    zoom_webinar_attendance_count: 1,
    zoom_webinar_last_status: 'attending',
    zoom_webinar_last_joined_at: '2026-03-04T15:00:00.000Z',
  },
  { createIfMissing: true, fieldsOnCreate: { tributary_source: 'zoom' } },
)

describe('contacts reach HubSpot', () => {
  it('a new contact is created once, with its source, and claimed', async context => {
    const { know, write, done, account, outcomes, claims } = await opened(context)
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields, fieldsOnCreate, revision: 1, id: 'first' })
    await done()
    await write({ person: 'p1', fields: { zoom_webinar_attendance_count: 2 }, fieldsOnCreate, revision: 2 })
    await done()
    const [contact, ...others] = await contactsOf(account)
    assert.deepEqual(others, [])
    assert.equal(contact?.properties['email'], 'ada@example.com')
    assert.equal(contact?.properties['tributary_source'], 'zoom')
    assert.equal(contact?.properties['zoom_webinar_attendance_count'], '2')
    assert.equal(contact?.properties['zoom_webinar_last_joined_at'], '2026-03-04T15:00:00Z')
    const sourced = (await writesOf(account)).filter(({ properties }) => 'tributary_source' in properties)
    assert.deepEqual(
      sourced.map(({ operation }) => operation),
      ['create'],
    )
    assert.equal((await outcomes())['first'], 'CREATED')
    assert.deepEqual(
      (await claims()).map(({ aliases }) => aliases),
      [['email:ada@example.com', `hubspot:contact:${contact?.id}`]],
    )
  })

  it('a contact is found by a secondary address, keeps its main one, and gets no source', async context => {
    const { know, write, done, account, outcomes } = await opened(context)
    const id = await addContact(account, { email: 'work@example.com', hs_additional_emails: 'ada@example.com' })
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: { ...fields, email: 'ada@example.com' }, fieldsOnCreate, id: 'known' })
    await done()
    const [contact, ...others] = await contactsOf(account)
    assert.deepEqual(others, [])
    assert.equal(contact?.id, id)
    assert.equal(contact?.properties['email'], 'work@example.com')
    assert.equal(contact?.properties['zoom_webinar_attendance_count'], '1')
    assert.equal(contact?.properties['tributary_source'], undefined)
    assert.equal((await outcomes())['known'], 'APPLIED')
  })

  it('40 a contact that was merged is followed to its survivor, and both are claimed', async context => {
    const { know, write, done, account, claims, receipts } = await opened(context)
    const gone = await addContact(account, { email: 'ada@example.com' })
    const other = await addContact(account, { email: 'lovelace@example.com' })
    know('p1', 'email:ada@example.com', `hubspot:contact:${gone}`)
    const merge = { primaryObjectId: other, objectIdToMerge: gone }
    const survivor = (await account.call('POST', '/crm/v3/objects/contacts/merge', merge)).body.id
    await write({ person: 'p1', fields })
    await done()
    const contact = (await contactsOf(account)).find(({ id }) => id === survivor)
    assert.equal(contact?.properties['zoom_webinar_attendance_count'], '1')
    assert.deepEqual(
      (await claims()).map(({ kind, aliases }) => [kind, ...aliases]),
      [['MERGE', `hubspot:contact:${gone}`, `hubspot:contact:${survivor}`]],
    )
    assert.deepEqual(
      (await receipts()).map(({ record, outcome }) => [record, outcome]),
      [[survivor, 'APPLIED']],
    )
  })

  it('40 a contact that somebody deleted is not created again', async context => {
    const { know, write, done, account, receipts } = await opened(context)
    const gone = await addContact(account, { email: 'ada@example.com' })
    know('p1', 'email:ada@example.com', `hubspot:contact:${gone}`)
    await account.call('DELETE', `/crm/v3/objects/contacts/${gone}`)
    await write({ person: 'p1', fields })
    await done()
    assert.deepEqual(await contactsOf(account), [])
    assert.deepEqual(
      (await receipts()).map(({ outcome, code }) => [outcome, code]),
      [['SKIPPED', 'RECORD_DELETED']],
    )
  })
})

describe('HubSpot under load and faults', () => {
  it('1,000 writes need few requests, and none is refused by the limit', async context => {
    const burst = 120
    const { know, write, done, account } = await opened(context, { burst })
    const people = Array.from({ length: 1_000 }, (_, n) => `p${n}`)
    for (const person of people) know(person, `email:${person}@example.com`)
    await write(...people.map(person => ({ person, fields, fieldsOnCreate })))
    await done()
    const requests = await requestsOf(account)
    assert.deepEqual(
      requests.filter(({ status }) => status === 429),
      [],
    )
    const count = (path: string): number => requests.filter(request => request.path.includes(path)).length
    assert.ok(count('batch/read') <= 13, `${count('batch/read')} look-ups`)
    assert.ok(count('batch/upsert') <= 13, `${count('batch/upsert')} upserts`)
    assert.equal((await contactsOf(account)).length, 1_000)
  })

  it('36 a storm of 429 and 5xx delays, and loses nothing', async context => {
    const { know, write, done, account, deadLetters } = await opened(context, {
      settings: { pause: { failuresToOpen: 3, firstPauseMs: 20, longestPauseMs: 100 } },
    })
    for (let n = 0; n < 30; n++) know(`p${n}`, `email:p${n}@example.com`)
    const slow = { status: 429, headers: { 'retry-after': '0' }, body: { policyName: 'TEN_SECONDLY_ROLLING' } }
    await disturb(account, '/crm/v3/objects/contacts/batch', slow, 5)
    await disturb(account, '/crm/v3/objects/contacts/batch', { status: 502, body: '<html>bad gateway</html>' }, 5)
    await disturb(
      account,
      '/crm/v3/objects/contacts/batch',
      { status: 503, headers: { 'content-type': '' }, body: '' },
      2,
    )
    for (let revision = 1; revision <= 3; revision++)
      await write(
        ...Array.from({ length: 30 }, (_, n) => ({
          person: `p${n}`,
          fields: { zoom_webinar_attendance_count: revision },
          revision,
        })),
      )
    await done()
    assert.deepEqual(await deadLetters(), [])
    const counts = new Set(
      (await contactsOf(account)).map(({ properties }) => properties['zoom_webinar_attendance_count']),
    )
    assert.deepEqual([...counts], ['3'])
  })

  it('36 the daily limit pauses the sink and says so', async context => {
    const { know, write, done, until, account, running, deadLetters } = await opened(context, {
      settings: { pause: { failuresToOpen: 3, firstPauseMs: 30, longestPauseMs: 100 } },
    })
    know('p1', 'email:ada@example.com')
    await disturb(
      account,
      '/crm/v3/objects',
      { status: 429, body: { policyName: 'DAILY', message: 'You have reached your daily limit.' } },
      2,
    )
    await write({ person: 'p1', fields })
    await until('the sink is paused', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /HUBSPOT_DAILY_LIMIT/)
    await done()
    assert.equal(running.status().state, 'running')
    assert.deepEqual(await deadLetters(), [])
  })

  it('37 a value that HubSpot refuses concerns its write only, and its dead letter does not repeat it', async context => {
    const { know, write, done, account, outcomes, deadLetters } = await opened(context)
    for (const person of ['p1', 'p2', 'p3']) know(person, `email:${person}@example.com`)
    await write(
      { person: 'p1', fields, id: 'well' },
      { person: 'p2', fields: { zoom_webinar_last_status: 'secret-value' }, id: 'culprit' },
      { person: 'p3', fields, id: 'also-well' },
    )
    await done()
    assert.deepEqual(await outcomes(), { well: 'CREATED', 'also-well': 'CREATED', culprit: 'REJECTED' })
    const [letter] = await deadLetters()
    assert.equal(String(letter?.headers['error.code']), 'INVALID_OPTION')
    const message = String(letter?.headers['error.message'])
    assert.match(message, /zoom_webinar_last_status/)
    assert.doesNotMatch(message, /secret-value|example\.com/)
    assert.equal((await contactsOf(account)).length, 2)
  })

  it('37 a batch that is refused as a whole is split, so that nobody pays for another', async context => {
    const { know, write, done, account, outcomes } = await opened(context)
    for (let n = 0; n < 8; n++) know(`p${n}`, `email:p${n}@example.com`)
    const refused = { status: 400, body: { category: 'VALIDATION_ERROR', message: 'no' } }
    await disturb(account, '/crm/v3/objects/contacts/batch/upsert', refused)
    await write(...Array.from({ length: 8 }, (_, n) => ({ person: `p${n}`, fields, id: `w${n}` })))
    await done()
    assert.deepEqual(Object.values(await outcomes()), Array(8).fill('CREATED'))
    const upserts = (await requestsOf(account)).filter(({ path }) => path.endsWith('/upsert'))
    assert.deepEqual(
      upserts.map(({ status }) => status),
      [400, 200, 200],
    )
  })

  it('38 a reset after HubSpot made the contact makes no second one, and it keeps its source', async context => {
    const { know, write, done, account } = await opened(context)
    know('p1', 'email:ada@example.com')
    await disturb(account, '/crm/v3/objects/contacts/batch/upsert', 'reset-after-apply')
    await write({ person: 'p1', fields, fieldsOnCreate })
    await done()
    const [contact, ...others] = await contactsOf(account)
    assert.deepEqual(others, [])
    assert.equal(contact?.properties['tributary_source'], 'zoom')
    assert.equal((await writesOf(account)).filter(({ operation }) => operation === 'create').length, 1)
  })

  it('38 a request that HubSpot does not answer in time is made again', async context => {
    const { know, write, done, account, receipts } = await opened(context, { destination: { timeoutMs: 100 } })
    know('p1', 'email:ada@example.com')
    await disturb(account, '/crm/v3/objects/contacts/batch/upsert', { delayMs: 400 })
    await write({ person: 'p1', fields })
    await done()
    assert.equal((await contactsOf(account)).length, 1)
    assert.ok(((await receipts())[0]?.attempts ?? 0) > 2)
  })

  it('39 a token that is refused pauses the sink; it goes on when the token is accepted', async context => {
    const { know, write, done, until, account, running, deadLetters, logs } = await opened(context, {
      settings: { pause: { failuresToOpen: 3, firstPauseMs: 30, longestPauseMs: 100 } },
    })
    know('p1', 'email:ada@example.com')
    await disturb(account, '/crm', { status: 401, body: { category: 'INVALID_AUTHENTICATION' } }, 2)
    await write({ person: 'p1', fields })
    await until('the sink is paused', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /HUBSPOT_TOKEN_REFUSED/)
    await done()
    assert.equal((await contactsOf(account)).length, 1)
    assert.deepEqual(await deadLetters(), [])
    for (const line of logs) assert.doesNotMatch(line, /Bearer|ada@example/)
  })

  it('a wrong base address pauses the sink instead of setting writes aside', async context => {
    const { know, write, until, running, deadLetters } = await opened(context, { path: '/elsewhere' })
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields })
    await until('the sink is paused', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /HUBSPOT_API_MISSING/)
    assert.deepEqual(await deadLetters(), [])
  })
})

describe('HubSpot is made ready', () => {
  const definitions = async (account: Account): Promise<Map<string, { type: string; groupName: string }>> => {
    const { body } = await account.call('GET', '/crm/v3/properties/contacts')
    return new Map(body.results.map((property: { name: string }) => [property.name, property]))
  }
  const { signal } = new AbortController()

  it('with the group and every property in its type, and a second time with nothing', async context => {
    const account = await openAccount(context)
    const destination = hubSpotDestination({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock })
    assert.deepEqual(await destination.prepare(signal), { kind: 'ready' })
    const made = await definitions(account)
    for (const [name, { type }] of Object.entries(contactProperties)) {
      assert.equal(made.get(name)?.type, type, name)
      assert.equal(made.get(name)?.groupName, 'zoom', name)
    }
    const before = (await requestsOf(account)).length
    assert.deepEqual(await destination.prepare(signal), { kind: 'ready' })
    assert.deepEqual(
      (await requestsOf(account)).slice(before).map(({ method }) => method),
      ['GET', 'GET'],
    )
  })

  it('by two processes at the same time', async context => {
    const account = await openAccount(context)
    const make = () =>
      hubSpotDestination({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock }).prepare(signal)
    assert.deepEqual(await Promise.all([make(), make()]), [{ kind: 'ready' }, { kind: 'ready' }])
  })

  it('and a property of another type is reported, not changed', async context => {
    const account = await openAccount(context)
    await account.call('POST', '/crm/v3/properties/contacts/groups', { name: 'zoom', label: 'Zoom' })
    await account.call('POST', '/crm/v3/properties/contacts', {
      ...{ name: 'zoom_webinar_attendance_count', label: 'Mine', type: 'string', fieldType: 'text', groupName: 'zoom' },
    })
    const warnings: string[] = []
    const logger = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: ({ reason }: { reason?: unknown }) => warnings.push(String(reason)),
    }
    const destination = hubSpotDestination({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock, logger })
    assert.deepEqual(await destination.prepare(signal), { kind: 'ready' })
    assert.ok(
      warnings.some(reason => /zoom_webinar_attendance_count to be of type number, but it is string/.test(reason)),
    )
    assert.equal((await definitions(account)).get('zoom_webinar_attendance_count')?.type, 'string')
  })

  it('again when a property was removed meanwhile, and a property that nobody knows is refused', async context => {
    const { know, write, done, account, outcomes } = await opened(context)
    for (const person of ['p1', 'p2', 'p3']) know(person, `email:${person}@example.com`)
    await write({ person: 'p1', fields })
    await done()
    await account.call('DELETE', '/crm/v3/properties/contacts/zoom_webinar_attendance_count')
    await write({ person: 'p2', fields, id: 'mended' }, { person: 'p3', fields: { misspelt: 'x' }, id: 'misspelt' })
    await done()
    const all = await outcomes()
    assert.equal(all['mended'], 'CREATED')
    assert.equal(all['misspelt'], 'REJECTED')
  })
})
