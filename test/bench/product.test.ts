import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { fewestCalls, type Vendor } from '../../bench/product/calls.ts'
import { seedContacts } from '../../bench/product/contacts.ts'
import { deliverAll, type Part } from '../../bench/product/delivering.ts'
import { startEmulated } from '../../bench/product/emulated.ts'
import { hubSpotFigures, pendoFigures } from '../../bench/product.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'

const amounts = { people: 20, accounts: 4, events: 60, names: 3 }

/** Delivers little to the emulated vendor, through a Kafka in memory. */
const deliver = async (
  context: TestContext,
  vendor: Vendor,
  { contacts = amounts.people + 1, patienceMs = 60_000 } = {},
) => {
  const sandbox = await startEmulated[vendor]()
  context.after(sandbox.close)
  if (vendor === 'hubspot') await seedContacts(sandbox.url, contacts)
  const kafka = memoryKafka({ clock })
  context.after(() => kafka.close())
  return await deliverAll({
    ...{ vendor, vendorUrl: sandbox.url, kafka, registry: memoryRegistry(), topicPrefix: '', amounts, rounds: 2 },
    ...{ patienceMs, say: () => undefined, onFatal: assert.fail },
  })
}

describe('the delivery that is measured', () => {
  it('brings every event to Pendo with a call of its own, and no other', async context => {
    const { introduction, rounds } = await deliver(context, 'pendo')
    assert.equal(introduction.calls.track, amounts.people)
    assert.ok(introduction.calls.all > amounts.people, 'metadata was written')
    for (const { seconds, calls } of rounds) {
      assert.ok(seconds > 0)
      assert.deepEqual([calls.track, calls.all], [amounts.events, amounts.events])
    }
  })

  it("brings every event to HubSpot's timelines, and defines each name once", async context => {
    const { introduction, rounds } = await deliver(context, 'hubspot')
    assert.equal(introduction.calls['event-definitions.create'], 0, 'what is always there was made before')
    assert.deepEqual(
      rounds.map(({ calls }) => calls['event-definitions.create']),
      [amounts.names, 0],
    )
    for (const { calls } of rounds) assert.ok(calls['events.send'] > 0 && calls.all > calls['events.send'])
  })

  it('says which services stand still when it takes too long', async context =>
    await assert.rejects(
      deliver(context, 'hubspot', { contacts: 0, patienceMs: 1_000 }),
      /one person: 0 of 1 events taken within 1 s\. Services: .*product-events running/,
    ))
})

describe('the fewest calls', () => {
  const nothing = { people: 0, accounts: 0, events: 0, newNames: 0 }
  for (const [vendor, told, fewest] of [
    ['pendo', {}, 0],
    ['pendo', { people: 1, accounts: 1, events: 3 }, 5],
    ['pendo', { people: 200, accounts: 201, newNames: 9 }, 3],
    ['hubspot', {}, 0],
    ['hubspot', { people: 101, events: 501, newNames: 2 }, 6],
    ['hubspot', { accounts: 50, events: 500 }, 1],
  ] as const)
    it(`to tell ${vendor} of ${JSON.stringify(told)} are ${fewest}`, () =>
      assert.equal(fewestCalls[vendor]({ ...nothing, ...told }), fewest))
})

describe('the figures of product events', () => {
  const noCalls = { all: 0, track: 0, 'events.send': 0, 'event-definitions.create': 0 }
  const part = (events: number, seconds: number, calls: Partial<Part['calls']>): Part => ({
    ...{ events, seconds },
    calls: { ...noCalls, 'event-definitions.create-property': 0, ...calls },
  })

  it('of Pendo tell events from metadata', () => {
    const delivered = {
      introduction: part(1_000, 4, { all: 1_011, track: 1_000 }),
      rounds: [part(2_000, 2, { all: 2_000, track: 2_000 }), part(2_000, 1, { all: 2_040, track: 2_040 })],
    }
    assert.deepEqual(
      pendoFigures({ people: 1_000, accounts: 100, events: 2_000, names: 9 }, delivered).map(({ value }) => value),
      ['1,000 (1,000 – 2,000) events/s', '1,010 (fewest possible: 1,000)', '250 people/s', '11 (fewest possible: 6)'],
    )
  })

  it('of HubSpot tell what the calls were for', () => {
    const calls = { all: 29, 'events.send': 8, 'event-definitions.create': 4 }
    const delivered = {
      introduction: part(1_000, 2, { all: 30, 'events.send': 5 }),
      rounds: [part(4_000, 2, calls), part(4_000, 4, { ...calls, 'event-definitions.create': 0 })],
    }
    assert.deepEqual(
      hubSpotFigures({ people: 1_000, accounts: 100, events: 4_000, names: 4 }, delivered).map(({ value }) => value),
      [
        '1,000 (1,000 – 2,000) events/s',
        '7.3 (fewest possible: 2.5): 2 to send, 0.5 to define, 4.8 to look at contacts',
        '500 people/s',
        '30 (fewest possible: 12)',
      ],
    )
  })
})
