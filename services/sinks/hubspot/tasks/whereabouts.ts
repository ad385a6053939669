import type { NeedsPerson, Problem } from '../../../delivery/destination.ts'
import { taskKeyProperty } from './property.ts'

/** What is known of the answer that told. */
export interface Seen {
  readonly status: number | null
  readonly correlationId: string | null
}

/** Where the task of a key is. `none`: certainly nowhere. */
export type Whereabouts =
  | ({ readonly kind: 'there'; readonly id: string } & Seen)
  | ({ readonly kind: 'none' } & Seen)
  | Problem

/** Code of what is answered when the property is not there as it was made. */
export const keyLost = 'HUBSPOT_TASK_PROPERTY'

/** No key is refused for itself: the property is gone, or another one. Without it no task would be found again. */
export const keyProblem = (problem: Problem): Problem => (problem.kind === 'rejected' ? propertyLost(problem) : problem)

const propertyLost = ({ status, correlationId }: Seen): NeedsPerson => ({
  kind: 'needs-person',
  code: keyLost,
  status,
  correlationId,
  message: `HubSpot does not find tasks by their property ${taskKeyProperty.name}. \`tributary setup --check\` says what is wrong with it.`,
})
