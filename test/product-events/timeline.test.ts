import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { productContactsBy } from '../../services/consumers/product-contacts.ts'
import { productEventsBy } from '../../services/consumers/product-events.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import type { PendoToHubSpot } from '../../topology/pendo-to-hubspot.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { tracks } from '../../topology/topics.ts'
import { openAccount } from '../sandbox/hubspot.ts'
import { addContact, contactsOf } from '../sinks/hubspot-sink.ts'
import { startTestSystem } from '../system.ts'
import { productEvent, selecting } from './events.ts'

/** From tracks to the timelines of an emulated account. */
const opened = async (context: TestContext, over: Partial<PendoToHubSpot> = {}) => {
  const account = await openAccount(context, { limits: { burst: 10_000 } })
  const destinations = hubSpotDestinations({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock })
  const system = await startTestSystem(
    { ...pipeline, consumers: [productEventsBy(selecting(over)), productContactsBy(selecting(over))] },
    { destinations: new Map(Object.entries(destinations)) },
  )
  context.after(() => system.close())
  /** Names of events with their contact, in the order in which HubSpot got them. */
  const timeline = async (): Promise<readonly string[]> =>
    (await account.call('GET', '/_sandbox/state')).body.event.map(
      ({ properties }: { properties: Record<string, string> }) =>
        `${properties['eventName']?.replace(/^pe\d+_pendo_track_/, '')} ${properties['objectId']}`,
    )
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    for (let round = 0; round < 200; round++) {
      await system.settle()
      if (await holds()) return
      await systemClock.sleep(10)
    }
    assert.fail('waited in vain')
  }
  return { account, system, timeline, until }
}

describe('what people do in the product', () => {
  it('P1 P2 is on the timeline of the contact that has any of their addresses, without anybody being made', async context => {
    const { account, system, timeline, until } = await opened(context)
    const id = await addContact(account, {
      email: 'work@example.com',
      hs_additional_emails: 'ada@example.com',
    })
    await system.person('user:42', 'email:ada@example.com')
    await system.given(tracks, productEvent({ name: 'first' }), productEvent({ name: 'second' }))
    await until(async () => (await timeline()).length === 2)
    assert.deepEqual(await timeline(), [`first ${id}`, `second ${id}`])
    assert.equal((await contactsOf(account)).length, 1)
  })

  it('P3 waits for a contact that is not there, and is sent in order and once when it is', async context => {
    const { account, system, timeline, until } = await opened(context)
    await system.given(tracks, productEvent({ name: 'first' }))
    await system.person('user:42', 'email:ada@example.com')
    await until(async () => (await system.metrics.value('tributary_deliveries_total', { outcome: 'SKIPPED' })) > 0)
    assert.deepEqual([await timeline(), await contactsOf(account)], [[], []])
    const id = await addContact(account, { email: 'ada@example.com' })
    system.clock.advance(10_000)
    await system.given(tracks, productEvent({ name: 'second' }))
    await until(async () => (await timeline()).length === 2)
    assert.deepEqual(await timeline(), [`first ${id}`, `second ${id}`])
  })

  it('P3 makes the contact of a visitor whose id is an address, if the selection says so', async context => {
    const { account, system, timeline, until } = await opened(context, { createContacts: true })
    await system.person('user:ada@example.com', 'email:ada@example.com')
    await system.given(tracks, productEvent({ name: 'first', person: 'user:ada@example.com' }))
    await until(async () => (await timeline()).length === 1)
    const [contact, ...others] = await contactsOf(account)
    assert.deepEqual(others, [])
    assert.equal(contact?.properties['email'], 'ada@example.com')
    assert.equal(contact?.properties['tributary_source'], 'pendo')
  })
})
