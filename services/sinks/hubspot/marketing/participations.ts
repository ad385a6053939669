import type { DependentObject, Problem, PutInput, PutResult, Rejected } from '../../../delivery/destination.ts'
import { noResult } from '../answers.ts'
import { sendBatch } from '../batches.ts'
import type { HubSpotAnswer, HubSpotClient, Success } from '../client.ts'
import { locateContacts, orphanedBy } from '../contacts/look-up.ts'
import { participationInputs, waitForContactMs } from '../limits.ts'
import { type MarketingEvent, type MarketingEvents, marketingEvents } from './marketing-events.ts'
import { byRequest, byWebinar, eventOf, type Participation, participationOf } from './participation.ts'

/**
 * The state of contacts in marketing events. HubSpot keeps the latest one of a contact in an event, so sending it again changes nothing. It cannot be read back:
 * HubSpot shows the state contact by contact, and durations instead of the times.
 */
export const marketingParticipationObject = (client: HubSpotClient): DependentObject => {
  const events = marketingEvents(client)
  return {
    kind: 'keyed',
    of: ['contact'],
    waitForRecordMs: waitForContactMs,
    batchSize: participationInputs,
    put: async (inputs, signal) => {
      const participations = inputs.flatMap(input => participationOf(input) ?? [])
      const results = new Map(inputs.map((input): [PutInput, PutResult] => [input, incomplete]))
      for (const some of byWebinar(participations))
        for (const [input, result] of await record(client, events, some, signal)) results.set(input, result)
      return inputs.map(input => results.get(input) ?? incomplete)
    },
  }
}

type Results = readonly (readonly [PutInput, PutResult])[]
type Recorded = HubSpotAnswer<{ readonly results: readonly { readonly vid: unknown }[] }>

/** @param participations of one webinar */
const record = async (
  client: HubSpotClient,
  events: MarketingEvents,
  participations: readonly Participation[],
  signal: AbortSignal,
): Promise<Results> => {
  const event = eventOf(participations)
  const problem = await events.ensure(event, signal)
  if (problem) return participations.map(({ input }) => [input, problem] as const)
  const results: (readonly [PutInput, PutResult])[] = []
  for (const group of byRequest(participations)) {
    const parts = await sendBatch(group, some => recordMade(client, events, event, some, signal))
    for (const { inputs, answer } of parts) results.push(...(await settled(client, inputs, answer, signal)))
  }
  return results
}

/** Somebody may have deleted the event since it was made: then it is made once more. */
const recordMade = async (
  client: HubSpotClient,
  events: MarketingEvents,
  event: MarketingEvent,
  participations: readonly Participation[],
  signal: AbortSignal,
): Promise<Recorded> => {
  const answer = await recordOnce(client, event, participations, signal)
  if (answer.kind !== 'rejected' || answer.status !== 404) return answer
  events.forget(event)
  const problem = await events.ensure(event, signal)
  if (problem) return problem
  const again = await recordOnce(client, event, participations, signal)
  return again.kind === 'rejected' && again.status === 404 ? foreign(event, again) : again
}

const recordOnce = (
  client: HubSpotClient,
  { webinar, account }: MarketingEvent,
  participations: readonly Participation[],
  signal: AbortSignal,
): Promise<Recorded> =>
  client.callForResults(
    'marketing-events.attendance',
    api =>
      api.marketingEvents.addEventAttendeesApi.recordByContactIdsWithHttpInfo(
        webinar,
        participations[0]?.verb ?? '',
        { inputs: participations.map(({ subscriber }) => subscriber) },
        account,
      ),
    signal,
  )

const settled = async (
  client: HubSpotClient,
  participations: readonly Participation[],
  answer: Recorded,
  signal: AbortSignal,
): Promise<Results> => {
  if (answer.kind !== 'success') return participations.map(({ input }) => [input, answer] as const)
  const recorded = new Set(answer.data.results.map(({ vid }) => (typeof vid === 'object' ? '' : String(vid))))
  return await Promise.all(
    participations.map(async ({ input }) => {
      const isRecorded = recorded.has(input.of.id)
      const result = isRecorded ? put(input, answer) : await elsewhere(client, input, recorded, answer, signal)
      return [input, result] as const
    }),
  )
}

const put = ({ known }: PutInput, { status, correlationId }: Success<unknown>): PutResult => ({
  kind: 'put',
  record: null,
  created: !known,
  status,
  correlationId,
})

/** A contact without result was deleted, or merged into another one, which HubSpot then may have recorded in its place. */
const elsewhere = async (
  client: HubSpotClient,
  input: PutInput,
  recorded: ReadonlySet<string>,
  answer: Success<unknown>,
  signal: AbortSignal,
): Promise<PutResult> => {
  const [located = noResult(answer)] = await locateContacts(client, [input.of.id], signal)
  if (located.kind === 'gone') return recorded.has(located.survivor ?? '') ? put(input, answer) : orphanedBy(located)
  return located.kind === 'here' ? ignored(answer) : located
}

const ignored = ({ status, correlationId }: Success<unknown>): Rejected => ({
  kind: 'rejected',
  code: 'HUBSPOT_PARTICIPATION_IGNORED',
  status,
  correlationId,
  message: 'HubSpot took the request but did not record this contact. Look at the contact, then retry the dead letter.',
})

const incomplete: Rejected = {
  kind: 'rejected',
  code: 'HUBSPOT_PARTICIPATION_INCOMPLETE',
  status: null,
  correlationId: null,
  message: 'Expected webinar_id, account, state and interaction_at. Mend the mapping, then retry the dead letter.',
}

/** The names of a marketing event are those of the app that made it: another app's is not found, although it can be seen in HubSpot. */
const foreign = ({ webinar }: MarketingEvent, { status, correlationId }: Problem): Rejected => ({
  kind: 'rejected',
  code: 'HUBSPOT_MARKETING_EVENT_FOREIGN',
  status,
  correlationId,
  message: `HubSpot does not find the marketing event of webinar ${webinar} for this app. Another app made it, for example HubSpot's own Zoom integration: disconnect that, delete its event, then retry the dead letter.`,
})
