import type { Logger } from '../../runtime/log.ts'
import type { Destination, Prepared } from '../destination.ts'
import type { Aim, SetAim } from '../lanes/aim.ts'
import type { Entry, Lane } from '../lanes/lanes.ts'
import type { ReadyQueue } from '../lanes/ready.ts'
import type { KnownRecords } from '../lanes/records.ts'
import type { Routing } from '../lanes/routing.ts'
import type { Admission, Pause } from './pause.ts'
import { healthOf, type Settling } from './settling.ts'

export interface RequestsParts {
  readonly sink: string
  readonly destination: Destination
  readonly routing: Routing
  readonly settling: Settling
  readonly records: KnownRecords
  readonly pause: Pause
  readonly logger: Logger
  /** Called after a request ended and its consequences were drawn. */
  readonly onEnd: () => void
  /** A defect of ours: the task cannot go on. */
  readonly onDefect: (error: unknown) => void
}

type Looking = Extract<Aim, { kind: 'look-up' }>

interface Flight<Next> {
  readonly lane: Lane
  readonly aim: Next
}

/** Makes the requests: gathers lanes into batches, keeps one request per record, and lets the answers be settled. */
export class Requests {
  readonly #parts: RequestsParts
  readonly #abort = new AbortController()
  /** Delivered keys of records with a request under way, and the lanes that wait for it. */
  readonly #busy = new Map<string, Lane[]>()
  readonly #admissions = new Set<Admission>()
  #prepared = false

  constructor(parts: RequestsParts) {
    this.#parts = parts
  }

  get underWay(): number {
    return this.#admissions.size
  }

  get prepared(): boolean {
    return this.#prepared
  }

  /** Lets the destination make the vendor ready. */
  prepare(): void {
    const { destination, pause } = this.#parts
    const admission = pause.admit()
    this.#call(
      admission,
      destination.prepare(this.#abort.signal),
      result => this.#preparedAs(result, admission),
      error => this.#threw([], error, admission),
    )
  }

  /** Makes the next request of a queue. */
  next(queue: ReadyQueue): void {
    const flights = this.#gather(queue)
    if (flights.length === 0) return
    for (const { lane } of flights) this.#parts.routing.start(lane)
    const admission = this.#parts.pause.admit()
    if (queue.stage === 'look-up') this.#lookUp(queue.object, flights as Flight<Looking>[], admission)
    else this.#send(queue.object, flights as Flight<SetAim>[], admission)
  }

  /** Gives up what is under way: its answers have no consequences any more. */
  stop(): void {
    this.#abort.abort()
    for (const admission of this.#admissions) admission.abandon()
  }

  #preparedAs(result: Prepared, admission: Admission): void {
    this.#prepared = result.kind === 'ready'
    if (result.kind === 'ready') admission.end({ kind: 'well' })
    else {
      const { code, message } = result
      admission.end({ kind: result.kind === 'retry' ? 'failed' : 'needs-person', code, message })
      if (!this.#parts.pause.reason) this.#parts.pause.hold({ code, message })
    }
  }

  /** Takes lanes from the queue as long as they fit into one request. */
  #gather(queue: ReadyQueue): Flight<Looking | SetAim>[] {
    const { destination, routing } = this.#parts
    const flights: Flight<Looking | SetAim>[] = []
    for (const lane of [...queue.lanes]) {
      if (flights.length >= destination.batchSize || flights[0]?.lane.solo) break
      if (lane.solo && flights.length > 0) continue
      const next = routing.aim(lane)
      if (next.kind !== queue.stage) routing.route(lane)
      else if (next.kind !== 'update' || this.#reserve(lane, next)) flights.push({ lane, aim: next })
    }
    return flights
  }

  /** One request at a time per record: a second person's lane for it waits. */
  #reserve(lane: Lane, { record }: SetAim): boolean {
    const key = this.#parts.records.keyOf(lane.object, record ?? '')
    const waiting = this.#busy.get(key)
    if (!waiting) {
      this.#busy.set(key, [])
      return true
    }
    this.#parts.routing.park(lane)
    waiting.push(lane)
    return false
  }

  #lookUp(object: string, flights: readonly Flight<Looking>[], admission: Admission): void {
    for (const { lane } of flights) countAttempt(lane.next())
    const persons = flights.map(({ aim }) => aim.person)
    this.#call(
      admission,
      this.#parts.destination.resolve(object, persons, this.#abort.signal),
      results => {
        for (const [index, { lane, aim }] of flights.entries()) {
          const result = results[index]
          if (result) this.#parts.settling.lookedUp(lane, aim.person, result)
        }
        admission.end(healthOf(results))
        this.#landAll(flights)
      },
      error => this.#threw(flights, error, admission),
    )
  }

  #send(object: string, flights: readonly Flight<SetAim>[], admission: Admission): void {
    for (const { aim } of flights) countAttempt(aim.entries)
    const inputs = flights.map(({ lane, aim: { record, person, joined } }) => ({
      record,
      person,
      fields: joined.fields,
      fieldsOnCreate: joined.fieldsOnCreate,
      repeated: lane.repeated,
    }))
    this.#call(
      admission,
      this.#parts.destination.send(object, inputs, this.#abort.signal),
      results => {
        for (const [index, { lane, aim }] of flights.entries()) {
          const result = results[index]
          if (result) this.#parts.settling.sent(lane, aim, result)
        }
        admission.end(healthOf(results))
        this.#landAll(flights)
      },
      error => this.#threw(flights, error, admission),
    )
  }

  #landAll(flights: readonly Flight<Looking | SetAim>[]): void {
    for (const { lane, aim } of flights) {
      this.#parts.routing.land(lane)
      if (aim.kind !== 'update') continue
      const key = this.#parts.records.keyOf(lane.object, aim.record ?? '')
      const waiting = this.#busy.get(key) ?? []
      this.#busy.delete(key)
      for (const other of waiting) this.#parts.routing.route(other)
    }
  }

  /** A destination answers for whatever a vendor does; when it throws all the same, that is a defect, and must not stop the others. */
  #threw(flights: readonly Flight<Looking | SetAim>[], error: unknown, admission: Admission): void {
    this.#parts.logger.error({ sink: this.#parts.sink, error }, 'a request could not be handled')
    for (const { lane } of flights) this.#parts.settling.threw(lane, error)
    const message = 'Handling a request failed; the log of the sink says more.'
    admission.end({ kind: 'failed', code: 'DELIVERY_FAILED', message })
    this.#landAll(flights)
  }

  #call<Result>(
    admission: Admission,
    request: Promise<Result>,
    settle: (result: Result) => void,
    failed: (error: unknown) => void,
  ): void {
    this.#admissions.add(admission)
    const ended = (consequence: () => void): void => {
      this.#admissions.delete(admission)
      if (this.#abort.signal.aborted) return
      try {
        consequence()
      } catch (error) {
        admission.abandon()
        this.#parts.onDefect(error)
      }
      this.#parts.onEnd()
    }
    request.then(
      result => ended(() => settle(result)),
      error => ended(() => failed(error)),
    )
  }
}

const countAttempt = (entries: readonly Entry[]): void => {
  for (const entry of entries) entry.attempts += 1
}
