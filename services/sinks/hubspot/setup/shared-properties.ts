import { z } from 'zod'
import type { FieldType } from '../../../../topology/pendo-and-hubspot.ts'
import type { HubSpotApi, HubSpotClient } from '../client.ts'
import { type Difference, makingProblem, readingProblem, type SetupPart, type SetupProblem } from './setup.ts'

/** A property that a mapping names. */
export interface SharedProperty {
  readonly name: string
  readonly type: FieldType
  /** Whether it is written; one that is only read must be there already, for it is somebody else's. */
  readonly isWritten: boolean
}

type NewProperty = Parameters<HubSpotApi['properties']['coreApi']['createWithHttpInfo']>[1]

const objects = {
  contacts: { what: 'contact property', group: 'contactinformation' },
  companies: { what: 'company property', group: 'companyinformation' },
} as const

/** By the type of the mapping: HubSpot's types that hold it, the one that is made first. */
const types: Readonly<Record<FieldType, { readonly holds: readonly string[]; readonly fieldType: string }>> = {
  text: { holds: ['string', 'enumeration', 'phone_number'], fieldType: 'text' },
  number: { holds: ['number'], fieldType: 'number' },
  bool: { holds: ['bool'], fieldType: 'booleancheckbox' },
  date: { holds: ['date'], fieldType: 'date' },
  datetime: { holds: ['datetime'], fieldType: 'date' },
}

const existing = z.object({ name: z.string(), type: z.string() })

/** The properties of contacts or companies that are shared with Pendo. No request is made where there are none. */
export const sharedPropertiesSetup = (
  client: HubSpotClient,
  objectType: keyof typeof objects,
  properties: readonly SharedProperty[],
): SetupPart => {
  const compare = async (signal: AbortSignal): Promise<readonly Difference[] | SetupProblem> => {
    if (properties.length === 0) return []
    const answer = await client.callForResults(
      'properties.list',
      api => api.properties.coreApi.getAllWithHttpInfo(objectType),
      signal,
    )
    if (answer.kind !== 'success') return readingProblem(answer)
    const found = new Map(
      answer.data.results.flatMap(result => {
        const { data } = existing.safeParse(result)
        return data ? [[data.name, data.type] as const] : []
      }),
    )
    return properties.flatMap(property => differenceOf(objectType, property, found.get(property.name)))
  }
  return {
    name: objectType === 'contacts' ? 'shared contact properties' : 'companies',
    compare: async signal => {
      const differences = await compare(signal)
      return 'kind' in differences ? differences : { kind: 'compared', differences }
    },
    make: async signal => {
      const differences = await compare(signal)
      if ('kind' in differences) return differences
      const made = differences.filter(({ makes }) => makes)
      for (const { name } of made) {
        const problem = await make(
          client,
          objectType,
          properties.find(property => property.name === name),
          signal,
        )
        if (problem) return problem
      }
      return { kind: 'made', made, left: differences.filter(({ makes }) => !makes) }
    },
  }
}

const differenceOf = (
  objectType: keyof typeof objects,
  { name, type, isWritten }: SharedProperty,
  present: string | undefined,
): Difference[] => {
  const { what } = objects[objectType]
  const { holds } = types[type]
  if (present !== undefined && holds.includes(present)) return []
  const subject = { what, name, makes: present === undefined && isWritten } as const
  const named = `topology/pendo-and-hubspot.ts names the ${what} ${name}`
  if (present === undefined)
    return [
      {
        ...subject,
        kind: 'missing',
        message: `${named}, but the account has none.${isWritten ? '' : ' Correct the name, or make it in HubSpot.'}`,
      },
    ]
  const message = `${named} as ${type}, for which it must be of type ${holds.join(' or ')}, but it is ${present}. Correct the type in the mapping.`
  return [{ ...subject, kind: 'different', message }]
}

const make = async (
  client: HubSpotClient,
  objectType: keyof typeof objects,
  property: SharedProperty | undefined,
  signal: AbortSignal,
): Promise<SetupProblem | null> => {
  if (!property) return null
  const created = await client.call(
    'properties.create',
    api => api.properties.coreApi.createWithHttpInfo(objectType, newProperty(objectType, property)),
    signal,
  )
  return makingProblem(created)
}

const newProperty = (objectType: keyof typeof objects, { name, type }: SharedProperty): NewProperty => ({
  name,
  label: name.replaceAll('_', ' ').replace(/^./, first => first.toUpperCase()),
  description: 'Kept equal with a field in Pendo, by Tributary.',
  groupName: objects[objectType].group,
  type: (types[type].holds[0] ?? 'string') as NewProperty['type'],
  fieldType: types[type].fieldType as NewProperty['fieldType'],
  options: type === 'bool' ? [option('true', 'Yes', 0), option('false', 'No', 1)] : [],
})

const option = (value: string, label: string, displayOrder: number) => ({ value, label, displayOrder, hidden: false })
