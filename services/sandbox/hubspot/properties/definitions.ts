import type { Clock } from '../../../runtime/clock.ts'
import type { Store, Table } from '../../store.ts'
import { conflict, invalid, notFound } from '../errors.ts'
import { UNIQUE_PROPERTIES } from '../limits.ts'
import type { ObjectType } from '../objects/object-types.ts'
import { PREDEFINED, type PropertyDefinition, type PropertyGroup, type PropertyOption } from './predefined.ts'
import type { PropertyType } from './row.ts'

/** What a caller says of a new property. */
export interface NewProperty {
  readonly name: string
  readonly label: string
  readonly type: PropertyType
  readonly fieldType: string
  readonly groupName: string
  readonly description?: string | undefined
  readonly options?:
    | readonly { label: string; value: string; displayOrder?: number | undefined; hidden?: boolean | undefined }[]
    | undefined
  readonly displayOrder?: number | undefined
  readonly hasUniqueValue?: boolean | undefined
  readonly hidden?: boolean | undefined
  readonly formField?: boolean | undefined
  readonly externalOptions?: boolean | undefined
}

/** What a caller changes of a custom property; its name and whether its values are unique stay. */
export type PropertyChanges = {
  readonly [Key in Exclude<keyof NewProperty, 'name' | 'hasUniqueValue'>]?: NewProperty[Key] | undefined
}

/** The property definitions and groups of one object type. */
export interface Properties {
  get(name: string): PropertyDefinition | undefined
  list(): PropertyDefinition[]
  create(property: NewProperty): PropertyDefinition
  update(name: string, changes: PropertyChanges): PropertyDefinition
  /** Removes a custom property. */
  archive(name: string): void
  /** Names of the properties that no two records share a value of. */
  uniqueNames(): readonly string[]
  groups(): PropertyGroup[]
  group(name: string): PropertyGroup | undefined
  createGroup(group: { name: string; label: string; displayOrder?: number | undefined }): PropertyGroup
  updateGroup(name: string, changes: { label?: string | undefined; displayOrder?: number | undefined }): PropertyGroup
  archiveGroup(name: string): void
}

const NAME = /^[a-z][a-z0-9_]*$/

/** Which form fields a type may have. */
const FIELD_TYPES: Readonly<Record<PropertyType, readonly string[]>> = {
  bool: ['booleancheckbox', 'calculation_equation'],
  date: ['date'],
  datetime: ['date'],
  enumeration: ['booleancheckbox', 'checkbox', 'radio', 'select', 'calculation_equation'],
  number: ['number', 'calculation_equation'],
  phone_number: ['phonenumber'],
  string: ['file', 'html', 'phonenumber', 'text', 'textarea', 'calculation_equation'],
}

/** @param uniqueAllowed whether a custom property may have unique values */
export const createProperties = (type: ObjectType, store: Store, clock: Clock, uniqueAllowed: boolean): Properties => {
  const predefined = new Map(PREDEFINED[type.name]?.properties.map(property => [property.name, property]))
  const predefinedGroups = new Map(PREDEFINED[type.name]?.groups.map(group => [group.name, group]))
  const custom: Table<PropertyDefinition> = store.table(`properties of ${type.name}`)
  const customGroups: Table<PropertyGroup> = store.table(`property groups of ${type.name}`)
  const get = (name: string): PropertyDefinition | undefined => predefined.get(name) ?? custom.get(name)
  const group = (name: string): PropertyGroup | undefined => predefinedGroups.get(name) ?? customGroups.get(name)
  const uniqueNames = (): string[] => [...custom.values()].filter(one => one.hasUniqueValue).map(one => one.name)
  const own = (name: string): PropertyDefinition => {
    const found = get(name)
    if (!found) throw notFound(`Property "${name}" does not exist`)
    if (found.modificationMetadata.readOnlyDefinition)
      throw invalid(`Property "${name}" is defined by HubSpot and cannot be changed`)
    return found
  }
  const ownGroup = (name: string): PropertyGroup => {
    const found = customGroups.get(name)
    if (found) return found
    throw predefinedGroups.has(name) ? invalid(`Property group "${name}" is defined by HubSpot`) : notFound()
  }
  const accept = (definition: PropertyDefinition): PropertyDefinition => {
    assertDefinition(definition)
    if (!group(definition.groupName)) throw invalid(`Property group "${definition.groupName}" does not exist`)
    custom.set(definition.name, definition)
    return definition
  }
  return {
    get,
    list: () => [...predefined.values(), ...custom.values()],
    create: property => {
      assertName(property.name)
      if (get(property.name))
        throw conflict(`A property named '${property.name}' already exists.`, 'Properties.PROPERTY_WITH_NAME_EXISTS')
      if (property.hasUniqueValue && !uniqueAllowed)
        throw invalid(`Properties of ${type.singular.toUpperCase()} objects cannot have unique values`)
      if (property.hasUniqueValue && uniqueNames().length >= UNIQUE_PROPERTIES)
        throw invalid(`An object type has at most ${UNIQUE_PROPERTIES} properties with unique values`)
      return accept(newDefinition(property, new Date(clock.now()).toISOString()))
    },
    update: (name, changes) => {
      const { options, ...rest } = definedOnly(changes)
      const before = own(name)
      return accept({
        ...before,
        ...rest,
        ...(options ? { options: options.map(ordered) } : {}),
        updatedAt: new Date(clock.now()).toISOString(),
      })
    },
    archive: name => custom.delete(own(name).name),
    uniqueNames,
    groups: () => [...predefinedGroups.values(), ...customGroups.values()],
    group,
    createGroup: ({ name, label, displayOrder = -1 }) => {
      assertName(name)
      if (group(name)) throw conflict(`A property group named '${name}' already exists.`)
      const created = { name, label, displayOrder, archived: false }
      customGroups.set(name, created)
      return created
    },
    updateGroup: (name, changes) => {
      const updated = { ...ownGroup(name), ...definedOnly(changes) }
      customGroups.set(name, updated)
      return updated
    },
    archiveGroup: name => {
      const used = [...custom.values()].find(property => property.groupName === ownGroup(name).name)
      if (used) throw invalid(`Property group "${name}" still holds property "${used.name}"`)
      customGroups.delete(name)
    },
  }
}

const newDefinition = (property: NewProperty, at: string): PropertyDefinition => ({
  name: property.name,
  label: property.label,
  type: property.type,
  fieldType: property.fieldType,
  groupName: property.groupName,
  description: property.description ?? '',
  options: (property.options ?? []).map(ordered),
  displayOrder: property.displayOrder ?? -1,
  hasUniqueValue: property.hasUniqueValue ?? false,
  hidden: property.hidden ?? false,
  formField: property.formField ?? false,
  calculated: property.fieldType === 'calculation_equation',
  externalOptions: property.externalOptions ?? false,
  archived: false,
  hubspotDefined: false,
  modificationMetadata: {
    archivable: true,
    readOnlyDefinition: false,
    readOnlyValue: property.fieldType === 'calculation_equation',
  },
  createdAt: at,
  updatedAt: at,
})

const ordered = (option: NonNullable<NewProperty['options']>[number], index: number): PropertyOption => ({
  label: option.label,
  value: option.value,
  displayOrder: option.displayOrder ?? index,
  hidden: option.hidden ?? false,
})

const assertName = (name: string): void => {
  if (!NAME.test(name))
    throw invalid(
      `Invalid name "${name}": a name starts with a lower-case letter and has lower-case letters, digits and underscores only`,
    )
}

const assertDefinition = ({ name, type, fieldType, options, externalOptions }: PropertyDefinition): void => {
  if (!FIELD_TYPES[type].includes(fieldType))
    throw invalid(
      `Property "${name}": field type ${fieldType} does not go with type ${type}; expected one of ${FIELD_TYPES[type].join(', ')}`,
    )
  if (type === 'enumeration' && options.length === 0 && !externalOptions)
    throw invalid(`Property "${name}": an enumeration needs options`)
}

type Defined<Source> = { [Key in keyof Source]?: Exclude<Source[Key], undefined> }

const definedOnly = <Source extends object>(source: Source): Defined<Source> =>
  Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined)) as Defined<Source>
