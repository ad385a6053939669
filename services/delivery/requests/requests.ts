import type { Logger } from '../../runtime/log.ts'
import type {
  DependentObject,
  Destination,
  Prepared,
  PutResult,
  RecordObject,
  StandaloneObject,
} from '../destination.ts'
import type { LookUpAim, PutAim, Request, SetAim } from '../lanes/aim.ts'
import type { Entry, Lane } from '../lanes/lanes.ts'
import type { ReadyQueue } from '../lanes/ready.ts'
import type { KnownRecords } from '../lanes/records.ts'
import type { Routing } from '../lanes/routing.ts'
import { type Failures, healthOf } from './failures.ts'
import type { Admission, Pause } from './pause.ts'
import type { Settling } from './settling.ts'

export interface RequestsParts {
  readonly sink: string
  readonly destination: Destination
  readonly routing: Routing
  readonly settling: Settling
  readonly failures: Failures
  readonly records: KnownRecords
  readonly pause: Pause
  readonly logger: Logger
  /** Called after a request ended and its consequences were drawn. */
  readonly onEnd: () => void
  /** A defect of ours: the task cannot go on. */
  readonly onDefect: (error: unknown) => void
}

interface Flight<Aimed extends Request = Request> {
  readonly lane: Lane
  readonly aim: Aimed
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
      () => destination.prepare(this.#abort.signal),
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
    if (queue.stage === 'look-up') this.#lookUp(queue.objects, flights as Flight<LookUpAim>[], admission)
    else if (queue.stage === 'put') this.#put(queue.objects[0] ?? '', flights as Flight<PutAim>[], admission)
    else this.#send(queue.objects[0] ?? '', flights as Flight<SetAim>[], admission)
  }

  /** Most lanes of one request. */
  mostOf({ stage, objects }: ReadyQueue): number {
    const { destination } = this.#parts
    return stage === 'look-up' ? destination.lookUpSize : (destination.objects[objects[0] ?? '']?.batchSize ?? 1)
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
  #gather(queue: ReadyQueue): Flight[] {
    const { routing } = this.#parts
    const most = this.mostOf(queue)
    const flights: Flight[] = []
    for (const lane of [...queue.lanes]) {
      if (flights.length >= most || flights[0]?.lane.solo) break
      if (lane.solo && flights.length > 0) continue
      const next = routing.aim(lane)
      if (next.kind !== queue.stage) routing.route(lane)
      else if (this.#reserve(lane, next)) flights.push({ lane, aim: next })
    }
    return flights
  }

  /** One request at a time per record and per key: a second person's lane for it waits. */
  #reserve(lane: Lane, aim: Request): boolean {
    const key = this.#busyKey(lane, aim)
    if (key === undefined) return true
    const waiting = this.#busy.get(key)
    if (!waiting) {
      this.#busy.set(key, [])
      return true
    }
    this.#parts.routing.park(lane)
    waiting.push(lane)
    return false
  }

  /** The delivered key of what the request changes, as far as it is known before. */
  #busyKey(lane: Lane, aim: Request): string | undefined {
    const { records } = this.#parts
    if (aim.kind === 'update') return records.keyOf(lane.object, aim.record ?? '')
    return aim.kind === 'put' ? records.keyOf(lane.object, lane.key ?? '') : undefined
  }

  #lookUp(objects: readonly string[], flights: readonly Flight<LookUpAim>[], admission: Admission): void {
    for (const { lane } of flights) countAttempt(lane.next())
    const persons = [...new Map(flights.map(({ aim: { person } }) => [person.id, person])).values()]
    const placeOf = new Map(persons.map(({ id }, place) => [id, place]))
    this.#ask(
      flights,
      admission,
      signal => this.#parts.destination.resolve(objects, persons, signal),
      ({ aim }, results) => results[placeOf.get(aim.person.id) ?? -1],
      ({ lane, aim }, result) => this.#parts.settling.lookedUp(lane, aim, result),
    )
  }

  #send(name: string, flights: readonly Flight<SetAim>[], admission: Admission): void {
    for (const { aim } of flights) countAttempt(aim.entries)
    const inputs = flights.map(({ lane, aim: { record, person, joined } }) => ({
      record,
      person,
      fields: joined.fields,
      fieldsOnCreate: joined.fieldsOnCreate,
      repeated: lane.repeated,
    }))
    this.#ask(
      flights,
      admission,
      signal => this.#recordObject(name).send(inputs, signal),
      (_, results, index) => results[index],
      ({ lane, aim }, result) => this.#parts.settling.sent(lane, aim, result),
    )
  }

  #put(name: string, flights: readonly Flight<PutAim>[], admission: Admission): void {
    for (const { aim } of flights) countAttempt(aim.entries)
    const inputs = flights.map(({ lane, aim: { home, fields, news, at, known } }) => ({
      input: { key: lane.key ?? '', repeated: lane.repeated, fields, news, at, known },
      home,
    }))
    this.#ask<PutAim, PutResult>(
      flights,
      admission,
      signal => {
        const object = this.#keyedObject(name)
        if (object.of === null)
          return object.put(
            inputs.map(({ input }) => input),
            signal,
          )
        return object.put(
          inputs.flatMap(({ input, home }) => (home ? { ...input, ...home } : [])),
          signal,
        )
      },
      (_, results, index) => results[index],
      ({ lane, aim }, result) => this.#parts.settling.put(lane, aim, result),
    )
  }

  /** Makes a request for flights and settles each with its result. */
  #ask<Aimed extends Request, Result extends Parameters<typeof healthOf>[0][number]>(
    flights: readonly Flight<Aimed>[],
    admission: Admission,
    request: (signal: AbortSignal) => Promise<readonly Result[]>,
    resultOf: (flight: Flight<Aimed>, results: readonly Result[], index: number) => Result | undefined,
    settle: (flight: Flight<Aimed>, result: Result) => void,
  ): void {
    this.#call(
      admission,
      () => request(this.#abort.signal),
      results => {
        for (const [index, flight] of flights.entries()) {
          const result = resultOf(flight, results, index)
          if (result) settle(flight, result)
        }
        const health = healthOf(results)
        if (health) admission.end(health)
        else admission.abandon()
        this.#landAll(flights)
      },
      error => this.#threw(flights, error, admission),
    )
  }

  #recordObject(name: string): RecordObject {
    const object = this.#parts.destination.objects[name]
    if (object?.kind === 'record') return object
    throw new RangeError(`Expected an object of which a person has one record, came ${name}.`)
  }

  #keyedObject(name: string): DependentObject | StandaloneObject {
    const object = this.#parts.destination.objects[name]
    if (object && object.kind !== 'record') return object
    throw new RangeError(`Expected an object with a key of its own, came ${name}.`)
  }

  #landAll(flights: readonly Flight[]): void {
    for (const { lane, aim } of flights) {
      this.#parts.routing.land(lane)
      const key = this.#busyKey(lane, aim)
      const waiting = this.#busy.get(key ?? '') ?? []
      this.#busy.delete(key ?? '')
      for (const other of waiting) this.#parts.routing.route(other)
    }
  }

  /** A destination answers for whatever a vendor does; when it throws all the same, that is a defect, and must not stop the others. */
  #threw(flights: readonly Flight[], error: unknown, admission: Admission): void {
    this.#parts.logger.error({ sink: this.#parts.sink, error }, 'a request could not be handled')
    for (const { lane } of flights) this.#parts.failures.threw(lane, error)
    const message = 'Handling a request failed; the log of the sink says more.'
    admission.end({ kind: 'failed', code: 'DELIVERY_FAILED', message })
    this.#landAll(flights)
  }

  #call<Result>(
    admission: Admission,
    request: () => Promise<Result>,
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
    Promise.try(request).then(
      result => ended(() => settle(result)),
      error => ended(() => failed(error)),
    )
  }
}

const countAttempt = (entries: readonly Entry[]): void => {
  for (const entry of entries) entry.attempts += 1
}
