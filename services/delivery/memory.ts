import type { FieldValue, Person } from '../../topology/define.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Destination, Prepared, Problem, Resolution, SendResult, SetInput } from './destination.ts'

export interface MemoryRecord {
  readonly addresses: readonly string[]
  readonly fields: Readonly<Record<string, FieldValue>>
}

/** What happens to one request instead of its ordinary course. */
export type MemoryFault =
  /** No answer, nothing done. */
  | 'reset'
  /** All done, no answer. */
  | 'reset-after-apply'
  /** The vendor slows us down for all inputs. */
  | { readonly limitedForMs: number }
  | 'needs-person'
  /** The implementation itself is broken. */
  | 'throw'

/** A destination without a vendor, for the tests of the engine. It passes the same contract suite as the real ones. */
export interface MemoryDestination extends Destination {
  readonly records: ReadonlyMap<string, MemoryRecord>
  /** Requests in their order, with the number of their inputs. */
  readonly requests: readonly { readonly kind: 'prepare' | 'look-up' | 'send'; readonly inputs: number }[]
  /** Every change of a record in its order. */
  readonly effects: readonly { readonly record: string; readonly fields: Readonly<Record<string, FieldValue>> }[]
  /** Records that had two inputs under way at once, which must never be. */
  readonly collisions: readonly string[]
  /** Most requests under way at once. */
  readonly peak: number
  /** Makes a record as somebody at the vendor does. Gives its id. */
  add(addresses: readonly string[], fields?: Readonly<Record<string, FieldValue>>): string
  merge(from: string, into: string): void
  remove(record: string): void
  /** The next `times` requests, of this kind if one is given, fail so. */
  fail(fault: MemoryFault, times?: number, kind?: 'look-up' | 'send'): void
  /** Inputs for which this is true are refused. */
  refuse(input: (fields: Readonly<Record<string, FieldValue>>) => boolean): void
  /** How long each request takes. */
  latencyMs: number
  /** How long no request is allowed, as a rate limit says it. */
  limitMs: number
}

const answer = { status: 200, correlationId: null } as const
const unreachable: Problem = {
  kind: 'retry',
  code: 'DESTINATION_UNREACHABLE',
  message: 'Expected an answer, came none.',
  status: null,
  correlationId: null,
}

/** Its one object is `contact`; addresses identify, as e-mail addresses do. */
export const memoryDestination = (options: {
  readonly clock: Clock
  readonly name?: string
  readonly batchSize?: number
  readonly concurrency?: number
}): MemoryDestination => new InMemory(options)

class InMemory implements MemoryDestination {
  readonly name: string
  readonly settable = ['contact']
  readonly batchSize: number
  readonly concurrency: number
  readonly records = new Map<string, MemoryRecord>()
  readonly requests: { kind: 'prepare' | 'look-up' | 'send'; inputs: number }[] = []
  readonly effects: { record: string; fields: Readonly<Record<string, FieldValue>> }[] = []
  readonly collisions: string[] = []
  peak = 0
  latencyMs = 0
  limitMs = 0
  readonly #clock: Clock
  readonly #merged = new Map<string, string>()
  readonly #underWay = new Set<string>()
  #running = 0
  #faults: { fault: MemoryFault; kind: 'look-up' | 'send' | undefined }[] = []
  #refused: (fields: Readonly<Record<string, FieldValue>>) => boolean = () => false
  #nextId = 501

  constructor({ clock, name = 'memory', batchSize = 10, concurrency = 4 }: Parameters<typeof memoryDestination>[0]) {
    this.#clock = clock
    this.name = name
    this.batchSize = batchSize
    this.concurrency = concurrency
  }

  add(addresses: readonly string[], fields: Readonly<Record<string, FieldValue>> = {}): string {
    const id = String(this.#nextId++)
    this.records.set(id, { addresses, fields })
    return id
  }

  merge(from: string, into: string): void {
    const [gone, kept] = [this.records.get(from), this.records.get(into)]
    if (!gone || !kept) return
    this.records.set(into, {
      addresses: [...kept.addresses, ...gone.addresses],
      fields: { ...gone.fields, ...kept.fields },
    })
    this.records.delete(from)
    this.#merged.set(from, into)
  }

  remove(record: string): void {
    this.records.delete(record)
  }

  fail(fault: MemoryFault, times = 1, kind?: 'look-up' | 'send'): void {
    this.#faults.push(...Array.from({ length: times }, () => ({ fault, kind })))
  }

  refuse(input: (fields: Readonly<Record<string, FieldValue>>) => boolean): void {
    this.#refused = input
  }

  waitMs(): number {
    return this.limitMs
  }

  async prepare(): Promise<Prepared> {
    this.requests.push({ kind: 'prepare', inputs: 0 })
    await this.#clock.sleep(this.latencyMs)
    return { kind: 'ready' }
  }

  resolve(_object: string, persons: readonly Person[]): Promise<readonly Resolution[]> {
    return this.#request('look-up', [], persons, person => this.#find(person))
  }

  send(_object: string, inputs: readonly SetInput[]): Promise<readonly SendResult[]> {
    const records = inputs.map(({ record, person }) => record ?? person.id)
    return this.#request('send', records, inputs, input => this.#set(input))
  }

  async #request<Input, Result>(
    kind: 'look-up' | 'send',
    records: readonly string[],
    inputs: readonly Input[],
    handle: (input: Input) => Result,
  ): Promise<(Result | Problem)[]> {
    this.requests.push({ kind, inputs: inputs.length })
    for (const record of records) {
      if (this.#underWay.has(record)) this.collisions.push(record)
      this.#underWay.add(record)
    }
    this.#running += 1
    this.peak = Math.max(this.peak, this.#running)
    const fault = this.#takeFault(kind)
    await this.#clock.sleep(this.latencyMs)
    this.#running -= 1
    for (const record of records) this.#underWay.delete(record)
    if (fault === 'throw') throw new TypeError('a defect')
    if (fault !== undefined && fault !== 'reset-after-apply') return inputs.map(() => failure(fault))
    const results = inputs.map(handle)
    return fault === undefined ? results : inputs.map(() => unreachable)
  }

  #takeFault(kind: 'look-up' | 'send'): MemoryFault | undefined {
    const index = this.#faults.findIndex(one => (one.kind ?? kind) === kind)
    return index < 0 ? undefined : this.#faults.splice(index, 1)[0]?.fault
  }

  #find({ emails }: Person): Resolution {
    for (const email of emails) {
      for (const [record, { addresses }] of this.records) {
        if (addresses.includes(email)) return { ...answer, kind: 'found', record, alias: `email:${email}` }
      }
    }
    return { ...answer, kind: 'missing' }
  }

  #set({ record, person, fields, fieldsOnCreate }: SetInput): SendResult {
    const refused = { code: 'VALUE_REFUSED', message: 'Expected a value that the vendor takes, came another.' }
    if (this.#refused(fields)) return { ...answer, ...refused, kind: 'rejected', status: 400 }
    if (record !== null) {
      if (!this.records.has(record)) return { ...answer, kind: 'gone', survivor: this.#merged.get(record) ?? null }
      this.#apply(record, fields)
      return { ...answer, kind: 'accepted', record, created: false, alias: null }
    }
    const [email] = person.emails
    if (email === undefined) return { ...answer, kind: 'skipped', code: 'NO_ADDRESS' }
    const known = this.#find(person)
    const id = known.kind === 'found' ? known.record : this.add([email])
    this.#apply(id, known.kind === 'found' ? fields : { ...fieldsOnCreate, ...fields })
    return { ...answer, kind: 'accepted', record: id, created: known.kind !== 'found', alias: `email:${email}` }
  }

  #apply(id: string, fields: Readonly<Record<string, FieldValue>>): void {
    const before = this.records.get(id)
    if (!before) return
    const after = Object.entries({ ...before.fields, ...fields }).filter(([, value]) => value !== null)
    this.records.set(id, { ...before, fields: Object.fromEntries(after) })
    this.effects.push({ record: id, fields })
  }
}

const failure = (fault: Exclude<MemoryFault, 'throw' | 'reset-after-apply'>): Problem => {
  if (fault === 'reset') return unreachable
  if (fault === 'needs-person') {
    const message = 'Expected a token that is accepted, came another. Set it anew.'
    return { kind: 'needs-person', code: 'TOKEN_REFUSED', message, status: 401, correlationId: null }
  }
  const message = 'Too many requests.'
  return {
    kind: 'retry',
    code: 'RATE_LIMITED',
    message,
    status: 429,
    correlationId: null,
    afterMs: fault.limitedForMs,
    limited: true,
  }
}
