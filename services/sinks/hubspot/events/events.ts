import type { DependentObject, Problem, PutInput, PutResult } from '../../../delivery/destination.ts'
import { noResult, orApiMissing } from '../answers.ts'
import { sendBatch } from '../batches.ts'
import type { HubSpotAnswer, HubSpotClient } from '../client.ts'
import { type Located, locateContacts, orphanedBy } from '../contacts/look-up.ts'
import { eventInputs, waitForContactMs } from '../limits.ts'
import type { EventNames } from '../setup/event-setup.ts'
import type { PrepareAgain } from '../setup/setup.ts'
import { type Occurrence, occurrenceOf } from './occurrence.ts'

/**
 * A custom event: each occurrence is made once, on a contact's timeline, and never changes.
 * @param object its name in writes, which is its name in HubSpot without `pe<portalId>_`
 */
export const eventObject = (
  object: string,
  client: HubSpotClient,
  names: EventNames,
  prepareAgain: PrepareAgain,
): DependentObject => ({
  kind: 'appended',
  of: ['contact'],
  waitForRecordMs: waitForContactMs,
  batchSize: eventInputs,
  put: async (inputs, signal) => {
    const eventName = await nameOf(object, names, prepareAgain, signal)
    if (typeof eventName !== 'string') return inputs.map(() => eventName)
    const ids = [...new Set(inputs.map(({ of }) => of.id))]
    const found = await locateContacts(client, ids, signal)
    const located = new Map(ids.map((id, index) => [id, found[index]]))
    const here = inputs.filter(({ of }) => located.get(of.id)?.kind === 'here')
    const sent = await send(here, object, { client, names, prepareAgain }, signal)
    return inputs.map(input => sent.get(input) ?? elsewhere(located.get(input.of.id)))
  },
})

/** The full name, learned when the account was made ready; once more now if it has none. */
const nameOf = async (
  object: string,
  names: EventNames,
  prepareAgain: PrepareAgain,
  signal: AbortSignal,
): Promise<string | Problem> => {
  const known = names.fullName(object)
  if (known !== undefined) return known
  const prepared = await prepareAgain(signal)
  const problem = typeof prepared === 'string' ? unprepared : prepared
  return names.fullName(object) ?? names.refusal(object) ?? problem
}

const unprepared: Problem = {
  kind: 'retry',
  code: 'HUBSPOT_EVENT_UNKNOWN',
  status: null,
  correlationId: null,
  message: 'The definition of this custom event is not known yet.',
}

interface Ways {
  readonly client: HubSpotClient
  readonly names: EventNames
  readonly prepareAgain: PrepareAgain
}

const send = async (
  inputs: readonly PutInput[],
  object: string,
  { client, names, prepareAgain }: Ways,
  signal: AbortSignal,
): Promise<ReadonlyMap<PutInput, PutResult>> => {
  const request = async (some: readonly PutInput[]): Promise<HubSpotAnswer<unknown>> => {
    const occurrences = some.map(input => occurrenceOf(object, names.fullName(object) ?? '', input))
    return await sendOccurrences(client, occurrences, signal)
  }
  // A definition or a property may have been removed meanwhile: HubSpot's refusal does not say so.
  const requestPrepared = async (some: readonly PutInput[]): Promise<HubSpotAnswer<unknown>> => {
    const answer = await request(some)
    if (answer.kind !== 'rejected') return answer
    const prepared = await prepareAgain(signal)
    if (prepared === 'made-lately') return answer
    return prepared === 'ready' ? (names.refusal(object) ?? (await request(some))) : prepared
  }
  const results = new Map<PutInput, PutResult>()
  const divides = (status: number | null): boolean => status !== 404 && names.refusal(object) === undefined
  for (const part of await sendBatch(inputs, requestPrepared, divides))
    for (const input of part.inputs) results.set(input, resultOf(part.answer))
  return results
}

const sendOccurrences = (
  client: HubSpotClient,
  inputs: Occurrence[],
  signal: AbortSignal,
): Promise<HubSpotAnswer<unknown>> =>
  client.call('events.send', ({ eventCompletions }) => eventCompletions.batchApi.sendWithHttpInfo({ inputs }), signal)

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
