import type { HubSpotProperties } from '../../../../topology/hubspot-properties.ts'
import { happenedAt } from '../../input/times.ts'
import { canonical, hashOf } from '../../sweep/hashes.ts'
import { type ObjectType, propertiesOf, recordIdOf } from '../object-types.ts'
import { ofHubSpot, type Told, type Values } from '../records.ts'
import type { Found } from '../rest/client.ts'
import { modifiedAt } from './modified.ts'

/** What a record that was read becomes, and a hash of all that is told of it, by which a change is seen. */
export interface ReadRecord extends Told {
  readonly id: string
  readonly content: number
}

/** Undefined for what has no id of a record. Pure. The id of the event holds the record's id, when it was modified, and the hash: a repetition is known by it. */
export const readRecord = (
  found: Found,
  type: ObjectType,
  { chosen, receivedAt }: { readonly chosen: HubSpotProperties; readonly receivedAt: number },
): ReadRecord | undefined => {
  const id = recordIdOf(found.id)
  if (id === null) return undefined
  const values: Values = Object.fromEntries(
    propertiesOf(type, chosen).map(name => [
      name,
      textOf(Object.hasOwn(found.properties, name) && found.properties[name]),
    ]),
  )
  const content = hashOf(canonical(values))
  const modified = modifiedAt(found, type)
  const { at: occurredAt } = happenedAt(modified, undefined, receivedAt)
  const eventId = `hubspot:${type.name}:${id}:${modified ?? ''}-${content.toString(36)}`
  const facts = { ...ofHubSpot, eventId, occurredAt, receivedAt }
  return { id, content, ...type.told({ facts, id, values, chosen: chosen[type.path] }) }
}

/** HubSpot writes every value as text, and none as null. */
const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.toWellFormed() : null
