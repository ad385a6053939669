import './avro-bounds.ts'
import avsc, { type Type } from 'avsc'
import { type AvroSchema, schemaOf as productSchemaOf, type RecordName } from '../../schemas/records.ts'
import type { Topic } from '../../topology/define.ts'
import type { Clock } from './clock.ts'
import { TributaryError } from './errors.ts'
import type { SchemaRegistry } from './registry.ts'

/** A topic of Avro values. `Value` is the type that `encode` takes and `decode` gives. */
export interface AvroTopic<Value> {
  readonly name: string
  readonly record: RecordName
  readonly row?: Value
  emit?(value: Value): unknown
}

/** Values of Avro topics to and from the registry's framing: a zero byte, the schema id (4 bytes, big endian), the Avro body. */
export interface Codec {
  encode<Value>(topic: AvroTopic<Value>, value: Value): Buffer
  /**
   * Makes sure that the schemas which these values were written with are known; undefined when they all are, so that the hot path waits for nothing.
   * Rejects with `REGISTRY_UNAVAILABLE` (retryable). An id that the registry does not have is no error here: `decode` reports it.
   */
  prepare(values: readonly (Buffer | null)[]): Promise<void> | undefined
  /**
   * The value in our shape whatever version it was written with, made of plain objects. Throws `UNDECODABLE` (rejected) for foreign or broken bytes,
   * `SCHEMA_UNKNOWN` (rejected) for an id that is not in the registry, and `SCHEMA_NOT_PREPARED` (retryable) for one that nobody asked the registry
   * for yet: the next `prepare` does.
   */
  decode<Value>(topic: AvroTopic<Value>, value: Buffer): Value
}

const magicByte = 0
const headerBytes = 5
/** Most values fit. */
const scratchBytes = 16 * 1_024
/** How often an unknown id is asked for before it counts as unknown, and for how long it then does (no request storm). */
const unknownAfterChecks = 3
const pauseBetweenChecksMs = 500
const unknownForMs = 60_000

export const subjectOf = (topic: { readonly name: string }, prefix = ''): string => `${prefix}${topic.name}-value`

export const avroTopics = (topics: readonly Topic[]): (Topic & { readonly record: RecordName })[] =>
  topics.filter(topic => topic.kind !== 'raw')

/**
 * Finds the ids under which the topics' schemas are registered, or registers them. Rejects with `SCHEMAS_NOT_REGISTERED`, naming the
 * subjects, when they must be there already.
 */
export const createCodec = async (options: {
  readonly registry: SchemaRegistry
  readonly topics: readonly Topic[]
  readonly clock: Clock
  readonly topicPrefix?: string
  readonly register: boolean
  /** The schema of a record; the product's own unless a measurement brings others. */
  readonly schemaOf?: (record: RecordName) => AvroSchema
}): Promise<Codec> => {
  const schemaOf = options.schemaOf ?? productSchemaOf
  const types = new Map<RecordName, Type>()
  const ids = new Map<string, { id: number; record: RecordName }>()
  const missing: string[] = []
  for (const topic of avroTopics(options.topics)) {
    const schema = schemaOf(topic.record)
    types.set(topic.record, types.get(topic.record) ?? typeOf(schema))
    const subject = subjectOf(topic, options.topicPrefix)
    const id = options.register
      ? await options.registry.register(subject, schema)
      : await options.registry.lookUp(subject, schema)
    if (id === undefined) missing.push(subject)
    else ids.set(topic.name, { id, record: topic.record })
  }
  if (missing.length > 0) {
    throw new TributaryError(
      'SCHEMAS_NOT_REGISTERED',
      `The registry has no current schema for ${missing.join(', ')}. Run \`tributary topology apply\`.`,
    )
  }
  return new RegistryCodec(options.registry, options.clock, types, ids)
}

class RegistryCodec implements Codec {
  readonly #registry: SchemaRegistry
  readonly #clock: Clock
  readonly #types: ReadonlyMap<RecordName, Type>
  readonly #headers: ReadonlyMap<string, Buffer>
  /** By schema id; undefined for a schema that is not Avro as we know it. */
  readonly #writers = new Map<number, Type | undefined>()
  readonly #unknownUntil = new Map<number, number>()
  readonly #lookUps = new Map<number, Promise<void>>()
  /** Where values are written before they are copied; grows to the largest. */
  #scratch = Buffer.allocUnsafe(scratchBytes)
  /** Ids that `decode` met and `prepare` had not seen. */
  readonly #wanted = new Set<number>()
  /** By record and schema id: the writer's type resolved to ours. */
  readonly #resolvers = new Map<string, ReturnType<Type['createResolver']>>()

  constructor(
    registry: SchemaRegistry,
    clock: Clock,
    types: ReadonlyMap<RecordName, Type>,
    ids: ReadonlyMap<string, { readonly id: number; readonly record: RecordName }>,
  ) {
    this.#registry = registry
    this.#clock = clock
    this.#types = types
    this.#headers = new Map([...ids].map(([topic, { id }]) => [topic, frameHeader(id)]))
    for (const { id, record } of ids.values()) this.#writers.set(id, this.#typeOf(record))
  }

  encode<Value>(topic: AvroTopic<Value>, value: Value): Buffer {
    const header = this.#headers.get(topic.name)
    if (!header) throw new TributaryError('TOPIC_UNKNOWN', `No schema is registered for the topic ${topic.name}.`)
    try {
      return this.#framed(header, this.#typeOf(topic.record), value)
    } catch {
      throw new TributaryError(
        'UNENCODABLE',
        `A value for ${topic.name} does not fit its schema at ${this.#misfits(topic.record, value)}.`,
        {
          errorClass: 'rejected',
        },
      )
    }
  }

  prepare(values: readonly (Buffer | null)[]): Promise<void> | undefined {
    let unknown = this.#wanted.size === 0 ? undefined : new Set(this.#wanted)
    for (const value of values) {
      if (value === null || value.length < headerBytes || value[0] !== magicByte) continue
      const id = value.readUInt32BE(1)
      if (this.#writers.has(id) || (this.#unknownUntil.get(id) ?? 0) > this.#clock.now()) continue
      unknown ??= new Set()
      unknown.add(id)
    }
    return unknown && Promise.all([...unknown].map(id => this.#lookUpOnce(id))).then(() => undefined)
  }

  decode<Value>(topic: AvroTopic<Value>, value: Buffer): Value {
    if (value.length < headerBytes) throw undecodable(topic.name, `at least ${headerBytes} bytes`, `${value.length}`)
    if (value[0] !== magicByte) throw undecodable(topic.name, 'a first byte of 0 (registry framing)', `${value[0]}`)
    const id = value.readUInt32BE(1)
    const writer = this.#writers.get(id) ?? this.#missingWriter(topic.name, id)
    const reader = this.#typeOf(topic.record)
    const resolver = writer === reader ? undefined : this.#resolver(topic, id, writer)
    let decoded: { value: unknown; offset: number }
    try {
      decoded = reader.decode(value, headerBytes, resolver)
    } catch (error) {
      throw undecodable(topic.name, `a ${topic.record} written with schema id ${id}`, faultOf(error))
    }
    if (decoded.offset !== value.length) {
      throw undecodable(
        topic.name,
        `${value.length} bytes to be one ${topic.record}`,
        decoded.offset < 0 ? 'fewer than it needs' : 'bytes left over',
      )
    }
    return decoded.value as Value
  }

  #typeOf(record: RecordName): Type {
    const type = this.#types.get(record)
    if (!type) throw new TributaryError('TOPIC_UNKNOWN', `No topic of this codec holds ${record} records.`)
    return type
  }

  #framed(header: Buffer, type: Type, value: unknown): Buffer {
    let end = type.encode(value, this.#scratch, headerBytes)
    if (end < 0) {
      this.#scratch = Buffer.allocUnsafe(this.#scratch.length - end)
      end = type.encode(value, this.#scratch, headerBytes)
    }
    header.copy(this.#scratch)
    return Buffer.from(this.#scratch.subarray(0, end))
  }

  #missingWriter(topic: string, id: number): never {
    if (this.#writers.has(id)) {
      throw undecodable(topic, 'a record written with an Avro schema', `schema id ${id}, which is none`)
    }
    if (this.#unknownUntil.has(id)) {
      throw new TributaryError(
        'SCHEMA_UNKNOWN',
        `A record of ${topic} was written with schema id ${id}, which the registry does not have. Register it there, then retry the dead letter.`,
        { errorClass: 'rejected' },
      )
    }
    this.#wanted.add(id)
    throw new TributaryError(
      'SCHEMA_NOT_PREPARED',
      `A record of ${topic} was written with schema id ${id}, which was not asked for yet; it will be tried again.`,
      { errorClass: 'retryable' },
    )
  }

  #resolver(topic: AvroTopic<unknown>, id: number, writer: Type): ReturnType<Type['createResolver']> {
    const key = `${topic.record} ${id}`
    const known = this.#resolvers.get(key)
    if (known) return known
    try {
      const resolver = this.#typeOf(topic.record).createResolver(writer)
      this.#resolvers.set(key, resolver)
      return resolver
    } catch {
      throw undecodable(topic.name, `a schema that can be read as ${topic.record}`, `schema id ${id}, which cannot`)
    }
  }

  async #lookUpOnce(id: number): Promise<void> {
    const running = this.#lookUps.get(id)
    if (running) return await running
    const lookUp = this.#lookUp(id).finally(() => this.#lookUps.delete(id))
    this.#lookUps.set(id, lookUp)
    await lookUp
  }

  async #lookUp(id: number): Promise<void> {
    for (let check = 1; check <= unknownAfterChecks; check++) {
      const schema = await this.#registry.schema(id)
      if (schema !== undefined) {
        this.#writers.set(id, writerOf(schema))
        this.#unknownUntil.delete(id)
        this.#wanted.delete(id)
        return
      }
      if (check < unknownAfterChecks) await this.#clock.sleep(pauseBetweenChecksMs)
    }
    this.#unknownUntil.set(id, this.#clock.now() + unknownForMs)
    this.#wanted.delete(id)
  }

  /** Paths that do not fit, without the values. */
  #misfits(record: RecordName, value: unknown): string {
    const paths: string[] = []
    this.#typeOf(record).isValid(value, { errorHook: path => paths.push(path.map(withoutFreeText).join('.')) })
    return paths.join(', ') || 'the top'
  }
}

/** A step of a path may be the key of a map, which a person may have written. */
const withoutFreeText = (step: string): string => (/^\w{1,64}$/.test(step) ? step : '*')

/** Ours. Unions stay unwrapped: they are null with one type, or of primitive types that JavaScript tells apart. */
const typeOf = (schema: AvroSchema): Type => {
  const type = avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false, omitRecordMethods: true })
  makePlain(type)
  return type
}

/** Somebody's, only to resolve it to ours: any union is accepted, also one of types that JavaScript does not tell apart. */
const writerOf = (schema: AvroSchema): Type | undefined => {
  try {
    return avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true })
  } catch {
    return undefined
  }
}

/** Parts of the types of avsc that hold other types. */
type Inner = Type & {
  readonly recordConstructor?: { prototype: object }
  readonly fields?: readonly { readonly type: Type }[]
  readonly itemsType?: Type
  readonly valuesType?: Type
  readonly types?: readonly Type[]
}

/** Decoded records are plain objects, not instances of classes that avsc makes: a decoded row equals the row that a handler returned. */
const makePlain = (type: Inner, seen = new Set<Type>()): void => {
  if (seen.has(type)) return
  seen.add(type)
  if (type.recordConstructor) type.recordConstructor.prototype = Object.prototype
  const fieldTypes = (type.fields ?? []).map(field => field.type)
  for (const inner of [...fieldTypes, ...(type.types ?? []), type.itemsType, type.valuesType]) {
    if (inner) makePlain(inner, seen)
  }
}

const frameHeader = (id: number): Buffer => {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32BE(id, 1)
  return header
}

const undecodable = (topic: string, expected: string, came: string): TributaryError =>
  new TributaryError('UNDECODABLE', `A record of ${topic} cannot be read: expected ${expected}, came ${came}.`, {
    errorClass: 'rejected',
  })

/** What was wrong with the bytes. avsc's other messages may tell values. */
const faultOf = (error: unknown): string =>
  error instanceof Error && error.message === 'potential precision loss'
    ? 'a whole number beyond 2^52, which cannot be read exactly here'
    : 'other bytes'
