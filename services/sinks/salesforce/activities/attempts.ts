import type { Problem, Put, Rejected, StandaloneInput, StandaloneResult } from '../../../delivery/destination.ts'
import { longIdIn } from '../people/ids.ts'
import type { TaskRow } from '../tasks/rows.ts'
import type { ActivityAdjustment } from './adjustments.ts'
import { otherPeople } from './sharing.ts'

/** A write on its way to a task. */
export interface Attempt {
  readonly kind: 'attempt'
  readonly input: StandaloneInput
  /** Id of the task; null: it is found by its external id, and made when there is none. */
  readonly task: string | null
  /** As they are sent, with users and people by their ids. */
  readonly fields: TaskRow
  readonly adjustments: readonly ActivityAdjustment[]
}

/** What came of a write. */
export interface Settled {
  readonly kind: 'settled'
  readonly input: StandaloneInput
  readonly result: StandaloneResult
}

/** What a write comes to in one step of its way. */
export type Step = Attempt | Settled

/** Keys of tasks that were made in Salesforce begin so and go on with their ids; all others are of activities elsewhere. */
const ownPrefix = 'salesforce:task:'

export const isOwnKey = (key: string): boolean => key.startsWith(ownPrefix)

/** Id of the task that a key is of; undefined when it is of an activity elsewhere, or of no task at all. */
export const ownTaskOf = (key: string): string | undefined =>
  isOwnKey(key) ? longIdIn(key.slice(ownPrefix.length)) : undefined

export const begun = (input: StandaloneInput): Step => {
  const { IsDeleted: _, [otherPeople]: _others, ...fields } = input.fields
  const task = ownTaskOf(input.key) ?? null
  const attempt: Attempt = { kind: 'attempt', input, task, fields, adjustments: [] }
  return task === null && isOwnKey(input.key) ? settled(attempt, noTaskId) : attempt
}

export const settled = ({ input, adjustments }: Attempt, result: StandaloneResult): Settled => ({
  kind: 'settled',
  input,
  result: result.kind === 'put' && adjustments.length > 0 ? { ...result, adjustments } : result,
})

export const settledAll = (attempts: readonly Attempt[], result: StandaloneResult): readonly Settled[] =>
  attempts.map(attempt => settled(attempt, result))

/** Whether the task shall not be there. */
export const isDeletion = ({ input }: Attempt): boolean => input.fields['IsDeleted'] === true

/** Whether it shall be there whatever happened before: such a write holds all fields, and no other makes a task. */
export const isWhole = (fields: StandaloneInput['fields']): boolean => fields['IsDeleted'] === false

/** Somebody deleted the task, and what is written is too little to make it anew. */
export const taskDeleted = ({ status, correlationId }: Pick<Problem | Put, 'status' | 'correlationId'>) =>
  ({ kind: 'skipped', code: 'SALESFORCE_TASK_DELETED', status, correlationId }) as const

/** The write that would have made the task was refused, and waits as a dead letter; this one is too little to make it, and goes with it. */
export const taskNotMade = ({ status, correlationId }: Pick<Problem | Put, 'status' | 'correlationId'>): Rejected => ({
  kind: 'rejected',
  code: 'SALESFORCE_TASK_NOT_MADE',
  status,
  correlationId,
  message:
    'Expected the task to be there, but its first write, which holds all fields, was not delivered. Retry the dead letter of that write, then this one.',
})

/** Codes of rows whose own task is not there, or a record that it refers to. */
export const goneCodes: ReadonlySet<string> = new Set(['ENTITY_IS_DELETED', 'NOT_FOUND', 'INVALID_CROSS_REFERENCE_KEY'])

const noTaskId: Rejected = {
  kind: 'rejected',
  code: 'SALESFORCE_TASK_ID',
  status: null,
  correlationId: null,
  message:
    'Expected the id of a task after salesforce:task: in the key of the write. Mend the mapping, then retry the dead letter.',
}
