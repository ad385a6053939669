import type { HubSpotClient } from '../client.ts'
import {
  type KeyProperty,
  newKeyProperty,
  readKeyProperty,
  taskKeyProperty,
  taskPropertyGroup,
  tasksType,
} from '../tasks/property.ts'
import { type Difference, makingProblem, readingProblem, type SetupPart, type SetupProblem } from './setup.ts'

/** What an account has of what tasks need. */
interface TaskSetup {
  readonly kind: 'read'
  readonly group: boolean
  readonly property: KeyProperty | null
}

/**
 * The property by which tasks are found again, and the right to see who the owners are. It is made unique where the portal allows that; a portal that refuses,
 * or where somebody made it otherwise, gets on with a plain one.
 * @param learned told whether the property is unique, once it is there
 */
export const taskSetup = (
  client: HubSpotClient,
  learned: (isUnique: boolean) => void = () => undefined,
): SetupPart => ({
  name: 'tasks',
  compare: async signal => {
    const found = await read(client, signal)
    return found.kind === 'read' ? { kind: 'compared', differences: taskDifferences(found) } : found
  },
  make: async signal => {
    const found = await read(client, signal)
    if (found.kind !== 'read') return found
    const differences = taskDifferences(found)
    const made = differences.filter(({ makes }) => makes)
    for (const difference of made) {
      const problem = await makers[difference.what]?.(client, signal)
      if (problem) return problem
    }
    const after = found.property ? found : await readKeyProperty(client, signal)
    if (after.kind !== 'read') return after
    if (after.property?.type !== taskKeyProperty.type) return unusable(taskDifferences({ ...found, ...after }))
    learned(after.property.isUnique)
    return { kind: 'made', made, left: [] }
  },
})

const read = async (client: HubSpotClient, signal: AbortSignal): Promise<TaskSetup | SetupProblem> => {
  const owners = await client.call(
    'owners.list',
    api => api.owners.getPageWithHttpInfo(undefined, undefined, 1),
    signal,
  )
  if (owners.kind !== 'success') return readingProblem(owners)
  const group = await client.call(
    'groups.get',
    ({ properties }) => properties.groupsApi.getByNameWithHttpInfo(tasksType, taskPropertyGroup.name),
    signal,
  )
  if (group.kind !== 'success' && !(group.kind === 'rejected' && group.status === 404)) return readingProblem(group)
  const property = await readKeyProperty(client, signal)
  return property.kind === 'read' ? { ...property, group: group.kind === 'success' } : property
}

/** In the order in which they must be made. The group does not matter once the property is there. */
const taskDifferences = ({ group, property }: TaskSetup): readonly Difference[] => {
  const { name, type } = taskKeyProperty
  if (property?.type === type) return []
  const subject = { what: 'task property', name } as const
  if (property) {
    const message = `Expected the task property ${name} to be of type ${type}, but it is ${property.type}. Delete it in HubSpot; Tributary makes it anew.`
    return [{ ...subject, kind: 'different', makes: false, message }]
  }
  const missing = { kind: 'missing', makes: true } as const
  const groupName = taskPropertyGroup.name
  const groupMessage = `Expected the group ${groupName} of task properties, but the account has none.`
  return [
    ...(group ? [] : [{ what: 'task property group', name: groupName, ...missing, message: groupMessage } as const]),
    { ...subject, ...missing, message: `Expected the task property ${name}, but the account has none.` },
  ]
}

type Maker = (client: HubSpotClient, signal: AbortSignal) => Promise<SetupProblem | null>

const makeGroup: Maker = async (client, signal) => {
  const created = await client.call(
    'groups.create',
    ({ properties }) => properties.groupsApi.createWithHttpInfo(tasksType, { ...taskPropertyGroup, displayOrder: -1 }),
    signal,
  )
  return makingProblem(created)
}

/** Whether properties of tasks may be unique is documented nowhere: a portal that does not take one so gets a plain one. */
const makeProperty: Maker = async (client, signal) => {
  const create = (isUnique: boolean) =>
    client.call(
      'properties.create',
      ({ properties }) => properties.coreApi.createWithHttpInfo(tasksType, newKeyProperty(isUnique)),
      signal,
    )
  const created = await create(true)
  const isRefused = created.kind === 'rejected' && created.status !== 404 && created.status !== 409
  return makingProblem(isRefused ? await create(false) : created)
}

const makers: Partial<Record<Difference['what'], Maker>> = {
  'task property group': makeGroup,
  'task property': makeProperty,
}

/** Without the property no task would be found again. */
const unusable = (differences: readonly Difference[]): SetupProblem => ({
  kind: 'needs-person',
  code: 'HUBSPOT_TASK_PROPERTY',
  status: null,
  correlationId: null,
  message: differences.map(({ message }) => message).join(' '),
})
