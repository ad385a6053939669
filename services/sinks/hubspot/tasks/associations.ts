import { z } from 'zod'
import type { Problem, Rejected } from '../../../delivery/destination.ts'
import { noResult, orApiMissing } from '../answers.ts'
import { sendBatch } from '../batches.ts'
import type { HubSpotAnswer, HubSpotClient } from '../client.ts'
import { batchInputs } from '../limits.ts'
import { tasksType } from './property.ts'

/** What a task can be on, with the id of HubSpot's own type of that association and the code of what fails (facts/hubspot.md §3.7). */
const kinds = {
  contacts: { typeId: 204, code: 'HUBSPOT_TASK_CONTACT', record: 'contact' },
  companies: { typeId: 192, code: 'HUBSPOT_TASK_COMPANY', record: 'company' },
} as const

export type TaskOn = keyof typeof kinds

/** A task, and the record that it is to be on. */
export interface Pair {
  readonly task: string
  readonly record: string
}

/** The records of one type that tasks are on, by task; those of a task that is on none are not there. */
export const associatedWith = async (
  client: HubSpotClient,
  type: TaskOn,
  tasks: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly kind: 'associated'; readonly of: ReadonlyMap<string, readonly string[]> } | Problem> => {
  const of = new Map<string, readonly string[]>()
  for (let from = 0; from < tasks.length; from += batchInputs) {
    const inputs = tasks.slice(from, from + batchInputs).map(id => ({ id }))
    const answer = await client.callForResults(
      'associations.read',
      ({ associations }) => associations.getPageWithHttpInfo(tasksType, type, { inputs }),
      signal,
    )
    if (answer.kind !== 'success') return orApiMissing(answer)
    for (const result of answer.data.results) {
      const { data } = associated.safeParse(result)
      if (data) of.set(data._from.id, data.to)
    }
  }
  return { kind: 'associated', of }
}

/** HubSpot's answers have ids as texts, or as numbers. */
const recordId = z.union([z.string().min(1), z.number()]).transform(String)
const associated = z.object({
  _from: z.object({ id: recordId }),
  to: z.array(z.object({ toObjectId: recordId }).transform(({ toObjectId }) => toObjectId)),
})

/** What of the pairs failed, by task. */
export type Failed = ReadonlyMap<string, Problem>

/** Puts tasks on records. Those that it fails for are in the result; of the others all is done. */
export const associate = async (
  client: HubSpotClient,
  type: TaskOn,
  pairs: readonly Pair[],
  signal: AbortSignal,
): Promise<Failed> => {
  const parts = await sendBatch(
    pairs,
    some => create(client, type, some, signal),
    () => true,
  )
  return failedIn(parts)
}

/** Takes tasks off records. */
export const dissociate = async (
  client: HubSpotClient,
  type: TaskOn,
  tasks: readonly { readonly task: string; readonly records: readonly string[] }[],
  signal: AbortSignal,
): Promise<Failed> => {
  const request = (some: typeof tasks) =>
    client.call(
      'associations.archive',
      ({ associations }) =>
        associations.archiveWithHttpInfo(tasksType, type, {
          inputs: some.map(({ task, records }) => ({ _from: { id: task }, to: records.map(id => ({ id })) })),
        }),
      signal,
    )
  return failedIn(await sendBatch(tasks, request, () => true))
}

const failedIn = (
  parts: readonly { readonly inputs: readonly { readonly task: string }[]; readonly answer: HubSpotAnswer<unknown> }[],
): Failed =>
  new Map(
    parts.flatMap(({ inputs, answer }) =>
      answer.kind === 'success' ? [] : inputs.map(({ task }) => [task, orLookAgain(answer)] as const),
    ),
  )

/** All of them, or none: HubSpot's answer to a part tells by no name of ours which one failed, and asking again changes nothing. */
const create = async (
  client: HubSpotClient,
  type: TaskOn,
  pairs: readonly Pair[],
  signal: AbortSignal,
): Promise<HubSpotAnswer<unknown>> => {
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: kinds[type].typeId } as AssociationType]
  const answer = await client.callForResults(
    'associations.create',
    ({ associations }) =>
      associations.createWithHttpInfo(tasksType, type, {
        inputs: pairs.map(({ task, record }) => ({ _from: { id: task }, to: { id: record }, types })),
      }),
    signal,
  )
  return answer.kind === 'success' && answer.status === 207 ? notAll(type, answer) : answer
}

type AssociationType = Parameters<
  HubSpotClient['api']['associations']['createWithHttpInfo']
>[2]['inputs'][number]['types'][number]

/** Both were there a moment ago: one of them is not any more. */
const orLookAgain = (problem: Problem): Problem =>
  problem.kind === 'rejected' && problem.status === 404 ? noResult(problem) : problem

const notAll = (type: TaskOn, { status, correlationId }: Parameters<typeof noResult>[0]): Rejected => ({
  kind: 'rejected',
  code: kinds[type].code,
  status,
  correlationId,
  message: `HubSpot did not put the task on its ${kinds[type].record}. Look at both, then retry the dead letter.`,
})
