import type { Kafka } from '../kafka/kafka.ts'
import type { AvroTopic, Codec } from './codec.ts'
import { decodedIfReadable } from './decoded-if-readable.ts'

/** A value as it lies in a topic; null is a tombstone. */
export interface StoredValue<Value> {
  /** Empty for a record without one. */
  readonly key: string
  readonly value: Value | null
}

export interface WhatIsStored {
  /** Where to look; all partitions when absent. */
  readonly partitions?: readonly number[]
  /** Which keys are decoded and given; all when absent. */
  readonly wants?: (key: string) => boolean
  /** How many offsets of each partition are looked at, counted from its end; all when absent. */
  readonly latest?: number
  /** Ends the reading early. */
  readonly signal?: AbortSignal
}

/**
 * What is kept in a topic now, partition by partition in the order of its offsets. Values that cannot be read are passed over: they are for the topic's readers to
 * set aside. Throws `REGISTRY_UNAVAILABLE`.
 */
export async function* storedValues<Value>(
  { kafka, codec }: { readonly kafka: Pick<Kafka, 'read' | 'topics'>; readonly codec: Codec },
  topic: AvroTopic<Value>,
  { partitions, wants, latest = Number.POSITIVE_INFINITY, signal }: WhatIsStored = {},
): AsyncGenerator<StoredValue<Value>> {
  for (const { partition, earliest, stable } of await kafka.topics.offsets(topic.name)) {
    if (partitions && !partitions.includes(partition)) continue
    for await (const record of kafka.read(topic.name, partition, Math.max(earliest, stable - latest))) {
      if (signal?.aborted) return
      const key = record.key?.toString() ?? ''
      if (wants && !wants(key)) continue
      if (record.value === null) {
        yield { key, value: null }
        continue
      }
      const learning = codec.prepare([record.value])
      if (learning) await learning
      const value = decodedIfReadable(codec, topic, record.value)
      if (value !== undefined) yield { key, value }
    }
  }
}
