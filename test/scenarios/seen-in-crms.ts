import assert from 'node:assert/strict'
import type { EmulatedObject } from './sandboxes.ts'
import type { System } from './system.ts'

/** Names and values as people see them, without the vendors' own ids and times of writing. */
export type Words = Readonly<Record<string, unknown>>

/** All that both CRMs tell of webinars, in an order of its own: equal when they tell people the same. */
export interface SeenInCrms {
  /** Properties by address. */
  readonly contacts: Readonly<Record<string, Words>>
  /** Occurrences of custom events: `event`, the contact's address as `contact`, `occurredAt` and the properties. */
  readonly events: readonly Words[]
  /** Parts in marketing events: `webinar`, the contact's address as `contact`, state and times. */
  readonly participations: readonly Words[]
  /** Salesforce tasks: `who` as `<Contact|Lead> <address>` and what they say. */
  readonly tasks: readonly Words[]
}

/** Reads both CRMs, and fails when anything is there twice or was ever made twice. */
export const seenInCrms = async ({
  hubspot,
  salesforce,
}: Pick<System, 'hubspot' | 'salesforce'>): Promise<SeenInCrms> => {
  const [state, org] = [await hubspot.state(), await salesforce.state()]
  const contacts = state['contacts'] ?? []
  const addresses = new Map(contacts.map(({ id, properties }) => [id, properties['email']]))
  const seen = {
    contacts: contactsOf(contacts),
    events: sorted((state['event'] ?? []).map(({ properties }) => eventOf(properties, addresses))),
    participations: sorted(
      (state['marketing_participation'] ?? []).map(({ properties }) => participationOf(properties)),
    ),
    tasks: sorted(tasksOf(org)),
  }
  assertOnce(
    'contact',
    contacts.map(({ properties }) => properties['email']),
  )
  assertOnce(
    'event',
    seen.events.map(({ event, contact, webinar_id }) => `${event} ${contact} ${webinar_id}`),
  )
  assertOnce(
    'participation',
    seen.participations.map(({ contact, webinar }) => `${contact} ${webinar}`),
  )
  assertOnce(
    'task',
    seen.tasks.map(({ who, Subject }) => `${who} ${Subject}`),
  )
  await assertNoneWasRemade(hubspot, { contacts: contacts.length, event: seen.events.length })
  await assertNoneWasRemade(hubspot, { marketing_participation: seen.participations.length })
  await assertNoneWasRemade(salesforce, { Task: seen.tasks.length })
  return seen
}

const contactsOf = (contacts: readonly EmulatedObject[]): SeenInCrms['contacts'] =>
  Object.fromEntries(
    contacts.map(({ properties }) => {
      const names = Object.keys(properties).filter(name => !/^(hs_(?!additional_emails)|createdate|lastmod)/.test(name))
      return [String(properties['email']), Object.fromEntries(names.sort().map(name => [name, properties[name]]))]
    }),
  )

const eventOf = (
  { eventName, objectId, objectType: _, receivedAt: __, ...told }: Words,
  addresses: ReadonlyMap<string, unknown>,
): Words => ({ event: String(eventName).replace(/^pe\d+_/, ''), contact: addresses.get(String(objectId)), ...told })

const participationOf = ({
  externalEventId: webinar,
  externalAccountId: account,
  email: contact,
  attendanceState,
  occurredAt,
  joinedAt,
  leftAt,
}: Words): Words => ({ webinar, account, contact, attendanceState, occurredAt, joinedAt, leftAt })

const tasksOf = (org: Readonly<Record<string, readonly EmulatedObject[]>>): readonly Words[] => {
  const people = new Map(
    ['Contact', 'Lead'].flatMap(object =>
      (org[object] ?? []).map(({ id, properties }) => [id, `${object} ${properties['Email']}`] as const),
    ),
  )
  return (org['Task'] ?? []).map(({ properties: { WhoId, Subject, Status, ActivityDate, Description } }) => ({
    ...{ who: people.get(String(WhoId)), Subject, Status, ActivityDate, Description },
  }))
}

const sorted = (rows: readonly Words[]): readonly Words[] =>
  rows
    .map(row => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

const assertOnce = (what: string, names: readonly unknown[]): void => {
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  assert.deepEqual(twice, [], `each ${what} is there once`)
}

/** As many were made as are there: none was made, and then taken away or merged into another. */
const assertNoneWasRemade = async (
  vendor: Pick<System['hubspot'], 'applied'>,
  expected: Readonly<Record<string, number>>,
): Promise<void> => {
  const made = (await vendor.applied()).filter(({ operation }) => operation === 'create')
  for (const [object, count] of Object.entries(expected))
    assert.equal(made.filter(write => write.object === object).length, count, `each ${object} was made once`)
}
