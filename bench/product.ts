import { fileURLToPath } from 'node:url'
import { startChild } from './children.ts'
import { type Bench, type Figure, type Measurement, rounded, spread, whole } from './measurement.ts'
import { fewestCalls, type Vendor } from './product/calls.ts'
import type { DeliverArguments } from './product/deliver.ts'
import type { Delivered, Part } from './product/delivering.ts'
import type { Amounts } from './product/messages.ts'

const vendorsProgram = fileURLToPath(new URL('product/vendors.ts', import.meta.url))
const deliverProgram = fileURLToPath(new URL('product/deliver.ts', import.meta.url))
const amounts: Amounts = { people: 2_000, accounts: 100, events: 20_000, names: 20 }
const rounds = 3
const patienceMs = 300_000

export const productMeasurement: Measurement = {
  name: 'product',
  title: "From Segment's batches to Pendo and HubSpot",
  method: `What ${whole(amounts.people)} people of ${amounts.accounts} accounts do comes as Segment's SDKs send it, in batches of 100 that the producer's mapping makes records of; resolver, consumers and sinks of one vendor run in one process, the emulated vendors in another, the Kafka broker beside them. The limits in time of both vendors are lifted, in the emulation and in our clients: with Pendo's, its track API takes 90 events a second. First everybody is identified, joins an account and signs in: Pendo gets visitors, accounts and an event, HubSpot's contacts are found by their addresses. Then come ${rounds} rounds of ${whole(amounts.events)} events of ${amounts.names} names, each event by another person than the last; a round lasts from its first record published to the last receipt, and its rate is the median with the least and the most. Calls are all requests to the vendor, set against the fewest that its API allows: full batches (200 visitors or accounts, 100 contacts, 500 events), Pendo's track events one by one, each event name defined once. HubSpot takes events of contacts that are gone without a word, so contacts are looked at again with each batch of events: what is beyond the fewest is that.`,
  run: async bench => {
    bench.say('starting the emulated vendors …')
    const vendors = startChild(vendorsProgram, [])
    try {
      const urls = (await vendors.message()) as Readonly<Record<Vendor, string>>
      return await Promise.race([measure(bench, urls), vendors.failed])
    } finally {
      await vendors.stop()
    }
  },
}

const measure = async (bench: Bench, urls: Readonly<Record<Vendor, string>>): Promise<readonly Figure[]> => [
  ...pendoFigures(amounts, await delivered('pendo', bench, urls.pendo)),
  ...hubSpotFigures(amounts, await delivered('hubspot', bench, urls.hubspot)),
]

const delivered = async (vendor: Vendor, bench: Bench, vendorUrl: string): Promise<Delivered> => {
  const { brokers, registryUrl, say } = bench
  const topicPrefix = `bench-${vendor}-`
  const given: DeliverArguments = { vendor, vendorUrl, brokers, registryUrl, topicPrefix, amounts, rounds, patienceMs }
  const delivering = startChild(deliverProgram, [JSON.stringify(given)], { say: line => say(`${vendor}: ${line}`) })
  try {
    return (await delivering.message()) as Delivered
  } finally {
    await delivering.stop()
  }
}

/** The rows of Pendo. */
export const pendoFigures = ({ people, accounts }: Amounts, { introduction, rounds }: Delivered): readonly Figure[] => {
  const metadata = introduction.calls.all - introduction.calls.track
  const least = fewestCalls.pendo({ people, accounts, events: 0, newNames: 0 })
  const events = eventsOf(rounds)
  const fewest = fewestCalls.pendo({ people: 0, accounts: 0, events, newNames: 0 })
  return [
    { what: 'Track events to Pendo', value: ratesOf(rounds) },
    { what: 'Calls to Pendo per 1,000 track events', value: calls(callsOf(rounds), fewest, events) },
    { what: 'People with traits, account and an event to Pendo', value: perSecond(people, introduction) },
    {
      what: 'Calls to Pendo for the metadata of 1,000 people and their accounts',
      value: calls(metadata, least, people),
    },
  ]
}

/** The rows of HubSpot. */
export const hubSpotFigures = ({ people, names }: Amounts, { introduction, rounds }: Delivered): readonly Figure[] => {
  const events = eventsOf(rounds)
  const fewest = fewestCalls.hubspot({ people: 0, accounts: 0, events, newNames: names })
  const sending = callsOf(rounds, 'events.send')
  const defining = callsOf(rounds, 'event-definitions.create') + callsOf(rounds, 'event-definitions.create-property')
  const others = callsOf(rounds) - sending - defining
  const kinds = `${per1000(sending, events)} to send, ${per1000(defining, events)} to define, ${per1000(others, events)} to look at contacts`
  const found = fewestCalls.hubspot({ people, accounts: 0, events: people, newNames: 0 })
  return [
    { what: "Events to HubSpot's timelines", value: ratesOf(rounds) },
    { what: 'Calls to HubSpot per 1,000 events', value: `${calls(callsOf(rounds), fewest, events)}: ${kinds}` },
    { what: 'People found in HubSpot, with an event', value: perSecond(people, introduction) },
    {
      what: 'Calls to HubSpot to find 1,000 people and tell an event of each',
      value: calls(introduction.calls.all, found, people),
    },
  ]
}

const ratesOf = (parts: readonly Part[]): string =>
  `${spread(parts.map(({ events, seconds }) => events / seconds))} events/s`

const perSecond = (people: number, { seconds }: Part): string => `${whole(people / seconds)} people/s`

const eventsOf = (parts: readonly Part[]): number => parts.reduce((sum, { events }) => sum + events, 0)

const callsOf = (parts: readonly Part[], operation: keyof Part['calls'] = 'all'): number =>
  parts.reduce((sum, part) => sum + part.calls[operation], 0)

/** As `9.5 (fewest possible: 2.3)`. */
const calls = (made: number, fewest: number, of: number): string =>
  `${per1000(made, of)} (fewest possible: ${per1000(fewest, of)})`

const per1000 = (calls: number, of: number): string => rounded((calls * 1_000) / of)
