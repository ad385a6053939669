import { isDeepStrictEqual } from 'node:util'
import type { FieldValue } from '../../topology/define.ts'
import { identities } from '../../topology/topics.ts'
import type { Setup } from './commands.ts'
import { contactOf, participationOf, taskOf, timelineOf } from './crms.ts'
import { processes } from './deeds.ts'
import type { Ending, Person } from './ending.ts'
import { beginning } from './happenings.ts'
import { earliest, joinsOf, stoodOf } from './reckoning.ts'
import type { Running } from './running.ts'
import type { Moment } from './who-is-who.ts'

type Fields = Readonly<Record<string, FieldValue>>

/** All that differs from what must be, in words; empty when all is well. */
export type Differences = readonly string[]

/** Everybody is who the claims say, in the table and in every process. */
export const whoIsWho = async (running: Running, { now, persons }: Ending): Promise<Differences> => {
  const rows = new Map((await running.values(identities)).map(({ key, value }) => [key, value]))
  const found = [...rows.values()].flatMap(row => (row?.kind === 'PERSON' ? [row.aliases.join(' ')] : []))
  const expected = persons.map(({ aliases }) => aliases.join(' '))
  const wrong = difference('persons in the table', expected.toSorted(), found.toSorted())
  const elsewhere = processes.flatMap(process => {
    const directory = running.process(process)?.pipeline.directory
    const asFound = persons.flatMap(({ aliases }) => aliases.filter(alias => directory?.find(alias).status !== 'known'))
    const remembered = [...now.erased].filter(alias => directory?.find(alias).status !== 'erased')
    return [
      ...asFound.map(alias => `the ${process} do not know ${alias}`),
      ...remembered.map(alias => `the ${process} do not know that ${alias} is erased`),
    ]
  })
  return [...wrong, ...elsewhere]
}

/** Contacts, participations, tasks and timelines are what the model makes of all that was told. */
export const fields = (running: Running, ending: Ending, setup: Setup): Differences =>
  ending.persons.flatMap(person => {
    if (person.webinars.length === 0 || person.wasSplit) return []
    return [
      ...contact(running, person, setup),
      ...(contactId(running, person) === undefined ? [] : dependents(running, person)),
      ...tasks(running, person, ending),
    ]
  })

/** What is empty in the model may be what HubSpot gave the contact of others that were merged into it: nobody takes that away from it. */
const contact = (running: Running, person: Person, setup: Setup): Differences => {
  const id = contactId(running, person)
  const who = person.aliases.join(', ')
  const hadOne = person.aliases.some(alias => alias.startsWith('hubspot:contact:'))
  if (id === undefined) return hadOne ? [] : [`${who} has no contact`]
  const record = running.vendors.hubspot.records.get(id)
  const held: Fields = record?.fields ?? {}
  const inherited = running.vendors.inherited.get(id) ?? {}
  const expected = contactOf(person.webinars)
  const isOurs = ([name, value]: [string, FieldValue]): boolean =>
    name.startsWith('zoom_') && (name in expected || value !== inherited[name])
  return [
    ...difference(`contact ${id} of ${who}`, expected, Object.fromEntries(Object.entries(held).filter(isOurs))),
    ...(hasLost(running, person) ? [] : company(person, held, inherited, setup)).map(
      wrong => `contact ${id} of ${who}: ${wrong}`,
    ),
  ]
}

/** Somebody deleted a contact of theirs: what only that one was told is not told again to another. */
const hasLost = ({ vendors }: Running, { aliases }: Person): boolean =>
  aliases.some(alias => vendors.deleted.has(alias.slice('hubspot:contact:'.length)))

/**
 * What is asked of a registration is told to the contact by the time of the registration, so that an older one never overwrites a newer. Of whom no company is told,
 * the contact has what HubSpot gave it of others.
 */
const company = (person: Person, held: Fields, inherited: Fields, setup: Setup): Differences => {
  if (person.wasMerged || person.wasForgotten) return []
  const told = person.participants
    .flatMap(({ events }) => events)
    .filter(({ registrant }) => registrant !== null && (registrant.answers['org'] ?? '') !== '')
    .filter(({ registrant }) => !setup.refuses || registrant?.answers['org'] !== 'Globex')
    .toSorted((a, b) => a.occurredAt - b.occurredAt || (a.eventId < b.eventId ? -1 : 1))
  const expected = told.at(-1)?.registrant?.answers['org'] ?? inherited['company']
  return held['company'] === expected ? [] : [`expected the company ${expected}, came ${held['company']}`]
}

const dependents = (running: Running, { webinars, aliases }: Person): Differences =>
  webinars.flatMap(reckoned => {
    const { hubspot } = running.vendors
    const who = aliases.join(', ')
    const key = `${reckoned.webinar}:${reckoned.named.first}`
    const plannedAt = new Date(beginning + Number(reckoned.webinar.at(-1)) * 600_000).toISOString()
    const expected = participationOf(reckoned, plannedAt)
    const found = hubspot.dependents.get(`marketing_participation:${key}`)?.fields
    const missing = timelineOf(reckoned).filter(once => !timeline(running).has(once))
    return [
      ...(expected ? difference(`participation ${key} of ${who}`, expected, found ?? {}) : []),
      ...missing.map(once => `the timeline of ${who} lacks ${once}`),
    ]
  })

const tasks = (running: Running, person: Person, { since }: Ending): Differences => {
  const { salesforce } = running.vendors
  return person.webinars.flatMap(reckoned => {
    const expected = taskOf(reckoned)
    const key = `webinar:${reckoned.webinar}:${reckoned.named.joined}`
    const found = salesforce.dependents.get(`task:${key}`)?.fields
    const isKnown = isToldOfKnown(reckoned.webinar, person, running, since)
    return expected && isKnown ? difference(`task ${key} of ${person.aliases.join(', ')}`, expected, found ?? {}) : []
  })
}

/** A task is made where Salesforce knows the person when they are told of: an address that only a claim adds later tells nobody anew. */
const isToldOfKnown = (
  webinar: string,
  { participants }: Person,
  { told, vendors }: Running,
  since: Ending['since'],
): boolean => {
  const known = new Set([...vendors.salesforce.records.values()].flatMap(({ addresses }) => addresses))
  const events = new Set(participants.filter(each => each.webinar === webinar).flatMap(each => each.events))
  return told.some(({ event, claimsBefore }) => {
    if (!events.has(event)) return false
    const aliases = since(claimsBefore + 1)[0]?.persons.get(event.person ?? '') ?? []
    return aliases.some(alias => alias.startsWith('email:') && known.has(alias.slice('email:'.length)))
  })
}

/** The earliest claimed contact that is still there, or what it was merged into. */
const contactId = ({ vendors }: Running, { aliases }: Person): string | undefined =>
  aliases
    .filter(alias => alias.startsWith('hubspot:contact:'))
    .map(alias => survivorOf(alias.slice('hubspot:contact:'.length), vendors))
    .find(id => vendors.hubspot.records.has(id))

const survivorOf = (id: string, vendors: Running['vendors']): string => {
  const into = vendors.mergedInto.get(id)
  return into === undefined ? id : survivorOf(into, vendors)
}

const onTimeline = /^zoom_webinar_\w+?:((?:registered|joined|attended|missed):.*)$/

/** Once keys of all custom events, by what HubSpot holds. */
const timeline = ({ vendors }: Running): ReadonlySet<string> =>
  new Set([...vendors.hubspot.dependents.keys()].flatMap(place => onTimeline.exec(place)?.[1] ?? []))

/** Each custom event was made once, and is named after somebody of whom it could be true when nobody told of earlier was the same person. */
export const appends = (running: Running, ending: Ending): Differences => {
  const made = running.vendors.hubspot.effects.flatMap(({ record }) => onTimeline.exec(record)?.[1] ?? [])
  const twice = made.filter((once, index) => made.indexOf(once) !== index)
  const known = new Set(running.told.flatMap(({ event }) => event.person ?? []))
  const strange = made.filter(once => !known.has(participantIn(once)))
  const needless = ending.persons.flatMap(person =>
    person.wasForgotten || person.wasSplit ? [] : needlessOf(made, person, running, ending),
  )
  return [
    ...twice.map(once => `${once} was made twice`),
    ...strange.map(once => `${once} is of nobody`),
    ...needless.map(once => `${once} was made although its person had one of another name`),
  ]
}

const participantIn = (once: string): string => once.split(':').slice(2).join(':')

const needlessOf = (
  made: readonly string[],
  { participants }: Person,
  running: Running,
  { since }: Ending,
): readonly string[] =>
  made.filter(once => {
    const [kind, webinar] = once.split(':')
    const own = participants.find(each => each.webinar === webinar && each.key === participantIn(once))
    if (!own) return false
    const tellings = kind === 'joined' || kind === 'attended' ? joinsOf : stoodOf
    if (tellings(own).length === 0) return true
    if (kind === 'missed') return false
    const momentsOf = (key: string | null): readonly Moment[] => {
      const told = running.told.find(({ event }) => event.number === webinar && event.person === key)
      return since((told?.claimsBefore ?? 0) + 1)
    }
    // A person's row moves when their id changes, and what comes meanwhile does not wait for it.
    const first = earliest(participants.filter(each => each.webinar === webinar).flatMap(each => tellings(each)))
    if (new Set(momentsOf(first).flatMap(({ ids }) => ids.get(first ?? '') ?? [])).size > 1) return false
    return !momentsOf(own.key).some(({ persons }) => {
      const together = persons.get(own.key) ?? []
      const others = participants.filter(each => each.webinar === webinar && together.includes(each.key))
      return earliest(others.flatMap(each => tellings(each))) === own.key
    })
  })

export const difference = (what: string, expected: unknown, found: unknown): Differences => {
  if (isDeepStrictEqual(expected, found)) return []
  const both = [expected, found].every(each => typeof each === 'object' && each !== null && !Array.isArray(each))
  if (!both) return [`${what}: expected ${JSON.stringify(expected)}, came ${JSON.stringify(found)}`]
  const [a, b] = [expected as Fields, found as Fields]
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(name => a[name] !== b[name])
  return names.map(name => `${what}: expected ${name} ${JSON.stringify(a[name])}, came ${JSON.stringify(b[name])}`)
}
