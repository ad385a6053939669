import type { Clock } from '../../runtime/clock.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Accepted, Answer, Gone, Problem, Rejected, Resolution, Retry, SendResult } from '../destination.ts'
import type { SetAim } from '../lanes/aim.ts'
import type { Entry, Lane } from '../lanes/lanes.ts'
import type { KnownRecords } from '../lanes/records.ts'
import type { DeliverySettings } from '../settings.ts'
import type { DeliveredState } from '../state/delivered.ts'
import type { Fault, Outcomes } from './outcomes.ts'
import type { CallOutcome, Pause } from './pause.ts'

export interface SettlingParts {
  readonly outcomes: Outcomes
  readonly records: KnownRecords
  readonly delivered: DeliveredState
  readonly pause: Pause
  readonly clock: Clock
  readonly settings: DeliverySettings
}

/** How long the answer "no record" of a look-up is believed: until the create that follows it. */
const missingForMs = 5_000
/** A failure that no vendor's answer explains is a defect of ours: after so many alone, the write is set aside and the rest goes on. */
const mostUnexpected = 3

/** Draws the consequences of a vendor's answers for the lanes that asked. */
export class Settling {
  readonly #parts: SettlingParts

  constructor(parts: SettlingParts) {
    this.#parts = parts
  }

  lookedUp(lane: Lane, person: SetAim['person'], result: Resolution): void {
    const { records, clock } = this.#parts
    if (result.kind === 'found') {
      lane.effects.push(records.learned(lane.object, person, result.record, result.alias))
      lane.backoff.reset()
    } else if (result.kind === 'missing') {
      lane.missingUntil = clock.now() + missingForMs
      lane.backoff.reset()
    } else this.#problem(lane, lane.next(), result)
  }

  sent(lane: Lane, aim: SetAim, result: SendResult): void {
    if (result.kind === 'accepted') this.#accepted(lane, aim, result)
    else if (result.kind === 'gone') this.#gone(lane, aim, result)
    else if (result.kind === 'skipped') {
      for (const entry of aim.entries)
        this.#parts.outcomes.finish(entry, { outcome: 'SKIPPED', code: result.code, answer: result }, lane)
      lane.remove(aim.entries)
    } else {
      if (result.kind === 'retry' && aim.kind === 'create') {
        lane.repeated = true
        lane.missingUntil = 0
      }
      this.#problem(lane, aim.entries, result)
    }
  }

  /** A destination threw, which it never should: the lane goes alone next time, so that only the culprit is set aside. */
  threw(lane: Lane, error: unknown): void {
    const code = error instanceof TributaryError ? error.code : 'DELIVERY_FAILED'
    const message = 'Expected an answer of the vendor, but handling the request failed. The log of the sink says more.'
    lane.unexpected += lane.solo ? 1 : 0
    lane.solo = true
    lane.missingUntil = 0
    lane.repeated = true
    if (lane.unexpected >= mostUnexpected) this.#rejectEach(lane, lane.next(), { code, message })
    else this.#problem(lane, lane.next(), { kind: 'retry', code, message, status: null, correlationId: null })
  }

  #accepted(lane: Lane, { person, entries, joined, record, kind }: SetAim, result: Accepted): void {
    const { records, delivered, outcomes, clock } = this.#parts
    lane.succeeded()
    if (record === null && result.alias !== null)
      lane.effects.push(records.learned(lane.object, person, result.record, result.alias))
    const key = records.keyOf(lane.object, result.record)
    const before = kind === 'create' ? delivered.get(key)?.fields : undefined
    const row = { person: person.id, fields: { ...before, ...joined.delivered }, at: clock.now(), movedTo: null }
    lane.effects.push({ rows: [delivered.set(key, row)], claims: [] })
    for (const [index, entry] of entries.entries()) {
      const outcome = joined.outcomes[index] ?? 'APPLIED'
      const applied = result.created && outcome !== 'STALE' ? 'CREATED' : outcome
      outcomes.finish(entry, { outcome: applied, record: result.record, answer: result }, lane)
    }
    lane.remove(entries)
  }

  /** Merged or deleted at the vendor: once more with what stands in its place, then the writes are set aside. */
  #gone(lane: Lane, { record, entries }: SetAim, { survivor, status, correlationId }: Gone): void {
    const { records } = this.#parts
    const answer = { status, correlationId }
    lane.gone += 1
    if (record === null || lane.gone > 1) {
      const message =
        'The record was gone each time it was resolved again. Look at it at the vendor, then retry the dead letter.'
      this.#rejectEach(lane, entries, { code: 'RECORD_GONE', message, answer })
      lane.gone = 0
    } else if (survivor === null) records.deleted(lane.object, record)
    else lane.effects.push(records.merged(lane.object, record, survivor))
  }

  #problem(lane: Lane, entries: readonly Entry[], problem: Problem): void {
    if (problem.kind === 'rejected') this.#rejected(lane, entries, problem)
    else if (problem.kind === 'retry') this.#retry(lane, entries, problem)
    // A person is needed: the writes stay as they are, the pause lets them go again.
  }

  /** Joined writes are tried one by one, so that only the culprit is set aside. */
  #rejected(lane: Lane, entries: readonly Entry[], { code, message, status, correlationId }: Rejected): void {
    if (entries.length > 1) lane.apart = entries.length
    else this.#rejectEach(lane, entries, { code, message, answer: { status, correlationId } })
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
    this.#rejectEach(lane, expired, { code, message: `Given up after ${hours} hours of trying. ${message}`, answer })
  }

  #rejectEach(lane: Lane, entries: readonly Entry[], fault: Fault): void {
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
}

/** What the answers of one request say of the vendor's health. */
export const healthOf = (results: readonly (Resolution | SendResult)[]): CallOutcome => {
  const blocked = results.find(result => result.kind === 'needs-person')
  if (blocked) return { kind: 'needs-person', code: blocked.code, message: blocked.message }
  const failed = results.find(result => result.kind === 'retry' && !result.limited)
  const allLater = results.every(result => result.kind === 'retry')
  if (failed?.kind === 'retry' && allLater) return { kind: 'failed', code: failed.code, message: failed.message }
  return { kind: 'well' }
}
