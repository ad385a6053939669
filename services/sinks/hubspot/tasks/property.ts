import { z } from 'zod'
import { unreadableAnswer } from '../answers.ts'
import type { HubSpotApi, HubSpotClient } from '../client.ts'
import { readingProblem, type SetupProblem } from '../setup/setup.ts'

export const tasksType = 'tasks'

/** The group of task properties that Tributary makes. */
export const taskPropertyGroup = { name: 'tributary', label: 'Tributary' } as const

/** The property by which a task is found again. It holds what links the task with the one in the other CRM, unless the task was made in HubSpot. */
export const taskKeyProperty = {
  name: 'tributary_id',
  label: 'Tributary Id',
  description: 'Links this task with the one in the other CRM. Tributary finds the task by it: leave it as it is.',
  type: 'string',
  fieldType: 'text',
} as const

type NewProperty = Parameters<HubSpotApi['properties']['coreApi']['createWithHttpInfo']>[1]

/** @param hasUniqueValue whether HubSpot is to keep two tasks from having the same value */
export const newKeyProperty = (hasUniqueValue: boolean): NewProperty => ({
  ...taskKeyProperty,
  groupName: taskPropertyGroup.name,
  type: taskKeyProperty.type as NewProperty['type'],
  fieldType: taskKeyProperty.fieldType as NewProperty['fieldType'],
  hasUniqueValue,
})

/** The property as an account has it. */
export interface KeyProperty {
  readonly type: string
  /** Not every portal lets a property of tasks be unique (unverified): then tasks can be searched by it, and nothing more. */
  readonly isUnique: boolean
}

const existing = z
  .object({ type: z.string(), hasUniqueValue: z.boolean().optional().catch(undefined) })
  .transform(({ type, hasUniqueValue }): KeyProperty => ({ type, isUnique: hasUniqueValue === true }))

/** `property` null: the account has none. */
export const readKeyProperty = async (
  client: HubSpotClient,
  signal: AbortSignal,
): Promise<{ readonly kind: 'read'; readonly property: KeyProperty | null } | SetupProblem> => {
  const answer = await client.call(
    'properties.get',
    ({ properties }) => properties.coreApi.getByNameWithHttpInfo(tasksType, taskKeyProperty.name),
    signal,
  )
  if (answer.kind === 'success') {
    const { data } = existing.safeParse(answer.data)
    return data ? { kind: 'read', property: data } : unreadableAnswer(answer)
  }
  return answer.kind === 'rejected' && answer.status === 404 ? { kind: 'read', property: null } : readingProblem(answer)
}
