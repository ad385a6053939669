import type { Problem, PutInput, PutResult } from '../../../delivery/destination.ts'
import { noResult, orApiMissing } from '../answers.ts'
import { sendBatch } from '../batches.ts'
import type { HubSpotAnswer, HubSpotClient } from '../client.ts'
import { type Located, locateContacts, orphanedBy } from '../contacts/look-up.ts'
import type { EventBudget } from './budget.ts'
import type { Occurrence } from './occurrence.ts'

export interface SendingParts {
  readonly client: HubSpotClient
  readonly budget: EventBudget
}

/** What an object knows of its occurrences. */
export interface Spelling {
  /** Null: this one cannot be spelled any more. */
  occurrenceOf(input: PutInput): Occurrence | null
  /**
   * HubSpot refused the batch: perhaps something was removed there meanwhile. `mended` to send once more, `as-before` when it is the fault of an input, or what
   * stands in the way of all.
   */
  mend(signal: AbortSignal): Promise<'mended' | 'as-before' | Problem>
  /** Whether sending parts of a refused batch would be in vain. */
  isHopeless(): boolean
}

/** Sends occurrences to contacts that are there, within the budget of the month. Gives a result for each input. */
export const sendOccurrences = async (
  inputs: readonly PutInput[],
  { client, budget }: SendingParts,
  spelling: Spelling,
  signal: AbortSignal,
): Promise<ReadonlyMap<PutInput, PutResult>> => {
  const ids = [...new Set(inputs.map(({ of }) => of.id))]
  const found = await locateContacts(client, ids, signal)
  const located = new Map(ids.map((id, index) => [id, found[index]]))
  const isHere = ({ of }: PutInput): boolean => located.get(of.id)?.kind === 'here'
  const results = new Map(
    inputs.flatMap((input): [PutInput, PutResult][] =>
      isHere(input) ? [] : [[input, elsewhere(located.get(input.of.id))]],
    ),
  )
  const here = inputs.filter(isHere)
  const { granted, problem, giveBack } = await budget.take(here.length)
  if (problem) for (const input of here.slice(granted)) results.set(input, problem)
  const request = (some: readonly PutInput[]): Promise<HubSpotAnswer<unknown>> => send(some, client, spelling, signal)
  const mending = async (some: readonly PutInput[]): Promise<HubSpotAnswer<unknown>> => {
    const answer = await request(some)
    if (answer.kind !== 'rejected') return answer
    const mended = await spelling.mend(signal)
    if (mended === 'as-before') return answer
    return mended === 'mended' ? await request(some) : mended
  }
  const divides = (status: number | null): boolean => status !== 404 && !spelling.isHopeless()
  let untaken = 0
  for (const part of await sendBatch(here.slice(0, granted), mending, divides)) {
    if (isSurelyNotTaken(part.answer)) untaken += part.inputs.length
    for (const input of part.inputs) results.set(input, resultOf(part.answer))
  }
  giveBack(untaken)
  return results
}

const send = async (
  inputs: readonly PutInput[],
  client: HubSpotClient,
  spelling: Spelling,
  signal: AbortSignal,
): Promise<HubSpotAnswer<unknown>> => {
  const occurrences = inputs.flatMap(input => spelling.occurrenceOf(input) ?? [])
  if (occurrences.length === 0) return noResult({ status: null, correlationId: null })
  return await client.call(
    'events.send',
    ({ eventCompletions }) => eventCompletions.batchApi.sendWithHttpInfo({ inputs: occurrences }),
    signal,
  )
}

/** Whether HubSpot's answer says that nothing of the request happened; without an answer, and after a failure of HubSpot's, it may have. */
const isSurelyNotTaken = ({ kind, status }: HubSpotAnswer<unknown>): boolean =>
  kind !== 'success' && status !== null && status >= 400 && status < 500 && status !== 408

/** A 204 takes them all: HubSpot says nothing of single ones, and an `uuid` that it knows is dropped in silence. */
const resultOf = (answer: HubSpotAnswer<unknown>): PutResult => {
  if (answer.kind !== 'success') return orApiMissing(answer)
  const { status, correlationId } = answer
  return { kind: 'put', record: null, created: true, status, correlationId }
}

/**
 * HubSpot takes an occurrence for a contact that is no longer there as it takes any other, and it cannot be made a second time: so the contacts are looked at
 * first.
 */
const elsewhere = (located: Located | undefined): PutResult => {
  if (located === undefined || located.kind === 'here') return noResult({ status: null, correlationId: null })
  return located.kind === 'gone' ? orphanedBy(located) : located
}
