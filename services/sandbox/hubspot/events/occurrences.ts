import { randomUUID } from 'node:crypto'
import type { Clock } from '../../../runtime/clock.ts'
import type { Store, Table } from '../../store.ts'
import { invalid, invalidProperties, notFound } from '../errors.ts'
import { EVENT_ID_KEPT_MS, EVENT_PROPERTIES } from '../limits.ts'
import { countersOf, nextNumber } from '../objects/records.ts'
import type { Portal } from '../portal.ts'
import { momentOf } from '../properties/values.ts'
import { type EventDefinition, type EventDefinitions, propertiesOf } from './definitions.ts'
import { checkProperties } from './values.ts'

/** An occurrence as a caller sends it. */
export interface Completion {
  readonly eventName: string
  readonly objectId?: string | undefined
  readonly email?: string | undefined
  readonly utk?: string | undefined
  readonly occurredAt?: string | undefined
  readonly uuid?: string | undefined
  readonly properties: Readonly<Record<string, string>>
}

/** An occurrence as kept. Times in milliseconds since the epoch. */
export interface Occurrence {
  /** The `uuid`: the caller's, or one that HubSpot gave. */
  readonly id: string
  readonly eventName: string
  /** As in the event's definition: `CONTACT`. */
  readonly objectType: string
  /** The record that it was for when it was sent; null when no record was found. `recordOf` follows merges. */
  readonly objectId: string | null
  /** The address by which it was sent, when that found no record. */
  readonly email?: string
  readonly occurredAt: number
  readonly receivedAt: number
  readonly properties: Readonly<Record<string, string>>
}

/** What happened to the account's records. */
export interface Occurrences {
  /** Takes all, or throws the 400 of the first that is wrong. One whose `uuid` the event had within a year is dropped in silence. */
  accept(completions: readonly Completion[]): void
  /** All, in the order in which they came, each with its own key. */
  entries(): readonly (readonly [key: string, occurrence: Occurrence])[]
  /** The id of the record that an occurrence is on now. */
  recordOf(occurrence: Occurrence): string | null
  removeOf(eventName: string): void
  /** Takes the state of the store again, after it was emptied. */
  reset(): void
}

export const createOccurrences = (
  store: Store,
  clock: Clock,
  portal: Portal,
  definitions: EventDefinitions,
): Occurrences => {
  const rows: Table<Occurrence> = store.table('events')
  const counters = countersOf(store)
  const known = new Map<string, number>()
  const reset = (): void => {
    known.clear()
    for (const { eventName, id, receivedAt } of rows.values()) known.set(idKey(eventName, id), receivedAt)
  }
  reset()
  const isRepeated = ({ eventName, id, receivedAt }: Occurrence): boolean =>
    receivedAt - (known.get(idKey(eventName, id)) ?? Number.NEGATIVE_INFINITY) < EVENT_ID_KEPT_MS
  const keep = (occurrence: Occurrence): void => {
    if (isRepeated(occurrence)) return
    const { id, eventName, objectId, receivedAt, properties } = occurrence
    known.set(idKey(eventName, id), receivedAt)
    rows.set(nextNumber(counters, 'event', 1), occurrence)
    store.applied({ object: 'event', id, operation: 'create', properties: { eventName, objectId, ...properties } })
  }
  const remove = (isGone: (occurrence: Occurrence) => boolean): void => {
    for (const [key, occurrence] of [...rows.entries()]) {
      if (!isGone(occurrence)) continue
      rows.delete(key)
      known.delete(idKey(occurrence.eventName, occurrence.id))
    }
  }
  for (const { type, records } of portal.all())
    records.observe((id, record) => {
      const erased = record === undefined
      if (erased) remove(one => one.objectId === id && portal.objects(one.objectType).type === type)
    })
  return {
    accept: completions => {
      for (const occurrence of completions.map(one => checked(one, definitions, portal, clock.now()))) keep(occurrence)
    },
    entries: () => [...rows.entries()],
    recordOf: ({ objectType, objectId }) =>
      objectId === null ? null : (portal.objects(objectType).records.resolve(objectId)?.id ?? objectId),
    removeOf: eventName => remove(one => one.eventName === eventName),
    reset,
  }
}

const idKey = (eventName: string, id: string): string => `${eventName} ${id}`

const checked = (
  completion: Completion,
  definitions: EventDefinitions,
  portal: Portal,
  receivedAt: number,
): Occurrence => {
  const { eventName, email } = completion
  const definition = definitions.find(eventName)
  if (!definition)
    throw invalid(`Event "${eventName}" does not exist; expected the full name of a definition, pe<portalId>_<name>`)
  const written = Object.entries(completion.properties)
  if (written.length > EVENT_PROPERTIES)
    throw invalid(`An occurrence has at most ${EVENT_PROPERTIES} properties, but this one has ${written.length}`)
  const { values, errors } = checkProperties(propertiesOf(definition), written)
  if (errors.length > 0) throw invalidProperties(errors, portal.portalId)
  const objectId = recordFor(completion, definition, values, portal)
  return {
    id: completion.uuid?.toLowerCase() ?? randomUUID(),
    eventName,
    objectType: definition.primaryObject,
    objectId,
    ...(objectId === null && email !== undefined ? { email } : {}),
    occurredAt: timeOf(completion, receivedAt),
    receivedAt,
    properties: values,
  }
}

const timeOf = ({ occurredAt }: Completion, receivedAt: number): number => {
  if (occurredAt === undefined) return receivedAt
  const time = momentOf(occurredAt)
  if (time === undefined) throw invalid('occurredAt is neither ISO 8601 nor milliseconds since the epoch')
  return time
}

/**
 * The record that the first identifier finds, in HubSpot's order. An address that nobody has makes no contact, and the sandbox has no tracking code that would
 * give user tokens. Whether HubSpot refuses an occurrence without any identifier is not documented; the guide says it must have one.
 */
const recordFor = (
  { objectId, email, utk }: Completion,
  { matching, primaryObject }: EventDefinition,
  values: Readonly<Record<string, string>>,
  portal: Portal,
): string | null => {
  const { records, type } = portal.objects(primaryObject)
  const matched = matching && values[matching.eventPropertyName]
  if (!matched && objectId === undefined && email === undefined && utk === undefined)
    throw invalid('An occurrence needs an identifier of its record: objectId, email or utk')
  const byRule = matching && matched ? records.findBy(matching.targetObjectPropertyName, matched) : undefined
  const byId = objectId === undefined ? undefined : records.resolve(objectId)
  const isContact = type.name === 'contacts'
  const byEmail = isContact && email !== undefined ? records.findBy('email', email) : undefined
  return (byRule ?? byId ?? byEmail)?.id ?? null
}

/** The definition and all of its occurrences go together. */
export const removeEvent = (definitions: EventDefinitions, occurrences: Occurrences, fullName: string): void => {
  if (!definitions.find(fullName)) throw notFound(`Event definition "${fullName}" does not exist`)
  occurrences.removeOf(fullName)
  definitions.remove(fullName)
}
