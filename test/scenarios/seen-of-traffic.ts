import assert from 'node:assert/strict'
import type { EmulatedHubSpot } from './sandboxes.ts'
import type { ExpectedTraffic } from './traffic.ts'

/** What differs between the emulated HubSpot and the reckoning. All zero: nothing was lost, nothing came twice, nothing went back. */
export interface Comparison {
  /** Contacts and custom events that should be there. */
  readonly expected: number
  /** Of these, those that are not there or tell something else. */
  readonly lost: number
  /** Made more than once, or not expected at all. */
  readonly duplicated: number
  /** Writes that took a contact's count of webinars back: an older write came after a newer one. */
  readonly reordered: number
  /** Some of the above, in words, to look at when a test fails. */
  readonly examples: readonly string[]
}

const SHOWN = 10
const COUNT = 'zoom_webinar_registration_count'

export const compareWithTraffic = async (hubspot: EmulatedHubSpot, expected: ExpectedTraffic): Promise<Comparison> => {
  const state = await hubspot.state()
  const contacts = state['contacts'] ?? []
  const addresses = new Map(contacts.map(({ id, properties }) => [id, String(properties['email'])]))
  const wrong = [...expected.contacts].filter(([address, facts]) => {
    const found = contacts.find(({ properties }) => properties['email'] === address)?.properties ?? {}
    return Object.entries(facts).some(([name, value]) => found[name] !== value)
  })
  const events = countsOf(
    (state['event'] ?? []).map(({ properties }) => {
      const name = String(properties['eventName']).replace(/^pe\d+_/, '')
      return `${name} ${addresses.get(String(properties['objectId']))} ${properties['webinar_id']}`
    }),
  )
  const missing = expected.events.filter(name => !events.has(name))
  const wanted = new Set(expected.events)
  const surplus = [...events].flatMap(([name, times]) => ((wanted.has(name) ? times - 1 : times) > 0 ? [name] : []))
  const twice = [...countsOf(contacts.map(({ properties }) => String(properties['email'])))].filter(
    ([, times]) => times > 1,
  )
  const strangers = contacts.filter(({ properties }) => !expected.contacts.has(String(properties['email'])))
  const reordered = await wentBack(hubspot)
  return {
    expected: expected.contacts.size + expected.events.length,
    lost: wrong.length + missing.length,
    duplicated: surplus.length + twice.length + strangers.length,
    reordered: reordered.length,
    examples: [
      ...wrong.map(([address]) => `the contact ${address} tells something else`),
      ...missing.map(name => `${name} is missing`),
      ...surplus.map(name => `${name} is there too often`),
      ...twice.map(([address]) => `there are several contacts ${address}`),
      ...reordered.map(id => `contact ${id} went back`),
    ].slice(0, SHOWN),
  }
}

/** Fails with examples unless all is there, once, and in order. */
export const assertTraffic = async (hubspot: EmulatedHubSpot, expected: ExpectedTraffic): Promise<Comparison> => {
  const found = await compareWithTraffic(hubspot, expected)
  const { lost, duplicated, reordered, examples } = found
  assert.deepEqual({ lost, duplicated, reordered, examples }, { lost: 0, duplicated: 0, reordered: 0, examples: [] })
  return found
}

const countsOf = (names: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** Contacts whose count of registrations was ever written smaller than before. */
const wentBack = async (hubspot: EmulatedHubSpot): Promise<readonly string[]> => {
  const highest = new Map<string, number>()
  const back = new Set<string>()
  for (const { id, properties } of await hubspot.writes()) {
    if (properties[COUNT] === undefined) continue
    const count = Number(properties[COUNT])
    if (count < (highest.get(id) ?? 0)) back.add(id)
    highest.set(id, Math.max(count, highest.get(id) ?? 0))
  }
  return [...back]
}
