import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WebinarEventFields } from '../../services/sinks/hubspot/objects.ts'
import type { Account } from '../sandbox/hubspot.ts'
import { input, mergeContacts, putting, removeContact, signal, told } from './hubspot-putting.ts'
import { addContact, disturb, requestsOf } from './hubspot-sink.ts'

const joined = 'zoom_webinar_joined'
const at = Date.parse('2026-03-04T15:00:05Z')
const fields: WebinarEventFields = {
  webinar_id: '85746065432',
  topic: 'Kafka for marketers',
  start_time: '2026-03-04T15:00:00.000Z',
  joined_at: '2026-03-04T15:00:05.000Z',
  left_at: null,
  attended_minutes: null,
  attended_percent: null,
}

/** The occurrences on a contact's timeline. */
const timeline = async ({ client }: Account, contact: string) =>
  (
    await client.events.eventsApi.getPage(
      'contact',
      ...[undefined, undefined, undefined, undefined, undefined, undefined, undefined],
      Number(contact),
    )
  ).results

const opened = async (context: Parameters<typeof putting>[0]) => {
  const { account, destinations, put } = await putting(context)
  const events = destinations['hubspot-events']
  assert.deepEqual(await events.prepare(signal), { kind: 'ready' })
  const contact = await addContact(account, { email: 'ada@example.com' })
  return {
    account,
    events,
    contact,
    put: (...inputs: ReturnType<typeof input>[]) => put('hubspot-events', joined, ...inputs),
  }
}

describe('custom events reach HubSpot', () => {
  it('Z4 as an occurrence on the timeline of the contact, with its time and properties', async context => {
    const { account, contact, put } = await opened(context)
    const [result] = await put(input({ key: 'joined:85746065432:ada', contact, at, fields: { ...fields } }))
    assert.equal(result?.kind, 'put')
    const [occurrence, ...others] = await timeline(account, contact)
    assert.deepEqual(others, [])
    assert.match(occurrence?.eventType ?? '', /^pe\d+_zoom_webinar_joined$/)
    assert.equal(occurrence?.occurredAt.getTime(), at)
    assert.equal(occurrence?.properties?.['topic'], 'Kafka for marketers')
    assert.equal(occurrence?.properties?.['left_at'], undefined)
  })

  it('Z4 once per once key, however often it is sent', async context => {
    const { account, contact, put } = await opened(context)
    const one = input({ key: 'joined:85746065432:ada', contact, at, fields: { ...fields } })
    await put(one)
    assert.deepEqual(told(await put({ ...one, repeated: true })), ['put'])
    await put({ ...one, key: 'joined:85746065499:ada' })
    assert.equal((await timeline(account, contact)).length, 2)
  })

  it('Z4 once when the answer is lost after HubSpot took it', async context => {
    const { account, contact, put } = await opened(context)
    const one = input({ key: 'joined:85746065432:ada', contact, at, fields: { ...fields } })
    await disturb(account, '/events/v3/send', 'reset-after-apply')
    assert.deepEqual(told(await put(one)), ['HUBSPOT_UNREACHABLE'])
    assert.deepEqual(told(await put({ ...one, repeated: true })), ['put'])
    assert.equal((await timeline(account, contact)).length, 1)
  })

  it('Z4 one event that HubSpot refuses fails no other of a full batch', async context => {
    const { account, contact, events, put } = await opened(context)
    const size = events.objects[joined]?.batchSize ?? 0
    const inputs = Array.from({ length: size }, (_, n) =>
      input({
        ...{ key: `joined:${n}:ada`, contact, at },
        fields: { ...fields, ...(n === 333 ? { attended_minutes: 'secret-value' } : {}) },
      }),
    )
    const results = await put(...inputs)
    assert.deepEqual(
      results.flatMap(({ kind }, n) => (kind === 'put' ? [] : [[n, kind]])),
      [[333, 'rejected']],
    )
    const refused = results[333]
    assert.ok(refused?.kind === 'rejected')
    assert.doesNotMatch(refused.message, /secret-value/)
    const sends = (await requestsOf(account)).filter(({ path }) => path.startsWith('/events/v3/send'))
    assert.ok(sends.length <= 22, `${sends.length} requests to find one of ${size}`)
  })

  it('Z4 cut to the lengths that HubSpot takes, never within a character', async context => {
    const { account, contact, put } = await opened(context)
    const topic = `${'x'.repeat(255)}🎉 and more`
    const long = input({ key: 'joined:1:ada', contact, at, fields: { ...fields, topic, attended_minutes: 12.345 } })
    assert.deepEqual(told(await put(long)), ['put'])
    const [occurrence] = await timeline(account, contact)
    assert.equal(occurrence?.properties?.['topic'], 'x'.repeat(255))
    assert.equal(occurrence?.properties?.['attended_minutes'], '12.3')
  })

  it('Z4 of a person whom HubSpot knows by another address', async context => {
    const { account, events, put } = await opened(context)
    const id = await addContact(account, { email: 'work@example.com', hs_additional_emails: 'grace@example.com' })
    const person = { id: 'p2', aliases: [], emails: ['grace@example.com'], attributes: {} }
    const [found] = await events.resolve(['contact'], [person], signal)
    assert.ok(found?.kind === 'found')
    assert.deepEqual(found.record, { object: 'contact', id })
    await put(input({ key: 'joined:1:grace', contact: found.record.id, at, fields: { ...fields } }))
    assert.equal((await timeline(account, id)).length, 1)
  })

  it('Z4 40 not for a contact that was merged or deleted: HubSpot would take it, and it would be nobody’s', async context => {
    const { account, contact, put } = await opened(context)
    const [kept, deleted] = [
      await addContact(account, { email: 'lovelace@example.com' }),
      await addContact(account, { email: 'bob@example.com' }),
    ]
    const survivor = await mergeContacts(account, contact, kept)
    await removeContact(account, deleted)
    const alive = await addContact(account, { email: 'carol@example.com' })
    const results = await put(
      input({ key: 'joined:1:ada', contact, at, fields: { ...fields } }),
      input({ key: 'joined:1:bob', contact: deleted, at, fields: { ...fields } }),
      input({ key: 'joined:1:carol', contact: alive, at, fields: { ...fields } }),
    )
    assert.deepEqual(
      results.map(result => (result.kind === 'orphaned' ? result.survivor : result.kind)),
      [{ object: 'contact', id: survivor }, null, 'put'],
    )
    assert.equal((await timeline(account, alive)).length, 1)
  })

  it('Z4 36 later, when HubSpot slows us down', async context => {
    const { account, contact, put } = await opened(context)
    const slow = { status: 429, headers: { 'retry-after': '0' }, body: { policyName: 'TEN_SECONDLY_ROLLING' } }
    await disturb(account, '/events/v3/send', slow)
    const one = input({ key: 'joined:1:ada', contact, at, fields: { ...fields } })
    const [limited] = await put(one)
    assert.ok(limited?.kind === 'retry')
    assert.equal(limited.limited, true)
    assert.deepEqual(told(await put(one)), ['put'])
    assert.equal((await timeline(account, contact)).length, 1)
  })

  it('need a person when the API is not there, in few requests, and none is set aside', async context => {
    const { account, contact, put } = await opened(context)
    await disturb(account, '/events/v3/send', { status: 404, body: '<html>not found</html>' }, 100)
    const results = await put(
      ...Array.from({ length: 8 }, (_, n) => input({ key: `joined:${n}:ada`, contact, at, fields: { ...fields } })),
    )
    assert.deepEqual(new Set(told(results)), new Set(['HUBSPOT_API_MISSING']))
    const sends = (await requestsOf(account)).filter(({ path }) => path.startsWith('/events/v3/send'))
    assert.equal(sends.length, 2)
  })
})
