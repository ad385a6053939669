import type { Table } from '../../store.ts'
import { conflict, invalid, invalidProperties, nonUniqueProperty, type PropertyError } from '../errors.ts'
import { isActiveOwner } from '../owners/owners.ts'
import type { Properties } from '../properties/definitions.ts'
import { type Checked, checkValue, refused } from '../properties/values.ts'
import type { ObjectType, Values } from './object-types.ts'
import { type CrmRecord, type Draft, listOf } from './records.ts'

/** What a write is checked against. */
export interface Rules {
  readonly type: ObjectType
  readonly properties: Properties
  /** Addresses that may never be used again. */
  readonly blocked: Table<{ at: number }>
  readonly portalId: number
}

/** The written values in the spelling in which HubSpot keeps them; throws a HubSpotRefusal that names all that are wrong. */
export const checkedValues = (rules: Rules, written: Values): Values => {
  const errors: PropertyError[] = []
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(written)) {
    const checked = checkedValue(rules, name, value)
    if ('error' in checked) errors.push({ name, ...checked.error })
    else values[name] = checked.value
  }
  if (errors.length > 0) throw invalidProperties(errors, rules.portalId)
  return values
}

const checkedValue = ({ type, properties, blocked }: Rules, name: string, written: string): Checked => {
  const definition = properties.get(name)
  if (!definition) return refused('PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`)
  const checked = checkValue(definition, written)
  if ('error' in checked) return checked
  if (name === type.identity?.property && blocked.has(checked.value))
    return refused('INVALID_EMAIL', 'email has been GDPR blacklisted')
  if (name === 'hubspot_owner_id' && checked.value !== '' && !isActiveOwner(checked.value))
    return refused('INVALID_OWNER_ID', `${checked.value} is not a valid owner id.`)
  return checked
}

/** Refuses a new record that lacks what its type needs. */
export const assertComplete = (type: ObjectType, { properties }: CrmRecord): void => {
  const { createNeedsOneOf, createNeeds, singular } = type
  if (createNeedsOneOf.length > 0 && !createNeedsOneOf.some(name => properties[name]))
    throw invalid(
      `At least one of these properties is needed to create a ${singular.toLowerCase()}: ${createNeedsOneOf.join(', ')}`,
    )
  const lacking = createNeeds.filter(name => !properties[name])
  if (lacking.length > 0)
    throw invalid(`Error creating ${singular.toUpperCase()}. Some required properties were not set.`, {
      properties: lacking,
    })
}

/** Refuses a record that shares a value of a unique property with another one. */
export const assertUnique = ({ type, properties, portalId }: Rules, draft: Draft, record: CrmRecord): void => {
  const { identity } = type
  const identities = identity
    ? [record.properties[identity.property] ?? '', ...listOf(record.properties[identity.additional])]
    : []
  for (const value of identities) {
    const holder = value && identity ? draft.findBy(identity.property, value) : undefined
    if (holder && holder.id !== record.id) throw conflict(`${type.singular} already exists. Existing ID: ${holder.id}`)
  }
  const errors: PropertyError[] = []
  for (const name of properties.uniqueNames()) {
    const value = record.properties[name]
    const holder = value ? draft.findBy(name, value) : undefined
    if (holder && holder.id !== record.id)
      errors.push({ name, error: 'CONFLICTING_UNIQUE_VALUE', message: `${holder.id} already has that value.` })
  }
  if (errors.length > 0) throw invalidProperties(errors, portalId)
}

/** Refuses a look-up by a property that several records may share. */
export const assertIdentifies = (
  records: { readonly type: ObjectType; isUnique(property: string): boolean },
  property: string | undefined,
): void => {
  if (property === undefined || property === 'hs_object_id' || records.isUnique(property)) return
  throw nonUniqueProperty(records.type.typeId, property)
}
