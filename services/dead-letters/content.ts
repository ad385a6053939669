import avsc from 'avsc'
import type { Topic } from '../../topology/define.ts'
import type { AvroTopic, Codec } from '../runtime/codec.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { SchemaRegistry } from '../runtime/registry.ts'
import type { LetterOriginal } from './letter.ts'

/** The original value, as readable as it can be made. */
export type Content =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown; readonly note?: string }
  | { readonly kind: 'hex'; readonly hex: string; readonly reason: string }

export interface ContentReader {
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly topics: readonly Topic[]
}

/** Asks the registry for a schema that is not known yet. Rejects with `REGISTRY_UNAVAILABLE`. */
export const readContent = async (original: LetterOriginal, reader: ContentReader): Promise<Content> => {
  const { value } = original
  if (value === null) return { kind: 'none' }
  const topic = avroTopicOf(original, reader)
  if (!topic) return jsonIn(value)
  const result = await decode(topic, value, reader.codec)
  if ('value' in result) return { kind: 'json', value: result.value }
  const written = await asWritten(value, reader.registry)
  return written === undefined
    ? { kind: 'hex', hex: value.toString('hex'), reason: result.reason }
    : { kind: 'json', value: written, note: `Shown with the schema it was written with. ${result.reason}` }
}

/** The Avro value in our shape; undefined when it cannot be read so, or is none. */
export const decoded = async (
  original: LetterOriginal,
  reader: Pick<ContentReader, 'codec' | 'topics'>,
): Promise<unknown> => {
  const topic = avroTopicOf(original, reader)
  if (!topic || original.value === null) return undefined
  const result = await decode(topic, original.value, reader.codec)
  return 'value' in result ? result.value : undefined
}

const avroTopicOf = (
  original: LetterOriginal,
  { topics }: Pick<ContentReader, 'topics'>,
): AvroTopic<unknown> | undefined => {
  const topic = topics.find(({ name }) => name === original.topic)
  return topic && topic.kind !== 'raw' ? (topic as AvroTopic<unknown>) : undefined
}

const decode = async (
  topic: AvroTopic<unknown>,
  value: Buffer,
  codec: Codec,
): Promise<{ readonly value: unknown } | { readonly reason: string }> => {
  try {
    await codec.prepare([value])
    return { value: codec.decode(topic, value) }
  } catch (error) {
    if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
    return { reason: error.message }
  }
}

const frameBytes = 5

/** The value as its own schema says; undefined when the registry has none or the bytes do not fit it. */
const asWritten = async (value: Buffer, registry: SchemaRegistry): Promise<unknown> => {
  if (value.length < frameBytes || value[0] !== 0) return undefined
  const schema = await registry.schema(value.readUInt32BE(1))
  if (schema === undefined) return undefined
  try {
    return avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true }).fromBuffer(value.subarray(frameBytes))
  } catch {
    return undefined
  }
}

/** A webhook's body. */
const jsonIn = (value: Buffer): Content => {
  try {
    const parsed = JSON.parse(new TextDecoder('utf8', { fatal: true }).decode(value)) as unknown
    if (!isDeeperThan(parsed, mostLevels)) return { kind: 'json', value: parsed }
    return { kind: 'hex', hex: value.toString('hex'), reason: `The value is JSON of more than ${mostLevels} levels.` }
  } catch {
    return { kind: 'hex', hex: value.toString('hex'), reason: 'The value is neither Avro nor JSON.' }
  }
}

/** JSON of any depth can be read, but only so much of it can be written again. */
const mostLevels = 200

const isDeeperThan = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some(inner => isDeeperThan(inner, levels - 1)))
