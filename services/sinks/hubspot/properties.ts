import type { Prepared } from '../../delivery/destination.ts'
import type { Logger } from '../../runtime/log.ts'
import { apiMissing } from './answers.ts'
import type { HubSpotApi, HubSpotClient } from './client.ts'
import {
  type ContactProperty,
  contactProperties,
  contactPropertyGroup,
  customContactProperties,
  standardContactProperties,
} from './contact-properties.ts'

const objectType = 'contacts'

type NewProperty = Parameters<HubSpotApi['properties']['coreApi']['createWithHttpInfo']>[1]

interface Existing {
  readonly name: string
  readonly type: string
  readonly options?: readonly { readonly value: string }[]
}

/**
 * Makes the group and the properties that Tributary keeps, where they are missing. Those that exist with another type are reported and left alone: somebody
 * else's lists may rest on them. Another process may do the same at the same time.
 */
export const prepareProperties = async (
  client: HubSpotClient,
  logger: Logger,
  signal: AbortSignal,
): Promise<Prepared> => {
  const group = await ensureGroup(client, signal)
  if (group.kind !== 'ready') return group
  const answer = await client.call(
    'properties.list',
    ({ properties }) => properties.coreApi.getAllWithHttpInfo(objectType),
    signal,
  )
  if (answer.kind === 'rejected') return apiMissing(answer)
  if (answer.kind !== 'success') return answer
  const existing = new Map(answer.data.results.map(property => [property.name, property]))
  for (const problem of differences(existing))
    logger.warn({ vendor: 'hubspot', object: 'contact', reason: problem }, 'a property is not as expected')
  for (const [name, property] of Object.entries<ContactProperty>(contactProperties)) {
    if (existing.has(name)) continue
    const created = await create(client, name, property, signal)
    if (created.kind !== 'ready') return created
  }
  return { kind: 'ready' }
}

const ensureGroup = async (client: HubSpotClient, signal: AbortSignal): Promise<Prepared> => {
  const { name } = contactPropertyGroup
  const found = await client.call(
    'groups.get',
    ({ properties }) => properties.groupsApi.getByNameWithHttpInfo(objectType, name),
    signal,
  )
  if (found.kind === 'success') return { kind: 'ready' }
  if (found.kind !== 'rejected') return found
  const created = await client.call(
    'groups.create',
    ({ properties }) =>
      properties.groupsApi.createWithHttpInfo(objectType, { ...contactPropertyGroup, displayOrder: -1 }),
    signal,
  )
  return asPrepared(created)
}

const create = async (
  client: HubSpotClient,
  name: string,
  property: ContactProperty,
  signal: AbortSignal,
): Promise<Prepared> => {
  const { label, description, type, fieldType, options = [] } = property
  const created = await client.call(
    'properties.create',
    ({ properties }) =>
      properties.coreApi.createWithHttpInfo(objectType, {
        name,
        label,
        description,
        groupName: contactPropertyGroup.name,
        type: type as NewProperty['type'],
        fieldType: fieldType as NewProperty['fieldType'],
        options: options.map((option, displayOrder) => ({ ...option, displayOrder, hidden: false })),
      }),
    signal,
  )
  return asPrepared(created)
}

/** A conflict says that another process was first. Any other refusal a person must look at: without the property nothing can be written. */
const asPrepared = (answer: Awaited<ReturnType<HubSpotClient['call']>>): Prepared => {
  if (answer.kind === 'success') return { kind: 'ready' }
  if (answer.kind !== 'rejected') return answer
  if (answer.status === 409) return { kind: 'ready' }
  return answer.status === 404 ? apiMissing(answer) : { ...answer, kind: 'needs-person' }
}

const differences = (existing: ReadonlyMap<string, Existing>): string[] => {
  const expected: [string, { readonly type: string; readonly options?: ContactProperty['options'] }][] = [
    ...Object.entries<ContactProperty>(contactProperties),
    ...Object.entries<{ readonly type: string }>(customContactProperties),
    ...standardContactProperties.map((name): [string, { type: string }] => [name, { type: 'string' }]),
  ]
  return expected.flatMap(([name, { type, options = [] }]) => {
    const property = existing.get(name)
    if (!property)
      return name in contactProperties ? [] : [`Expected the contact property ${name}, but the account has none.`]
    if (property.type !== type)
      return [
        `Expected the contact property ${name} to be of type ${type}, but it is ${property.type}. Rename or change it in HubSpot.`,
      ]
    const offered = new Set(property.options?.map(({ value }) => value))
    const missing = options.filter(({ value }) => !offered.has(value)).map(({ value }) => value)
    return missing.length === 0
      ? []
      : [`Expected the contact property ${name} to offer ${missing.join(', ')}. Add the options in HubSpot.`]
  })
}
