import { z } from 'zod'
import type { Problem, Rejected } from '../../../delivery/destination.ts'
import { noResult, orApiMissing } from '../answers.ts'
import { sendBatch } from '../batches.ts'
import type { HubSpotAnswer, HubSpotClient } from '../client.ts'
import { locateContacts } from '../contacts/look-up.ts'
import { batchInputs } from '../limits.ts'
import type { TaskAdjustment } from './fields.ts'
import { tasksType } from './property.ts'

const contactsType = 'contacts'

/** HubSpot's own association of a task with a contact. */
const taskToContact = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 204 }

/** The contact that a task shall be on, and no other. */
export interface Placing {
  /** Record id of the task. */
  readonly task: string
  /** Record id of the contact, perhaps one that was merged or deleted since; null for none. */
  readonly contact: string | null
  /** Whether it is on no contact yet, for sure. */
  readonly isNew: boolean
}

export type Placed = { readonly kind: 'placed'; readonly adjustments: readonly TaskAdjustment[] } | Problem

/** Puts tasks on their contacts: the new one first, so that none is without in between. Results by task. */
export const placeTasks = async (
  client: HubSpotClient,
  placings: readonly Placing[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Placed>> => {
  const old = placings.filter(({ isNew }) => !isNew).map(({ task }) => task)
  const current = await contactsOfTasks(client, old, signal)
  if (current.kind !== 'contacts') return new Map(placings.map(({ task }) => [task, current]))
  const placed = new Map<string, Placed>()
  const plans = await plansFor(client, placings, current.of, placed, signal)
  const missing = plans.filter(({ contact, held }) => contact !== null && !held.includes(contact))
  for (const { inputs, answer } of await sendBatch(
    missing,
    some => associate(client, some, signal),
    () => true,
  ))
    if (answer.kind !== 'success') for (const { task } of inputs) placed.set(task, orLookAgain(answer))
  const leaving = plans
    .filter(({ task }) => placed.get(task)?.kind === 'placed')
    .map(({ task, contact, held }) => ({ task, contacts: held.filter(one => one !== contact) }))
    .filter(({ contacts }) => contacts.length > 0)
  for (const { inputs, answer } of await sendBatch(
    leaving,
    some => dissociate(client, some, signal),
    () => true,
  ))
    if (answer.kind !== 'success') for (const { task } of inputs) placed.set(task, orLookAgain(answer))
  return placed
}

/** The contacts of tasks, by task; those of a task that is on none are not there. */
export const contactsOfTasks = async (
  client: HubSpotClient,
  tasks: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly kind: 'contacts'; readonly of: ReadonlyMap<string, readonly string[]> } | Problem> => {
  const of = new Map<string, readonly string[]>()
  for (let from = 0; from < tasks.length; from += batchInputs) {
    const inputs = tasks.slice(from, from + batchInputs).map(id => ({ id }))
    const answer = await client.callForResults(
      'associations.read',
      ({ associations }) => associations.getPageWithHttpInfo(tasksType, contactsType, { inputs }),
      signal,
    )
    if (answer.kind !== 'success') return orApiMissing(answer)
    for (const result of answer.data.results) {
      const { data } = associated.safeParse(result)
      if (data) of.set(data._from.id, data.to)
    }
  }
  return { kind: 'contacts', of }
}

/** HubSpot's answers have ids as texts, or as numbers. */
const recordId = z.union([z.string().min(1), z.number()]).transform(String)
const associated = z.object({
  _from: z.object({ id: recordId }),
  to: z.array(z.object({ toObjectId: recordId }).transform(({ toObjectId }) => toObjectId)),
})

/** What is to be done for a task: `contact` is one that is there. */
interface Plan {
  readonly task: string
  readonly contact: string | null
  readonly held: readonly string[]
}

/** Looks for contacts that tasks are not on yet: HubSpot may have merged one into another, or somebody deleted it. */
const plansFor = async (
  client: HubSpotClient,
  placings: readonly Placing[],
  current: ReadonlyMap<string, readonly string[]>,
  placed: Map<string, Placed>,
  signal: AbortSignal,
): Promise<readonly Plan[]> => {
  const wanted = placings.flatMap(({ task, contact }) =>
    contact === null || current.get(task)?.includes(contact) ? [] : contact,
  )
  const ids = [...new Set(wanted)]
  const located = new Map((await locateContacts(client, ids, signal)).map((one, index) => [ids[index], one]))
  return placings.flatMap(({ task, contact }): Plan[] => {
    const held = current.get(task) ?? []
    const found = contact === null ? undefined : located.get(contact)
    if (found && found.kind !== 'here' && found.kind !== 'gone') {
      placed.set(task, found)
      return []
    }
    const target = found?.kind === 'gone' ? found.survivor : contact
    placed.set(task, { kind: 'placed', adjustments: contact !== null && target === null ? ['CONTACT_GONE'] : [] })
    return [{ task, contact: target, held }]
  })
}

/** All of them, or none: HubSpot's answer to a part tells by no name of ours which one failed, and asking again changes nothing. */
const associate = async (
  client: HubSpotClient,
  plans: readonly Plan[],
  signal: AbortSignal,
): Promise<HubSpotAnswer<unknown>> => {
  const answer = await client.callForResults(
    'associations.create',
    ({ associations }) =>
      associations.createWithHttpInfo(tasksType, contactsType, {
        inputs: plans.map(({ task, contact }) => ({
          _from: { id: task },
          to: { id: contact ?? '' },
          types: [taskToContact as AssociationType],
        })),
      }),
    signal,
  )
  return answer.kind === 'success' && answer.status === 207 ? notAll(answer) : answer
}

type AssociationType = Parameters<
  HubSpotClient['api']['associations']['createWithHttpInfo']
>[2]['inputs'][number]['types'][number]

const dissociate = (
  client: HubSpotClient,
  tasks: readonly { readonly task: string; readonly contacts: readonly string[] }[],
  signal: AbortSignal,
): Promise<HubSpotAnswer<unknown>> =>
  client.call(
    'associations.archive',
    ({ associations }) =>
      associations.archiveWithHttpInfo(tasksType, contactsType, {
        inputs: tasks.map(({ task, contacts }) => ({ _from: { id: task }, to: contacts.map(id => ({ id })) })),
      }),
    signal,
  )

/** Both were there a moment ago: one of them is not any more. */
const orLookAgain = (problem: Problem): Problem =>
  problem.kind === 'rejected' && problem.status === 404 ? noResult(problem) : problem

const notAll = ({ status, correlationId }: Parameters<typeof noResult>[0]): Rejected => ({
  kind: 'rejected',
  code: 'HUBSPOT_TASK_CONTACT',
  status,
  correlationId,
  message: 'HubSpot did not put the task on its contact. Look at both, then retry the dead letter.',
})
