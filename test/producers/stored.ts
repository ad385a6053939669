import type { StoredRecord } from '../../services/kafka/kafka.ts'
import type { MemoryKafka } from '../../services/kafka/memory/memory.ts'
import type { AvroTopic, Codec } from '../../services/runtime/codec.ts'

/** What lies in the topics of a test's Kafka. */
export interface Stored {
  /** Every record, partition by partition. */
  stored(topic: string): Promise<readonly StoredRecord[]>
  /** Every value, tombstones left out, as plain objects that can be compared with literals: without the classes that avsc gives to records. */
  decoded<Value>(topic: AvroTopic<Value>): Promise<readonly Value[]>
}

export const storedIn = (kafka: MemoryKafka, codec: Codec): Stored => {
  const stored: Stored['stored'] = async topic => {
    const found: StoredRecord[] = []
    for (const { partition } of await kafka.topics.offsets(topic))
      for await (const record of kafka.read(topic, partition, 0)) found.push(record)
    return found
  }
  return {
    stored,
    decoded: async topic => {
      const values = (await stored(topic.name)).flatMap(({ value }) => (value ? [value] : []))
      await codec.prepare(values)
      return values.map(value => structuredClone(codec.decode(topic, value)))
    },
  }
}
