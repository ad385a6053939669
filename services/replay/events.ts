import type { Kafka, StoredRecord } from '../kafka/kafka.ts'
import type { PartitionRange } from './range.ts'

interface Head {
  readonly source: AsyncIterator<StoredRecord>
  record: StoredRecord
}

/**
 * The committed records of these ranges, those of a partition in their order, across partitions in the order of their times. So one time says
 * where a replay that was broken off goes on.
 */
export async function* eventsIn(
  kafka: Kafka,
  topic: string,
  ranges: readonly PartitionRange[],
): AsyncGenerator<StoredRecord, void, undefined> {
  const sources = ranges.map(({ partition, from, to }) =>
    kafka.read(topic, partition, from, to)[Symbol.asyncIterator](),
  )
  try {
    const heads = (await Promise.all(sources.map(headOf))).flat()
    while (heads.length > 0) {
      const earliest = heads.reduce((best, head) => (head.record.timestamp < best.record.timestamp ? head : best))
      yield earliest.record
      const next = await earliest.source.next()
      if (next.done) heads.splice(heads.indexOf(earliest), 1)
      else earliest.record = next.value
    }
  } finally {
    for (const source of sources) await source.return?.()
  }
}

const headOf = async (source: AsyncIterator<StoredRecord>): Promise<Head[]> => {
  const first = await source.next()
  return first.done ? [] : [{ source, record: first.value }]
}
