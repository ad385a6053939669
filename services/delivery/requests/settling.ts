import type { Delivered } from '../../../schemas/generated.ts'
import type { Clock } from '../../runtime/clock.ts'
import type {
  Accepted,
  Destination,
  Gone,
  Orphaned,
  Put,
  PutResult,
  Resolution,
  SendResult,
  Skipped,
} from '../destination.ts'
import type { LookUpAim, PutAim, SetAim } from '../lanes/aim.ts'
import { remainingMs } from '../lanes/aim-at-dependent.ts'
import type { Entry, Lane } from '../lanes/lanes.ts'
import type { KnownRecords } from '../lanes/records.ts'
import type { DeliveredState } from '../state/delivered.ts'
import type { Failures } from './failures.ts'
import type { Outcomes } from './outcomes.ts'
import type { Pause } from './pause.ts'

export interface SettlingParts {
  readonly objects: Destination['objects']
  readonly outcomes: Outcomes
  readonly failures: Failures
  readonly records: KnownRecords
  readonly delivered: DeliveredState
  readonly pause: Pause
  readonly clock: Clock
}

/** How long the answer "no record" of a look-up is believed: until the create that follows it, or until another write made the record. */
const missingForMs = 5_000
/** While nobody makes the record, the pauses between look-ups double up to this. */
const longestMissingForMs = 60_000

/** Draws the consequences of a vendor's answers for the lanes that asked. */
export class Settling {
  readonly #parts: SettlingParts

  constructor(parts: SettlingParts) {
    this.#parts = parts
  }

  lookedUp(lane: Lane, { person }: LookUpAim, result: Resolution): void {
    const { records, failures } = this.#parts
    if (result.kind === 'found') {
      lane.missing.times = 0
      lane.backoff.reset()
      lane.gain(records.learned(person, result.record, result.alias))
      if (result.record.object === lane.object) lane.gain(records.replaced(person, result.record))
    } else if (result.kind === 'missing') this.#missing(lane)
    else if (result.kind === 'skipped') this.#skipped(lane, lane.next(), result)
    else failures.problem(lane, lane.next(), result)
  }

  sent(lane: Lane, aim: SetAim, result: SendResult): void {
    if (result.kind === 'accepted') this.#accepted(lane, aim, result)
    else if (result.kind === 'gone') this.#gone(lane, aim, result)
    else if (result.kind === 'skipped') this.#skipped(lane, aim.entries, result)
    else {
      if (result.kind === 'retry' && aim.kind === 'create') {
        lane.repeated = true
        lane.missing.until = 0
      }
      this.#parts.failures.problem(lane, aim.entries, result)
    }
  }

  put(lane: Lane, aim: PutAim, result: PutResult): void {
    if (result.kind === 'put') this.#taken(lane, aim, result)
    else if (result.kind === 'orphaned') this.#orphaned(lane, aim, result)
    else if (result.kind === 'skipped') this.#skipped(lane, aim.entries, result)
    else {
      if (result.kind === 'retry' && !result.limited) lane.repeated = true
      this.#parts.failures.problem(lane, aim.entries, result)
    }
  }

  /** A lane of a record makes it then; what belongs to a record looks again later, the last time when it has waited long enough. */
  #missing(lane: Lane): void {
    const { objects, pause, clock } = this.#parts
    const object = objects[lane.object]
    const now = clock.now()
    let forMs = missingForMs
    if (object && object.kind !== 'record' && object.of !== null) {
      forMs = Math.min(longestMissingForMs, missingForMs * 2 ** lane.missing.times)
      const [first] = lane.entries
      const remaining = first ? remainingMs(first, object, pause.activeMs()) : 0
      if (remaining > 0) forMs = Math.min(forMs, remaining)
    }
    lane.missing = { at: now, times: Math.min(lane.missing.times + 1, 30), until: now + forMs }
    lane.backoff.reset()
  }

  #skipped(lane: Lane, entries: readonly Entry[], answer: Skipped): void {
    this.#parts.outcomes.finishAll(lane, entries, { outcome: 'SKIPPED', code: answer.code, answer })
  }

  #accepted(lane: Lane, { person, entries, joined, record, kind }: SetAim, result: Accepted): void {
    const { records, delivered } = this.#parts
    lane.succeeded()
    if (record === null && result.alias !== null) {
      const made = { object: lane.object, id: result.record }
      lane.gain(records.learned(person, made, result.alias))
      lane.gain(records.replaced(person, made))
    }
    const key = records.keyOf(lane.object, result.record)
    const before = kind === 'create' ? delivered.get(key)?.fields : undefined
    this.#deliver(lane, key, person.id, { ...before, ...joined.delivered })
    this.#finishEach(lane, entries, joined.outcomes, result)
  }

  #taken(lane: Lane, { person, entries, delivered, outcomes }: PutAim, result: Put): void {
    const key = this.#parts.records.keyOf(lane.object, lane.key ?? '')
    const object = this.#parts.objects[lane.object]
    lane.succeeded()
    if (object?.kind === 'appended' && object.dropsRepeats) this.#parts.delivered.lately.add(key)
    else this.#deliver(lane, key, person?.id ?? null, delivered)
    this.#finishEach(lane, entries, outcomes, result)
  }

  /** Commits what the vendor holds now together with the next outcome. */
  #deliver(lane: Lane, key: string, person: string | null, fields: Delivered['fields']): void {
    const { delivered, clock } = this.#parts
    lane.gain({ rows: [delivered.set(key, { person, fields, at: clock.now(), movedTo: null })], claims: [] })
  }

  #finishEach(lane: Lane, entries: readonly Entry[], outcomes: PutAim['outcomes'], answer: Accepted | Put): void {
    for (const [index, entry] of entries.entries()) {
      const outcome = outcomes[index] ?? 'APPLIED'
      const applied = answer.created && outcome !== 'STALE' ? 'CREATED' : outcome
      const { adjustments = [] } = answer.kind === 'put' ? answer : {}
      this.#parts.outcomes.finish(entry, { outcome: applied, record: answer.record, answer, adjustments }, lane)
    }
    lane.remove(entries)
  }

  /** Merged or deleted at the vendor: once more with what stands in its place, then the writes are set aside. */
  #gone(lane: Lane, { record, entries }: SetAim, answer: Gone): void {
    const { records, failures } = this.#parts
    const { object } = lane
    lane.gone += 1
    if (record === null || lane.gone > 1) failures.gone(lane, entries, answer)
    else if (answer.survivor === null) records.deleted({ object, id: record })
    else lane.gain(records.merged({ object, id: record }, { object, id: answer.survivor }))
  }

  /** The same for what belongs to a record. */
  #orphaned(lane: Lane, { home, entries }: PutAim, answer: Orphaned): void {
    const { records, failures } = this.#parts
    lane.gone += 1
    if (home === null || lane.gone > 1) failures.gone(lane, entries, answer)
    else if (answer.survivor === null) records.deleted(home.of)
    else lane.gain(records.merged(home.of, answer.survivor))
  }
}
