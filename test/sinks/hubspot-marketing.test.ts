import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { PutInput } from '../../services/delivery/destination.ts'
import type { MarketingParticipationFields } from '../../services/sinks/hubspot/objects.ts'
import { scopes } from '../../services/sinks/hubspot/scopes.ts'
import type { Account } from '../sandbox/hubspot.ts'
import { input, mergeContacts, putting, removeContact, signal, told } from './hubspot-putting.ts'
import { addContact, disturb, requestsOf } from './hubspot-sink.ts'

const webinar = '85746065432'
const registered: MarketingParticipationFields = {
  webinar_id: webinar,
  account: 'zoom-account',
  topic: 'Kafka for marketers',
  start_time: '2026-03-04T15:00:00.000Z',
  end_time: null,
  state: 'registered',
  interaction_at: '2026-03-01T09:00:00.000Z',
  joined_at: null,
  left_at: null,
}
const attended: MarketingParticipationFields = {
  ...registered,
  state: 'attended',
  interaction_at: '2026-03-04T15:00:05.000Z',
  joined_at: '2026-03-04T15:00:05.000Z',
  left_at: '2026-03-04T15:45:00.000Z',
}

const opened = async (context: TestContext) => {
  const { account, put } = await putting(context)
  const contact = await addContact(account, { email: 'ada@example.com' })
  return {
    account,
    contact,
    put: (...inputs: PutInput[]) => put('hubspot-marketing', 'marketing_participation', ...inputs),
  }
}

const of = (contact: string, fields: MarketingParticipationFields, facts: Partial<PutInput> = {}): PutInput =>
  input({ key: `${fields.webinar_id}:${contact}`, contact, fields: { ...fields }, ...facts })

/** The marketing event of the webinar as HubSpot shows it. */
const eventOf = async ({ client }: Account) =>
  await client.marketing.events.basicApi.getDetails(webinar, registered.account)

/** The latest state of each contact in the webinar, by contact. */
const statesOf = async ({ client }: Account): Promise<Record<string, string>> => {
  const { results } =
    await client.marketing.events.retrieveParticipantStateApi.getParticipationsBreakdownByExternalEventId(
      ...([registered.account, webinar] as const),
    )
  return Object.fromEntries(
    results
      .toSorted((a, b) => a.properties.occurredAt - b.properties.occurredAt)
      .map(({ associations, properties }) => [associations.contact.contactId, properties.attendanceState]),
  )
}

const upserts = async (account: Account): Promise<number> =>
  (await requestsOf(account)).filter(({ method, path }) => method === 'PUT' && path.includes('/marketing-events/'))
    .length

describe('marketing participations reach HubSpot', () => {
  it('Z4 the event is made with the first participation, and not told again', async context => {
    const { account, contact, put } = await opened(context)
    const other = await addContact(account, { email: 'bob@example.com' })
    assert.deepEqual(told(await put(of(contact, registered))), ['put'])
    assert.deepEqual(told(await put(of(other, registered))), ['put'])
    const event = await eventOf(account)
    assert.equal(event.eventName, 'Kafka for marketers')
    assert.equal(event.eventOrganizer, 'Zoom')
    assert.equal(event.startDateTime?.toISOString(), registered.start_time)
    assert.deepEqual(await statesOf(account), { [contact]: 'REGISTERED', [other]: 'REGISTERED' })
    assert.equal(await upserts(account), 1)
  })

  it('Z4 the latest state counts, and a full batch of several states needs a request for each', async context => {
    const { account, contact, put } = await opened(context)
    const [bob, eve] = [
      await addContact(account, { email: 'bob@example.com' }),
      await addContact(account, { email: 'eve@example.com' }),
    ]
    await put(of(contact, registered), of(bob, registered), of(eve, registered))
    const results = await put(
      of(contact, attended, { known: true }),
      of(bob, { ...registered, state: 'cancelled', interaction_at: '2026-03-02T09:00:00.000Z' }, { known: true }),
      of(eve, attended, { known: true }),
    )
    assert.deepEqual(
      results.map(result => result.kind === 'put' && !result.created),
      [true, true, true],
    )
    assert.deepEqual(await statesOf(account), { [contact]: 'ATTENDED', [bob]: 'CANCELLED', [eve]: 'ATTENDED' })
    const states = (await requestsOf(account)).filter(({ path }) => path.includes('/attendance/'))
    assert.equal(states.length, 3)
  })

  it('Z4 a corrected title or end corrects the event, and what is not known leaves it as it is', async context => {
    const { account, contact, put } = await opened(context)
    const end = '2026-03-04T16:00:00.000Z'
    await put(of(contact, { ...registered, topic: 'Kafka' }))
    await put(of(contact, { ...attended, end_time: end }))
    await put(of(contact, { ...attended, topic: null, start_time: null }))
    const event = await eventOf(account)
    assert.equal(event.eventName, 'Kafka for marketers')
    assert.equal(event.endDateTime?.toISOString(), end)
    assert.equal(event.eventCompleted, true)
    assert.equal(await upserts(account), 2)
  })

  it('Z4 a lost answer makes no second event and no second participation', async context => {
    const { account, contact, put } = await opened(context)
    await disturb(account, '/marketing/v3/marketing-events/events', 'reset-after-apply')
    assert.deepEqual(told(await put(of(contact, attended))), ['HUBSPOT_UNREACHABLE'])
    await disturb(account, '/marketing/v3/marketing-events/attendance', 'reset-after-apply')
    assert.deepEqual(told(await put(of(contact, attended, { repeated: true }))), ['HUBSPOT_UNREACHABLE'])
    assert.deepEqual(told(await put(of(contact, attended, { repeated: true }))), ['put'])
    assert.deepEqual(await statesOf(account), { [contact]: 'ATTENDED' })
  })

  it('Z4 40 a contact that was merged takes part as its survivor, and one that was deleted does not', async context => {
    const { account, contact, put } = await opened(context)
    const [kept, deleted, alive] = [
      await addContact(account, { email: 'lovelace@example.com' }),
      await addContact(account, { email: 'bob@example.com' }),
      await addContact(account, { email: 'carol@example.com' }),
    ]
    const survivor = await mergeContacts(account, contact, kept)
    await removeContact(account, deleted)
    const results = await put(of(contact, attended), of(deleted, attended), of(alive, attended))
    assert.deepEqual(
      results.map(result => (result.kind === 'orphaned' ? result.survivor : result.kind)),
      ['put', null, 'put'],
    )
    assert.deepEqual(await statesOf(account), { [survivor]: 'ATTENDED', [alive]: 'ATTENDED' })
  })

  it('Z4 40 a merged contact that HubSpot leaves out is put for its survivor', async context => {
    const { account, contact, put } = await opened(context)
    const kept = await addContact(account, { email: 'lovelace@example.com' })
    const survivor = await mergeContacts(account, contact, kept)
    await disturb(account, '/marketing/v3/marketing-events/attendance', { status: 200, body: { results: [] } })
    const [result] = await put(of(contact, attended))
    assert.deepEqual(result?.kind === 'orphaned' && result.survivor, { object: 'contact', id: survivor })
    await disturb(account, '/marketing/v3/marketing-events/attendance', { status: 200, body: { results: [] } })
    assert.deepEqual(told(await put(of(survivor, attended))), ['HUBSPOT_PARTICIPATION_IGNORED'])
  })

  it('Z4 an event that was deleted meanwhile is made again', async context => {
    const { account, contact, put } = await opened(context)
    await put(of(contact, registered))
    await account.client.marketing.events.basicApi.archive(webinar, registered.account)
    assert.deepEqual(told(await put(of(contact, attended, { known: true }))), ['put'])
    assert.deepEqual(await statesOf(account), { [contact]: 'ATTENDED' })
  })

  it('Z4 an event of another app is refused, and the message names the cause', async context => {
    const { account, contact, put } = await opened(context)
    await disturb(account, '/marketing/v3/marketing-events/attendance', { status: 404, body: {} }, 2)
    const [result] = await put(of(contact, attended))
    assert.ok(result?.kind === 'rejected')
    assert.equal(result.code, 'HUBSPOT_MARKETING_EVENT_FOREIGN')
    assert.match(result.message, /Another app made it/)
  })

  it('Z4 one participation that HubSpot refuses fails no other', async context => {
    const { account, contact, put } = await opened(context)
    const people = await Promise.all(
      Array.from({ length: 8 }, (_, n) => addContact(account, { email: `p${n}@example.com` })),
    )
    await disturb(account, '/marketing/v3/marketing-events/attendance', { status: 400, body: {} })
    const { account: _, ...incomplete } = registered
    const results = await put(
      ...people.map(one => of(one, registered)),
      input({ key: 'incomplete', contact, fields: incomplete }),
    )
    assert.deepEqual(told(results), [...Array(8).fill('put'), 'HUBSPOT_PARTICIPATION_INCOMPLETE'])
    assert.equal(Object.keys(await statesOf(account)).length, 8)
  })

  it('Z4 two participants who are one contact do not stand in each other’s way', async context => {
    const { account, contact, put } = await opened(context)
    const results = await put(of(contact, attended), { ...of(contact, attended), key: `${webinar}:second` })
    assert.deepEqual(told(results), ['put', 'put'])
    assert.deepEqual(await statesOf(account), { [contact]: 'ATTENDED' })
    const requests = (await requestsOf(account)).filter(({ path }) => path.includes('/attendance/'))
    assert.equal(requests.length, 2)
  })

  it('Z4 a scope that is missing is named', async context => {
    const { account, destinations, put } = await putting(context, { scopes: scopes.contacts })
    await destinations.hubspot.prepare(signal)
    const contact = await addContact(account, { email: 'ada@example.com' })
    const [result] = await put('hubspot-marketing', 'marketing_participation', of(contact, attended))
    assert.ok(result?.kind === 'needs-person')
    assert.match(result.message, /crm\.objects\.marketing_events\.write/)
  })

  it('Z4 36 later, when HubSpot slows us down', async context => {
    const { account, contact, put } = await opened(context)
    const slow = { status: 429, headers: { 'retry-after': '0' }, body: { policyName: 'TEN_SECONDLY_ROLLING' } }
    await disturb(account, '/marketing/v3/marketing-events', slow)
    const [limited] = await put(of(contact, attended))
    assert.ok(limited?.kind === 'retry')
    assert.equal(limited.limited, true)
    assert.deepEqual(told(await put(of(contact, attended))), ['put'])
  })
})
