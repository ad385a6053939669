import type { Profile, Visitor } from '../../schemas/generated.ts'
import type { SyncedField } from './mapping.ts'
import { sideOf, tells, valuesIn } from './told.ts'

/** What an event tells of a visitor or contact; nothing when it names none, or says nothing of them. */
export const profileOf = (event: Visitor, fields: readonly SyncedField[]): readonly Profile[] => {
  const { eventId, source, occurredAt, receivedAt, person, aliases } = event
  const side = sideOf(source)
  if (side === undefined || !tells(event)) return []
  const prefix = prefixes[side]
  const record = [person, ...aliases].find(alias => alias.startsWith(prefix))?.slice(prefix.length)
  if (record === undefined) return []
  return [
    {
      ...{ eventId, source, occurredAt, receivedAt, person, link: null, side, record },
      ...{ since: receivedAt, gone: false, values: valuesIn(event, fields), arrival: null },
    },
  ]
}

const prefixes = { PENDO: 'user:', HUBSPOT: 'hubspot:contact:' } as const
