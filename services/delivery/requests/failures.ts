import type { Clock } from '../../runtime/clock.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Answer, Problem, PutResult, Rejected, Resolution, Retry, SendResult } from '../destination.ts'
import type { Entry, Lane } from '../lanes/lanes.ts'
import type { DeliverySettings } from '../settings.ts'
import type { Fault, Outcomes } from './outcomes.ts'
import type { CallOutcome, Pause } from './pause.ts'

export interface FailuresParts {
  readonly outcomes: Outcomes
  readonly pause: Pause
  readonly clock: Clock
  readonly settings: DeliverySettings
}

/** A failure that no vendor's answer explains is a defect of ours: after so many alone, the write is set aside and the rest goes on. */
const mostUnexpected = 3

/** What becomes of writes that a vendor did not take: tried again, tried one by one, set aside, or left for a person. */
export class Failures {
  readonly #parts: FailuresParts

  constructor(parts: FailuresParts) {
    this.#parts = parts
  }

  problem(lane: Lane, entries: readonly Entry[], problem: Problem): void {
    if (problem.kind === 'rejected') this.#rejected(lane, entries, problem)
    else if (problem.kind === 'retry') this.#retry(lane, entries, problem)
    // A person is needed: the writes stay as they are, the pause lets them go again.
  }

  /** A destination threw, which it never should: the lane goes alone next time, so that only the culprit is set aside. */
  threw(lane: Lane, error: unknown): void {
    const code = error instanceof TributaryError ? error.code : 'DELIVERY_FAILED'
    const message = 'Expected an answer of the vendor, but handling the request failed. The log of the sink says more.'
    lane.unexpected += lane.solo ? 1 : 0
    lane.solo = true
    lane.missing.until = 0
    lane.repeated = true
    if (lane.unexpected >= mostUnexpected) this.rejectEach(lane, lane.next(), { code, message })
    else this.problem(lane, lane.next(), { kind: 'retry', code, message, status: null, correlationId: null })
  }

  /** The record that is written, or that the writes belong to, was gone each time it was resolved again. */
  gone(lane: Lane, entries: readonly Entry[], { status, correlationId }: Answer): void {
    const message =
      'The record was gone each time it was resolved again. Look at it at the vendor, then retry the dead letter.'
    this.rejectEach(lane, entries, { code: 'RECORD_GONE', message, answer: { status, correlationId } })
    lane.gone = 0
  }

  rejectEach(lane: Lane, entries: readonly Entry[], fault: Fault): void {
    const { outcomes, pause } = this.#parts
    const rejected = [...entries]
    for (const entry of rejected) {
      const reason = outcomes.reject(entry, fault)
      if (reason) pause.hold(reason)
    }
    lane.remove(rejected)
    lane.solo = false
    lane.unexpected = 0
  }

  /** Joined writes are tried one by one, so that only the culprit is set aside. */
  #rejected(lane: Lane, entries: readonly Entry[], { code, message, status, correlationId }: Rejected): void {
    if (entries.length > 1) lane.apart = entries.length
    else this.rejectEach(lane, entries, { code, message, answer: { status, correlationId } })
  }

  #retry(lane: Lane, entries: readonly Entry[], { code, message, afterMs = 0, status, correlationId }: Retry): void {
    const { pause, clock, settings } = this.#parts
    lane.notBefore = clock.now() + Math.max(afterMs, lane.backoff.next())
    const active = pause.activeMs()
    for (const entry of entries) entry.failingSince ??= active
    const expired = entries.filter(({ failingSince = active }) => active - failingSince >= settings.retryForMs)
    if (expired.length === 0) return
    const hours = Math.round(settings.retryForMs / 360_000) / 10
    const answer: Answer = { status, correlationId }
    this.rejectEach(lane, expired, { code, message: `Given up after ${hours} hours of trying. ${message}`, answer })
  }
}

/** What the answers of one request say of the vendor's health; undefined when the vendor was not asked at all, because what was known sufficed. */
export const healthOf = (results: readonly (Resolution | SendResult | PutResult)[]): CallOutcome | undefined => {
  const blocked = results.find(result => result.kind === 'needs-person')
  if (blocked) return { kind: 'needs-person', code: blocked.code, message: blocked.message }
  const failed = results.find(result => result.kind === 'retry' && !result.limited)
  const allLater = results.every(result => result.kind === 'retry')
  if (failed?.kind === 'retry' && allLater) return { kind: 'failed', code: failed.code, message: failed.message }
  const asked = results.some(result => result.status !== null || result.kind === 'retry' || result.kind === 'rejected')
  return asked ? { kind: 'well' } : undefined
}
