import type { Destination, NeedsPerson, Prepared, Retry } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Logger } from '../../../runtime/log.ts'
import { apiMissing } from '../answers.ts'
import type { HubSpotAnswer } from '../client.ts'

/** Something that the map needs in HubSpot and that is not there as it should be. */
export interface Difference {
  readonly what:
    | 'contact property group'
    | 'contact property'
    | 'company property'
    | 'task property group'
    | 'task property'
    | 'event definition'
    | 'event property'
  /** Name in HubSpot; of a property of an event `<event>.<property>`. */
  readonly name: string
  readonly kind: 'missing' | 'different'
  /** Whether Tributary makes it. What is `different` it never touches: somebody else's lists may rest on it. */
  readonly makes: boolean
  /** What was expected, what is there, what to do. */
  readonly message: string
}

/** Why nothing can be said now: HubSpot is unwell, or a person must mend something first. */
export type SetupProblem = Retry | NeedsPerson

/** What the map needs of one part of HubSpot. Several processes may make it at the same time. */
export interface SetupPart {
  readonly name: 'contacts' | 'shared contact properties' | 'companies' | 'tasks' | 'marketing events' | 'events'
  /** Compares without changing anything. */
  compare(signal: AbortSignal): Promise<Compared | SetupProblem>
  /** Makes what is missing. */
  make(signal: AbortSignal): Promise<Made | SetupProblem>
}

export interface Compared {
  readonly kind: 'compared'
  readonly differences: readonly Difference[]
}

export interface Made {
  readonly kind: 'made'
  readonly made: readonly Difference[]
  /** What a person must look at. */
  readonly left: readonly Difference[]
}

/** Two parts that one sink needs, under the name of the first. */
export const together = (first: SetupPart, second: SetupPart): SetupPart => ({
  name: first.name,
  compare: async signal => {
    const one = await first.compare(signal)
    if (one.kind !== 'compared') return one
    const other = await second.compare(signal)
    return other.kind === 'compared'
      ? { kind: 'compared', differences: [...one.differences, ...other.differences] }
      : other
  },
  make: async signal => {
    const one = await first.make(signal)
    if (one.kind !== 'made') return one
    const other = await second.make(signal)
    return other.kind === 'made'
      ? { kind: 'made', made: [...one.made, ...other.made], left: [...one.left, ...other.left] }
      : other
  },
})

/** Makes a part ready for writes; what a person must look at is logged and keeps nobody from writing. */
export const prepare = async (part: SetupPart, logger: Logger, signal: AbortSignal): Promise<Prepared> => {
  const made = await part.make(signal)
  if (made.kind !== 'made') return made
  for (const { message } of made.left)
    logger.warn({ vendor: 'hubspot', object: part.name, reason: message }, 'HubSpot is not as expected')
  return { kind: 'ready' }
}

/** Makes HubSpot ready once more, since it does not know something that it must: `ready` to send again, `made-lately` when that is not what was lacking. */
export type PrepareAgain = (signal: AbortSignal) => Promise<'ready' | 'made-lately' | SetupProblem>

/** What nobody can mend is not tried more often than this. */
const prepareAgainAfterMs = 60_000

/** Who comes while it is under way waits for the same end. */
export const preparingAgain = (prepare: Destination['prepare'], clock: Clock): PrepareAgain => {
  let lastAt = Number.NEGATIVE_INFINITY
  let underWay: ReturnType<PrepareAgain> | undefined
  const again: PrepareAgain = async signal => {
    if (clock.now() - lastAt < prepareAgainAfterMs) return 'made-lately'
    const prepared = await prepare(signal)
    if (prepared.kind !== 'ready') return prepared
    lastAt = clock.now()
    return 'ready'
  }
  return signal => {
    underWay ??= again(signal).finally(() => {
      underWay = undefined
    })
    return underWay
  }
}

/**
 * What the answer to a request to make something means. A conflict says that another process was first; any other refusal a person must look at: without
 * the thing nothing can be written.
 */
export const makingProblem = (answer: HubSpotAnswer<unknown>): SetupProblem | null => {
  if (answer.kind === 'success' || (answer.kind === 'rejected' && answer.status === 409)) return null
  return readingProblem(answer)
}

/** What the answer to a request that asks what is there means, when it is no success. */
export const readingProblem = (answer: Exclude<HubSpotAnswer<unknown>, { readonly kind: 'success' }>): SetupProblem => {
  if (answer.kind !== 'rejected') return answer
  return answer.status === 404 ? apiMissing(answer) : { ...answer, kind: 'needs-person' }
}
