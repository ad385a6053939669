import type { TestContext } from 'node:test'
import { memoryDestination } from '../../services/delivery/memory.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { pendoDestinations } from '../../services/sinks/pendo/destination.ts'
import type { FieldValue } from '../../topology/define.ts'
import { openSubscription, type TestSubscription } from '../sandbox/pendo.ts'
import { type StandaloneHarness, standaloneContract } from './standalone-object.contract.ts'

type Fields = Readonly<Record<string, FieldValue>>

const inMemory = {
  keyed: { kind: 'keyed' },
  appended: { kind: 'appended' },
  'keyed and made by whole writes': { kind: 'keyed', isWhole: ({ fields }: { fields: Fields }) => 'count' in fields },
} as const

for (const [name, facts] of Object.entries(inMemory)) {
  standaloneContract(`${name} in memory`, () => {
    const destination = memoryDestination({ clock: systemClock, standalones: { alone: facts } })
    destination.refuse(({ status }) => status === 'poison-value')
    const faults = { token: 'needs-person', limit: { limitedForMs: 10 }, busy: 'reset' } as const
    const fields = (count: number) => ({ count, status: 'a' })
    return Promise.resolve({
      destination,
      object: 'alone',
      held: () => Promise.resolve([...destination.standalones.values()]),
      disturb: how =>
        Promise.resolve(destination.fail(how === 'reset' || how === 'reset-after-apply' ? how : faults[how])),
      fields,
      refused: { fields: { count: 1, status: 'poison-value' } },
      kept: fields,
      ...('isWhole' in facts ? { change: { status: 'b' } } : {}),
    })
  })
}

const answers = {
  limit: { status: 429, headers: { 'retry-after': '0' }, body: 'Too Many Requests' },
  busy: { status: 503, headers: { 'retry-after': '0' } },
  token: { status: 401, body: 'no such key' },
}

const disturbing =
  (subscription: TestSubscription, path: string): StandaloneHarness['disturb'] =>
  async how => {
    const answer = how === 'reset' || how === 'reset-after-apply' ? how : answers[how]
    await subscription.call('POST', '/_sandbox/faults', { match: { method: 'POST', path }, answer })
  }

const open = async (context: TestContext) => {
  const subscription = await openSubscription(context, { clock: systemClock })
  const options = { integrationKey: 'sandbox', trackSecret: 'sandbox-secret', baseUrl: subscription.url }
  return { subscription, ...pendoDestinations({ ...options, clock: systemClock }) }
}

const metadata = {
  visitor: {
    list: 'visitors',
    fields: (number: number): Fields => ({ leadscore: number, plan: 'pro' }),
  },
  account: {
    list: 'accounts',
    fields: (number: number): Fields => ({ employees: number, plan: 'pro' }),
  },
} as const

for (const [object, { list, fields }] of Object.entries(metadata)) {
  standaloneContract(`Pendo ${object}s`, async context => {
    const { subscription, pendo } = await open(context)
    return {
      destination: pendo,
      object,
      held: async () => (await subscription.state(list)).map(one => one.properties['custom'] as Fields),
      disturb: disturbing(subscription, '/api/v1/metadata'),
      fields,
      // Pendo refuses a batch with an empty id as a whole.
      refused: { key: '' },
      kept: fields,
    }
  })
}

standaloneContract('Pendo track events', async context => {
  const { subscription, 'pendo-events': destination } = await open(context)
  if (!destination) throw new Error('there is no destination for track events')
  const fields = (number: number): Fields => ({
    ...{ event: 'Report exported', visitorId: 'u-1', accountId: 'acme' },
    'properties.rows': number,
  })
  return {
    destination,
    object: 'track',
    held: async () => (await subscription.state('trackEvents')).flatMap(({ properties }) => eventsOf(properties)),
    disturb: disturbing(subscription, '/data/track'),
    fields,
    refused: { fields: { ...fields(1), visitorId: 'VISITOR-UNIQUE-ID' } },
    kept: number => ({ rows: number }),
    makesSecond: true,
  }
})

/** A row counts equal events of an hour. */
const eventsOf = ({ numEvents, properties }: Readonly<Record<string, unknown>>): readonly Fields[] =>
  Array.from({ length: Number(numEvents) }, () => properties as Fields)
