import { z } from 'zod'
import type { HubSpotApi, HubSpotClient } from '../client.ts'
import {
  type ContactProperty,
  contactProperties,
  contactPropertyGroup,
  customContactProperties,
  standardContactProperties,
} from '../contact-properties.ts'
import { type Difference, makingProblem, readingProblem, type SetupPart, type SetupProblem } from './setup.ts'

const objectType = 'contacts'

type NewProperty = Parameters<HubSpotApi['properties']['coreApi']['createWithHttpInfo']>[1]

const existing = z.object({
  name: z.string(),
  type: z.string(),
  options: z
    .array(z.object({ value: z.string() }))
    .optional()
    .catch(undefined),
})
type Existing = Readonly<z.output<typeof existing>>

/** What an account has of what contacts need. */
interface ContactSetup {
  readonly kind: 'read'
  readonly group: boolean
  readonly properties: ReadonlyMap<string, Existing>
}

/** The group and the properties that Tributary keeps, and those of HubSpot and of the portal that the mapping sets. */
export const contactSetup = (client: HubSpotClient): SetupPart => ({
  name: 'contacts',
  compare: async signal => {
    const found = await read(client, signal)
    return found.kind === 'read' ? { kind: 'compared', differences: contactDifferences(found) } : found
  },
  make: async signal => {
    const found = await read(client, signal)
    if (found.kind !== 'read') return found
    const differences = contactDifferences(found)
    const made = differences.filter(({ makes }) => makes)
    for (const difference of made) {
      const problem = await make(client, difference, signal)
      if (problem) return problem
    }
    return { kind: 'made', made, left: differences.filter(({ makes }) => !makes) }
  },
})

const read = async (client: HubSpotClient, signal: AbortSignal): Promise<ContactSetup | SetupProblem> => {
  const group = await client.call(
    'groups.get',
    ({ properties }) => properties.groupsApi.getByNameWithHttpInfo(objectType, contactPropertyGroup.name),
    signal,
  )
  if (group.kind !== 'success' && !(group.kind === 'rejected' && group.status === 404)) return readingProblem(group)
  const answer = await client.callForResults(
    'properties.list',
    ({ properties }) => properties.coreApi.getAllWithHttpInfo(objectType),
    signal,
  )
  if (answer.kind !== 'success') return readingProblem(answer)
  const properties = answer.data.results.flatMap(result => existing.safeParse(result).data ?? [])
  return {
    kind: 'read',
    group: group.kind === 'success',
    properties: new Map(properties.map(property => [property.name, property])),
  }
}

/** In the order in which they must be made. */
const contactDifferences = ({ group, properties }: ContactSetup): readonly Difference[] => {
  const { name } = contactPropertyGroup
  const message = `Expected the group ${name} of contact properties, but the account has none.`
  return [
    ...(group ? [] : [{ what: 'contact property group', name, kind: 'missing', makes: true, message } as const]),
    ...Object.entries(expected).flatMap(([name, facts]) => propertyDifference(name, facts, properties.get(name))),
  ]
}

interface Expected {
  readonly type: string
  readonly options?: ContactProperty['options']
}

const expected: Readonly<Record<string, Expected>> = {
  ...contactProperties,
  ...customContactProperties,
  ...Object.fromEntries(standardContactProperties.map(name => [name, { type: 'string' }])),
}

const propertyDifference = (
  name: string,
  { type, options = [] }: Expected,
  property: Existing | undefined,
): Difference[] => {
  const subject = { what: 'contact property', name } as const
  if (!property) {
    const message = `Expected the contact property ${name}, but the account has none.`
    return [{ ...subject, kind: 'missing', makes: name in contactProperties, message }]
  }
  const different = { ...subject, kind: 'different', makes: false } as const
  if (property.type !== type) {
    const message = `Expected the contact property ${name} to be of type ${type}, but it is ${property.type}. Rename or change it in HubSpot.`
    return [{ ...different, message }]
  }
  const offered = new Set(property.options?.map(({ value }) => value))
  const missing = options.filter(({ value }) => !offered.has(value)).map(({ value }) => value)
  if (missing.length === 0) return []
  const message = `Expected the contact property ${name} to offer ${missing.join(', ')}. Add the options in HubSpot.`
  return [{ ...different, message }]
}

const make = async (
  client: HubSpotClient,
  { what, name }: Difference,
  signal: AbortSignal,
): Promise<SetupProblem | null> => {
  if (what === 'contact property group') {
    const group = { ...contactPropertyGroup, displayOrder: -1 }
    const created = await client.call(
      'groups.create',
      ({ properties }) => properties.groupsApi.createWithHttpInfo(objectType, group),
      signal,
    )
    return makingProblem(created)
  }
  const property = newProperty(name)
  if (!property) return null
  const created = await client.call(
    'properties.create',
    ({ properties }) => properties.coreApi.createWithHttpInfo(objectType, property),
    signal,
  )
  return makingProblem(created)
}

const kept: Readonly<Record<string, ContactProperty>> = contactProperties

const newProperty = (name: string): NewProperty | undefined => {
  const property = kept[name]
  if (!property) return undefined
  const { label, description, type, fieldType, options = [] } = property
  return {
    name,
    label,
    description,
    groupName: contactPropertyGroup.name,
    type: type as NewProperty['type'],
    fieldType: fieldType as NewProperty['fieldType'],
    options: options.map((option, displayOrder) => ({ ...option, displayOrder, hidden: false })),
  }
}
