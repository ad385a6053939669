import type { Clock } from '../../../runtime/clock.ts'
import type { Store, Table } from '../../store.ts'
import { conflict, invalid, notFound } from '../errors.ts'
import { EVENT_DEFINITIONS, EVENT_LABEL_CHARACTERS, EVENT_NAME_CHARACTERS, EVENT_PROPERTIES } from '../limits.ts'
import { countersOf, nextNumber } from '../objects/records.ts'
import type { Portal } from '../portal.ts'
import type { PropertyDefinition } from '../properties/predefined.ts'
import { DEFAULT_EVENT_PROPERTIES } from './default-properties.ts'
import {
  assertLabel,
  assertName,
  assertOptions,
  eventOption,
  eventProperty,
  type NewEventProperty,
  type NewOption,
  nameFrom,
} from './event-property.ts'

/** The event property whose value names the record that an occurrence belongs to, and the unique property of the record that it matches. */
export interface MatchingRule {
  readonly targetObjectPropertyName: string
  readonly eventPropertyName: string
}

export interface EventDefinition {
  /** HubSpot's id of the type: `6-<number>`. */
  readonly id: string
  /** `pe<portalId>_<name>`, which every later request uses. */
  readonly fullyQualifiedName: string
  readonly name: string
  readonly label: string
  readonly description: string
  /** As in the definition: `CONTACT`. */
  readonly primaryObject: string
  readonly matching?: MatchingRule
  readonly hasDefaultProperties: boolean
  readonly customProperties: readonly PropertyDefinition[]
  /** ISO 8601. */
  readonly createdAt: string
  readonly updatedAt: string
}

export interface NewEventDefinition {
  readonly label: string
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly primaryObject?: string | undefined
  readonly propertyDefinitions?: readonly NewEventProperty[] | undefined
  readonly matching?: MatchingRule | undefined
  readonly includeDefaultProperties?: boolean | undefined
}

export interface EventPropertyChanges {
  readonly label?: string | undefined
  readonly description?: string | undefined
  readonly options?: readonly NewOption[] | undefined
}

/** The definitions of custom events. Names are full names; an unknown one is refused with 404. */
export interface EventDefinitions {
  find(fullName: string): EventDefinition | undefined
  get(fullName: string): EventDefinition
  list(): EventDefinition[]
  create(definition: NewEventDefinition): EventDefinition
  update(fullName: string, changes: Pick<EventPropertyChanges, 'label' | 'description'>): EventDefinition
  /** The name can never be used again. */
  remove(fullName: string): void
  addProperty(fullName: string, property: NewEventProperty): PropertyDefinition
  updateProperty(fullName: string, property: string, changes: EventPropertyChanges): PropertyDefinition
  removeProperty(fullName: string, property: string): void
}

/** The properties that an occurrence may have. */
export const propertiesOf = ({
  hasDefaultProperties,
  customProperties,
}: EventDefinition): readonly PropertyDefinition[] =>
  hasDefaultProperties ? [...DEFAULT_EVENT_PROPERTIES, ...customProperties] : customProperties

export const createEventDefinitions = (store: Store, clock: Clock, portal: Portal): EventDefinitions => {
  const rows: Table<EventDefinition> = store.table('event definitions')
  const deleted: Table<{ at: number }> = store.table('deleted event names')
  const counters = countersOf(store)
  const find = (fullName: string): EventDefinition | undefined => rows.get(fullName)
  const get = (fullName: string): EventDefinition => {
    const found = find(fullName)
    if (!found) throw notFound(`Event definition "${fullName}" does not exist`)
    return found
  }
  const put = (definition: EventDefinition, operation: string): EventDefinition => {
    const { fullyQualifiedName: id, label, description } = definition
    rows.set(id, definition)
    store.applied({ object: 'event_definition', id, operation, properties: { label, description } })
    return definition
  }
  const changed = (definition: EventDefinition, changes: Partial<EventDefinition>): EventDefinition =>
    put({ ...definition, ...changes, updatedAt: portal.now() }, 'update')
  const customProperty = (definition: EventDefinition, name: string): PropertyDefinition => {
    const found = definition.customProperties.find(one => one.name === name)
    if (found) return found
    if (propertiesOf(definition).some(one => one.name === name))
      throw invalid(`Property "${name}" is defined by HubSpot and cannot be changed`)
    throw notFound(`Property "${name}" does not exist`)
  }
  return {
    find,
    get,
    list: () => [...rows.values()],
    create: input => {
      const name = input.name ?? nameFrom(input.label)
      assertName(name, EVENT_NAME_CHARACTERS)
      const fullName = `pe${portal.portalId}_${name}`
      if (find(fullName)) throw conflict(`An event definition named "${name}" already exists`)
      if (deleted.has(fullName))
        throw invalid(`The name "${name}" was that of an event that was deleted; it cannot be used again`)
      if (rows.size >= EVENT_DEFINITIONS) throw invalid(`An account has at most ${EVENT_DEFINITIONS} event definitions`)
      const fresh = newDefinition(input, { name, fullName, at: portal.now() })
      assertMatching(fresh, portal)
      return put({ ...fresh, id: `6-${nextNumber(counters, 'event definition', 1001)}` }, 'create')
    },
    update: (fullName, { label, description }) => {
      if (label !== undefined) assertLabel(label, EVENT_LABEL_CHARACTERS)
      const before = get(fullName)
      return changed(before, { label: label ?? before.label, description: description ?? before.description })
    },
    remove: fullName => {
      get(fullName)
      rows.delete(fullName)
      deleted.set(fullName, { at: clock.now() })
      store.applied({ object: 'event_definition', id: fullName, operation: 'delete', properties: {} })
    },
    addProperty: (fullName, input) => {
      const definition = get(fullName)
      const property = eventProperty(input, portal.now())
      const customProperties = [...definition.customProperties, property]
      assertProperties({ ...definition, customProperties })
      changed(definition, { customProperties })
      return property
    },
    updateProperty: (fullName, name, { label, description, options }) => {
      const definition = get(fullName)
      const before = customProperty(definition, name)
      const property = {
        ...before,
        label: label ?? before.label,
        description: description ?? before.description,
        options: options?.map(eventOption) ?? before.options,
        updatedAt: portal.now(),
      }
      const customProperties = definition.customProperties.map(one => (one.name === name ? property : one))
      assertProperties({ ...definition, customProperties })
      changed(definition, { customProperties })
      return property
    },
    removeProperty: (fullName, name) => {
      const definition = get(fullName)
      const gone = customProperty(definition, name)
      changed(definition, { customProperties: definition.customProperties.filter(one => one !== gone) })
    },
  }
}

const newDefinition = (
  { label, description = '', primaryObject = 'CONTACT', propertyDefinitions = [], ...input }: NewEventDefinition,
  { name, fullName, at }: { name: string; fullName: string; at: string },
): EventDefinition => {
  assertLabel(label, EVENT_LABEL_CHARACTERS)
  const definition = {
    id: '',
    fullyQualifiedName: fullName,
    name,
    label,
    description,
    primaryObject,
    ...(input.matching ? { matching: input.matching } : {}),
    hasDefaultProperties: input.includeDefaultProperties ?? true,
    customProperties: propertyDefinitions.map(property => eventProperty(property, at)),
    createdAt: at,
    updatedAt: at,
  }
  assertProperties(definition)
  return definition
}

const assertProperties = (definition: EventDefinition): void => {
  const { customProperties } = definition
  if (customProperties.length > EVENT_PROPERTIES)
    throw invalid(`An event has at most ${EVENT_PROPERTIES} custom properties`)
  const names = propertiesOf(definition).map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw conflict(`A property named '${twice}' already exists.`)
  for (const property of customProperties) assertOptions(property)
}

/** Refuses an object type that the account does not have, and a rule by properties that are not there or not unique. */
const assertMatching = (definition: EventDefinition, portal: Portal): void => {
  const { type, records } = portal.objects(definition.primaryObject)
  const { matching } = definition
  if (!matching) return
  const { targetObjectPropertyName: target, eventPropertyName: own } = matching
  if (!records.isUnique(target)) throw invalid(`"${target}" is not a unique property of ${type.name}`)
  if (!propertiesOf(definition).some(({ name }) => name === own)) throw invalid(`The event has no property "${own}"`)
}
