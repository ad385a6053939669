import type { Account, ProfileSide, ProfileValue, Visitor } from '../../schemas/generated.ts'
import type { SyncedField } from './mapping.ts'
import { readValue } from './values.ts'

type Event = Pick<Visitor | Account, 'eventId' | 'source' | 'occurredAt' | 'receivedAt' | 'traits'>

/** The side that tells an event; undefined for any other source. */
export const sideOf = (source: string): ProfileSide | undefined => {
  if (source.startsWith('pendo:')) return 'PENDO'
  return source.startsWith('hubspot:') ? 'HUBSPOT' : undefined
}

/** The values of shared fields that an event tells. */
export const valuesIn = (event: Event, fields: readonly SyncedField[]): Readonly<Record<string, ProfileValue>> => {
  const side = sideOf(event.source) === 'HUBSPOT' ? 'hubspot' : 'pendo'
  const { occurredAt, receivedAt, eventId } = event
  const change = isChange(event)
  return Object.fromEntries(
    fields.flatMap((field): [string, ProfileValue][] => {
      const told = Object.hasOwn(event.traits, field[side]) ? event.traits[field[side]] : undefined
      const value = told === undefined ? undefined : readValue(field.type, told)
      return value === undefined ? [] : [[field.name, { value, occurredAt, receivedAt, eventId, change }]]
    }),
  )
}

/**
 * Whether the event tells that a property changed at its time: HubSpot's webhooks do, for one property each. What is read, by a sweep of either vendor, holds several, and tells
 * when the record changed last.
 */
const isChange = ({ source, traits }: Event): boolean =>
  sideOf(source) === 'HUBSPOT' && Object.keys(traits).length === 1

/** Whether the vendor has the record and says something of it. Pendo's webhooks about somebody first seen tell no metadata; the sweep does. */
export const tells = ({ source, traits }: Event): boolean =>
  sideOf(source) === 'HUBSPOT' || (sideOf(source) === 'PENDO' && Object.keys(traits).length > 0)
