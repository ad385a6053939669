import type { Person } from '../../topology/define.ts'
import type { Clock } from '../runtime/clock.ts'
import type {
  DependentObject,
  Destination,
  DestinationObject,
  Prepared,
  PutInput,
  PutResult,
  PutTarget,
  RecordRef,
  Resolution,
  SendResult,
  SetInput,
} from './destination.ts'
import { answer, type Fields, held, merged, refused } from './memory-answers.ts'
import { MemoryStandalones, type StandaloneFacts } from './memory-standalones.ts'
import { type MemoryFault, type MemoryRequestKind, MemoryWire } from './memory-wire.ts'

export interface MemoryRecord {
  /** `contact`, or another object that `of` names. */
  readonly object: string
  readonly addresses: readonly string[]
  readonly fields: Fields
}

/** Something that belongs to a record. */
export interface MemoryDependent {
  /** Id of the record. */
  readonly of: string
  readonly at: number | null
  readonly fields: Fields
}

type DependentFacts = Pick<DependentObject, 'kind' | 'of' | 'waitForRecordMs' | 'dropsRepeats'>

/** A destination without a vendor, for the tests of the engine. It passes the same contract suite as the real ones. */
export interface MemoryDestination extends Destination {
  readonly records: ReadonlyMap<string, MemoryRecord>
  /** By `<object>:<key>`. */
  readonly dependents: ReadonlyMap<string, MemoryDependent>
  /** Those that stand alone, by `<object>:<key>`. */
  readonly standalones: ReadonlyMap<string, Fields>
  /** Requests in their order, with the number of their inputs. */
  readonly requests: MemoryWire['requests']
  /** Inputs of dependent objects in their order. */
  readonly puts: readonly PutInput[]
  /** Every change in its order; `record` is an id, or `<object>:<key>`. */
  readonly effects: readonly { readonly record: string; readonly fields: Fields }[]
  /** What had two inputs under way at once, which must never be. */
  readonly collisions: readonly string[]
  /** Most requests under way at once. */
  readonly peak: number
  /** Makes a record as somebody at the vendor does. Gives its id. */
  add(addresses: readonly string[], fields?: Fields, object?: string): string
  /** Also of a lead into a contact. */
  merge(from: string, into: string): void
  remove(record: string): void
  /** The next `times` requests, of this kind if one is given, fail so. */
  fail(fault: MemoryFault, times?: number, kind?: MemoryRequestKind): void
  /** Inputs for which this is true are refused. */
  refuse(input: (fields: Fields) => boolean): void
  /** How long each request takes. */
  latencyMs: number
  /** How long no request is allowed, as a rate limit says it. */
  limitMs: number
}

interface MemoryOptions {
  readonly clock: Clock
  readonly name?: string
  readonly batchSize?: number
  readonly concurrency?: number
  readonly dependents?: Readonly<Record<string, DependentFacts>>
  readonly standalones?: Readonly<Record<string, StandaloneFacts>>
  /** A record's id as the vendor writes it; the bare number unless given. */
  readonly idOf?: (number: number) => string
}

const defaultDependents: Readonly<Record<string, DependentFacts>> = {
  task: { kind: 'keyed', of: ['contact'], waitForRecordMs: 60_000 },
  joined: { kind: 'appended', of: ['contact'], waitForRecordMs: 60_000 },
}

/**
 * Its records are `contact`s, known by addresses as by e-mail addresses. `task` is keyed like an upsert by an external id; of `joined` the first with a once key
 * counts, as of a vendor's events with their own ids.
 */
export const memoryDestination = (options: MemoryOptions): MemoryDestination => new InMemory(options)

class InMemory implements MemoryDestination {
  readonly name: string
  readonly objects: Readonly<Record<string, DestinationObject>>
  readonly lookUpSize: number
  readonly concurrency: number
  readonly records = new Map<string, MemoryRecord>()
  readonly dependents = new Map<string, MemoryDependent>()
  readonly #alone: MemoryStandalones
  readonly puts: PutInput[] = []
  readonly effects: { record: string; fields: Fields }[] = []
  limitMs = 0
  readonly #wire: MemoryWire
  readonly #merged = new Map<string, RecordRef>()
  readonly #idOf: (number: number) => string
  #refused: (fields: Fields) => boolean = () => false
  #nextId = 501

  constructor({
    clock,
    name = 'memory',
    batchSize = 10,
    concurrency = 4,
    dependents,
    standalones,
    idOf = String,
  }: MemoryOptions) {
    this.#idOf = idOf
    this.#wire = new MemoryWire(clock)
    this.#alone = new MemoryStandalones(this.#wire, this.effects, fields => this.#refused(fields))
    this.name = name
    this.lookUpSize = batchSize
    this.concurrency = concurrency
    this.objects = {
      contact: {
        kind: 'record',
        batchSize,
        send: inputs => this.#send(inputs),
        read: (ids, fields) => this.#wire.request('read', [], ids, id => held(this.records.get(id)?.fields, fields)),
      },
      ...Object.fromEntries(
        Object.entries(dependents ?? defaultDependents).map(([object, facts]) => [
          object,
          this.#dependent(object, facts, batchSize),
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(standalones ?? {}).map(([object, facts]) => [
          object,
          this.#alone.object(object, facts, batchSize),
        ]),
      ),
    }
  }

  get standalones(): ReadonlyMap<string, Fields> {
    return this.#alone.held
  }

  get requests(): MemoryWire['requests'] {
    return this.#wire.requests
  }

  get collisions(): readonly string[] {
    return this.#wire.collisions
  }

  get peak(): number {
    return this.#wire.peak
  }

  get latencyMs(): number {
    return this.#wire.latencyMs
  }

  set latencyMs(ms: number) {
    this.#wire.latencyMs = ms
  }

  add(addresses: readonly string[], fields: Fields = {}, object = 'contact'): string {
    const id = this.#idOf(this.#nextId++)
    this.records.set(id, { object, addresses, fields })
    return id
  }

  merge(from: string, into: string): void {
    const [gone, kept] = [this.records.get(from), this.records.get(into)]
    if (!gone || !kept) return
    this.records.set(into, {
      object: kept.object,
      addresses: [...kept.addresses, ...gone.addresses],
      fields: { ...gone.fields, ...kept.fields },
    })
    this.records.delete(from)
    this.#merged.set(from, { object: kept.object, id: into })
    for (const [key, one] of this.dependents) if (one.of === from) this.dependents.set(key, { ...one, of: into })
  }

  remove(record: string): void {
    this.records.delete(record)
  }

  fail(fault: MemoryFault, times = 1, kind?: MemoryRequestKind): void {
    this.#wire.fail(fault, times, kind)
  }

  refuse(input: (fields: Fields) => boolean): void {
    this.#refused = input
  }

  waitMs(): number {
    return this.limitMs
  }

  async prepare(): Promise<Prepared> {
    await this.#wire.prepare()
    return { kind: 'ready' }
  }

  resolve(objects: readonly string[], persons: readonly Person[]): Promise<readonly Resolution[]> {
    return this.#wire.request('look-up', [], persons, person => this.#find(objects, person))
  }

  #send(inputs: readonly SetInput[]): Promise<readonly SendResult[]> {
    const records = inputs.map(({ record, person }) => record ?? person.id)
    return this.#wire.request('send', records, inputs, input => this.#set(input))
  }

  #dependent(object: string, facts: DependentFacts, batchSize: number): DependentObject {
    const placeOf = ({ key }: PutTarget): string => `${object}:${key}`
    return {
      ...facts,
      batchSize,
      put: inputs => {
        this.puts.push(...inputs)
        return this.#wire.request('put', inputs.map(placeOf), inputs, input =>
          this.#put(placeOf(input), facts.kind, input),
        )
      },
      read: (targets, fields) =>
        this.#wire.request('read', [], targets, target => held(this.dependents.get(placeOf(target))?.fields, fields)),
    }
  }

  #find(objects: readonly string[], { emails }: Person): Resolution {
    if (emails.length === 0) return { ...answer, kind: 'skipped', code: 'NO_ADDRESS' }
    for (const object of objects) {
      for (const email of emails) {
        for (const [id, record] of this.records) {
          if (record.object === object && record.addresses.includes(email))
            return { ...answer, kind: 'found', record: { object, id }, alias: `email:${email}` }
        }
      }
    }
    return { ...answer, kind: 'missing' }
  }

  #set({ record, person, fields, fieldsOnCreate }: SetInput): SendResult {
    if (this.#refused(fields)) return refused
    if (record !== null) {
      if (!this.records.has(record)) return { ...answer, kind: 'gone', survivor: this.#merged.get(record)?.id ?? null }
      this.#apply(record, fields)
      return { ...answer, kind: 'accepted', record, created: false, alias: null }
    }
    const [email] = person.emails
    if (email === undefined) return { ...answer, kind: 'skipped', code: 'NO_ADDRESS' }
    const known = this.#find(['contact'], person)
    const id = known.kind === 'found' ? known.record.id : this.add([email])
    this.#apply(id, known.kind === 'found' ? fields : { ...fieldsOnCreate, ...fields })
    return { ...answer, kind: 'accepted', record: id, created: known.kind !== 'found', alias: `email:${email}` }
  }

  #put(place: string, kind: DependentObject['kind'], { of, fields, at }: PutInput): PutResult {
    if (this.#refused(fields)) return refused
    if (!this.records.has(of.id)) return { ...answer, kind: 'orphaned', survivor: this.#merged.get(of.id) ?? null }
    const before = this.dependents.get(place)
    if (!before || kind === 'keyed') {
      this.dependents.set(place, { of: of.id, at, fields: merged(before?.fields ?? {}, fields) })
      this.effects.push({ record: place, fields })
    }
    return { ...answer, kind: 'put', record: null, created: before === undefined }
  }

  #apply(id: string, fields: Fields): void {
    const before = this.records.get(id)
    if (!before) return
    this.records.set(id, { ...before, fields: merged(before.fields, fields) })
    this.effects.push({ record: id, fields })
  }
}
