import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Account } from '../sandbox/hubspot.ts'
import { mergeContacts } from './hubspot-putting.ts'
import { addContact, contactsOf, disturb, opened, requestsOf, tenfold } from './hubspot-sink.ts'

const stateOf = async (
  account: Account,
  type: 'event' | 'marketing_participation',
): Promise<Record<string, string>[]> =>
  (await account.call('GET', '/_sandbox/state')).body[type].map((one: { properties: object }) => one.properties)

const joined = (person: string, id: string) => ({
  ...({
    person,
    id,
    object: 'zoom_webinar_joined',
    operation: 'APPEND',
    once: `joined:85746065432:${person}`,
  } as const),
  at: Date.parse('2026-03-04T15:00:05Z'),
  fields: { webinar_id: '85746065432', topic: 'Kafka for marketers' },
})

const participation = (person: string, state: string, revision: number) => ({
  ...{ person, object: 'marketing_participation', key: `85746065432:${person}`, revision },
  id: state,
  createIfMissing: false,
  fields: {
    ...{ webinar_id: '85746065432', account: 'zoom', topic: 'Kafka for marketers', state },
    ...{ start_time: '2026-03-04T15:00:00.000Z', end_time: null, joined_at: null, left_at: null },
    interaction_at: `2026-03-04T15:0${revision}:00.000Z`,
  },
})

describe('events and participations are delivered to HubSpot', () => {
  it('Z4 an event waits for its contact, which another sink makes', async context => {
    const options = { sink: 'hubspot-events', clock: tenfold } as const
    const { know, write, done, until, account, outcomes } = await opened(context, options)
    know('p1', 'email:ada@example.com')
    await write(joined('p1', 'event'))
    await until('it was looked for', async () =>
      (await requestsOf(account)).some(({ path }) => /batch\/read/.test(path)),
    )
    assert.deepEqual(await outcomes(), {})
    const contact = await addContact(account, { email: 'ada@example.com' })
    await done()
    assert.deepEqual(await outcomes(), { event: 'CREATED' })
    assert.deepEqual(
      (await stateOf(account, 'event')).map(({ objectId }) => objectId),
      [contact],
    )
  })

  it('Z4 an event of a person without an address does not wait', async context => {
    const { know, write, done, outcomes } = await opened(context, { sink: 'hubspot-events' })
    know('p1', 'user:42')
    await write(joined('p1', 'event'))
    await done()
    assert.deepEqual(await outcomes(), { event: 'SKIPPED' })
  })

  it('Z4 38 a lost answer makes no second occurrence, and a repeated write none either', async context => {
    const { know, write, done, account, outcomes } = await opened(context, { sink: 'hubspot-events' })
    await addContact(account, { email: 'ada@example.com' })
    know('p1', 'email:ada@example.com')
    await disturb(account, '/events/v3/send', 'reset-after-apply')
    await write(joined('p1', 'first'))
    await done()
    await write(joined('p1', 'again'))
    await done()
    assert.equal((await stateOf(account, 'event')).length, 1)
    assert.equal((await outcomes())['first'], 'CREATED')
  })

  it('Z4 40 the event of a merged contact comes to its survivor', async context => {
    const { know, write, done, account, claims } = await opened(context, { sink: 'hubspot-events' })
    const gone = await addContact(account, { email: 'ada@example.com' })
    const kept = await addContact(account, { email: 'lovelace@example.com' })
    know('p1', 'email:ada@example.com', `hubspot:contact:${gone}`)
    const survivor = await mergeContacts(account, gone, kept)
    await write(joined('p1', 'event'))
    await done()
    assert.deepEqual(
      (await stateOf(account, 'event')).map(({ objectId }) => objectId),
      [survivor],
    )
    assert.deepEqual(
      (await claims()).map(({ kind, aliases }) => [kind, ...aliases]),
      [['MERGE', `hubspot:contact:${gone}`, `hubspot:contact:${survivor}`]],
    )
  })

  it('Z4 1,000 events need few requests, and none is refused by the limit', async context => {
    const options = { burst: 60, clock: tenfold, sink: 'hubspot-events' } as const
    const { know, write, done, account } = await opened(context, options)
    const people = Array.from({ length: 1_000 }, (_, n) => `p${n}`)
    const inputs = people.map(person => ({ properties: { email: `${person}@example.com` }, associations: [] }))
    for (let start = 0; start < inputs.length; start += 100)
      await account.call('POST', '/crm/v3/objects/contacts/batch/create', { inputs: inputs.slice(start, start + 100) })
    for (const person of people) know(person, `email:${person}@example.com`)
    const before = (await requestsOf(account)).length
    await write(...people.map(person => joined(person, person)))
    await done()
    const requests = (await requestsOf(account)).slice(before)
    assert.ok(requests.every(({ status }) => status !== 429))
    assert.equal((await stateOf(account, 'event')).length, 1_000)
    assert.ok(requests.length <= 45, `${requests.length} requests`)
  })

  it('Z4 a participation waits for the contact that another sink makes, and takes the latest state', async context => {
    const options = { sink: 'hubspot-marketing', clock: tenfold } as const
    const { know, write, done, until, account, outcomes } = await opened(context, options)
    know('p1', 'email:ada@example.com')
    await write(participation('p1', 'registered', 1))
    await until('it was looked for', async () =>
      (await requestsOf(account)).some(({ path }) => /batch\/read/.test(path)),
    )
    await addContact(account, { email: 'ada@example.com' })
    await done()
    await write(participation('p1', 'attended', 2))
    await done()
    assert.deepEqual(await outcomes(), { registered: 'CREATED', attended: 'APPLIED' })
    const [contact] = await contactsOf(account)
    assert.deepEqual(
      (await stateOf(account, 'marketing_participation')).map(one => [one['contactId'], one['attendanceState']]),
      [[contact?.id, 'ATTENDED']],
    )
  })
})
