import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tracks } from '../../topology/topics.ts'
import { addContact, contactsOf } from '../sinks/hubspot-sink.ts'
import { productEvent } from './events.ts'
import { type Occurrence, openTimelines } from './timeline.ts'

const toldOf = (occurrences: readonly Occurrence[]): readonly string[] =>
  occurrences.map(({ eventName, objectId }) => `${eventName.replace('pendo_track_', '')} ${objectId}`)

describe('what people do in the product', () => {
  it('P1 P2 is on the timeline of the contact that has any of their addresses, without anybody being made', async context => {
    const { account, system, occurrences, arrived } = await openTimelines(context)
    const addresses = { email: 'work@example.com', hs_additional_emails: 'ada@example.com' }
    const id = await addContact(account, addresses)
    await system.person('user:42', 'email:ada@example.com')
    await system.given(tracks, productEvent({ name: 'first' }), productEvent({ name: 'second' }))
    await arrived(2)
    assert.deepEqual(toldOf(await occurrences()), [`first ${id}`, `second ${id}`])
    assert.equal((await contactsOf(account)).length, 1)
  })

  it('P3 waits for a contact that is not there, and is sent in order and once when it is', async context => {
    const { account, system, occurrences, until, arrived } = await openTimelines(context)
    await system.given(tracks, productEvent({ name: 'first' }))
    await system.person('user:42', 'email:ada@example.com')
    await until(async () => (await system.metrics.value('tributary_deliveries_total', { outcome: 'SKIPPED' })) > 0)
    assert.deepEqual([await occurrences(), await contactsOf(account)], [[], []])
    const id = await addContact(account, { email: 'ada@example.com' })
    system.clock.advance(10_000)
    await system.given(tracks, productEvent({ name: 'second' }))
    await arrived(2)
    assert.deepEqual(toldOf(await occurrences()), [`first ${id}`, `second ${id}`])
  })

  it('P3 makes the contact of a visitor whose id is an address, if the selection says so', async context => {
    const { account, system, arrived } = await openTimelines(context, { createContacts: true })
    await system.person('user:ada@example.com', 'email:ada@example.com')
    await system.given(tracks, productEvent({ name: 'first', person: 'user:ada@example.com' }))
    await arrived(1)
    const [contact, ...others] = await contactsOf(account)
    assert.deepEqual(others, [])
    assert.equal(contact?.properties['email'], 'ada@example.com')
    assert.equal(contact?.properties['tributary_source'], 'pendo')
  })
})
