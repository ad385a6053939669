import type { DependentObject, Problem } from '../../../delivery/destination.ts'
import { eventInputs, waitForContactMs } from '../limits.ts'
import type { EventNames } from '../setup/event-setup.ts'
import type { PrepareAgain } from '../setup/setup.ts'
import { occurrenceOf } from './occurrence.ts'
import { type SendingParts, sendOccurrences } from './sending.ts'

/**
 * A custom event that is always the same: each occurrence is made once, on a contact's timeline, and never changes.
 * @param object its name in writes, which is its name in HubSpot without `pe<portalId>_`
 */
export const eventObject = (
  object: string,
  parts: SendingParts,
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
    const spelling = {
      occurrenceOf: (input: Parameters<typeof occurrenceOf>[2]) =>
        occurrenceOf(object, names.fullName(object) ?? '', input),
      // A definition or a property may have been removed meanwhile: HubSpot's refusal does not say so.
      mend: async () => {
        const prepared = await prepareAgain(signal)
        if (prepared === 'made-lately') return 'as-before'
        return prepared === 'ready' ? (names.refusal(object) ?? 'mended') : prepared
      },
      isHopeless: () => names.refusal(object) !== undefined,
    } as const
    const results = await sendOccurrences(inputs, parts, spelling, signal)
    return inputs.map(input => results.get(input) ?? unprepared)
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
