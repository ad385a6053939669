import assert from 'node:assert/strict'
import { type RecordName, recordNames } from '../../../schemas/records.ts'
import { type AvroTopic, avroTopics, type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { TributaryError } from '../../../services/runtime/errors.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { topics } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'
import { examplesOf } from '../../schemas/examples.ts'
import type { Target } from './target.ts'

/** A topic of each record. */
export const topicOf: ReadonlyMap<RecordName, AvroTopic<unknown>> = new Map(
  avroTopics(topics).map(topic => [topic.record, topic as AvroTopic<unknown>]),
)

export const codecOfAll = (): Promise<Codec> =>
  createCodec({ registry: memoryRegistry(), topics, clock: manualClock(), register: true })

/** A byte that says which record, then a record in the registry's framing, whose first five bytes are made right so that the body is reached. */
export const open = async (): Promise<Target> => {
  const codec = await codecOfAll()
  const headers = new Map<RecordName, Buffer>()
  const seeds: Buffer[] = []
  for (const [index, record] of recordNames.entries()) {
    const topic = topicOf.get(record)
    if (!topic) continue
    for (const { value } of examplesOf(record)) {
      const framed = codec.encode(topic, value)
      headers.set(record, framed.subarray(0, 5))
      seeds.push(Buffer.concat([Buffer.from([index]), framed.subarray(5)]))
    }
  }
  return {
    seeds,
    dictionary: ['__proto__', '\x00', '\x01', '\x02', '\xff\xff\xff\xff\x0f'],
    covers: ['/services/runtime/codec', '/services/runtime/avro-bounds', '/avsc/lib/'],
    run: input => {
      const record = recordNames[(input[0] ?? 0) % recordNames.length]
      const [topic, header] = record ? [topicOf.get(record), headers.get(record)] : []
      if (topic && header) decodeAnything(codec, topic, Buffer.concat([header, input.subarray(1)]))
    },
  }
}

/** Fails where a law is broken: what cannot be read is rejected; what can, is no larger than its bytes allow, and is written and read again the same. */
export const decodeAnything = (codec: Codec, topic: AvroTopic<unknown>, bytes: Buffer): unknown => {
  let value: unknown
  try {
    value = codec.decode(topic, bytes)
  } catch (error) {
    assert.ok(error instanceof TributaryError && error.errorClass === 'rejected', error as Error)
    return undefined
  }
  assert.ok(partsOf(value) <= mostParts(bytes.length), 'holds more than its bytes')
  const again = codec.decode(topic, codec.encode(topic, value))
  assert.deepEqual(structuredClone(again), structuredClone(value))
  return value
}

/** A record without any item has some dozens of fields; each item takes a byte and may be a record of its own. */
const mostParts = (bytes: number): number => 100 + bytes * 20

const partsOf = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 1
    : Object.values(value).reduce<number>((sum, part) => sum + partsOf(part), 1)
