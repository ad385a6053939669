import { unknownPartition } from '../client/failures.ts'
import type { StoredRecord } from '../kafka.ts'
import type { ClusterReader } from './cluster-reader.ts'
import { decodeRecords } from './record-batch.ts'

/** The committed records of a partition from `from` up to `to` (exclusive), never beyond the last stable offset at the call; see the seam. */
export async function* readRange(
  reader: ClusterReader,
  topic: string,
  partition: number,
  from: number,
  to: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<StoredRecord, void, undefined> {
  const stable = (await reader.offsets(topic, 'stable')).get(partition)
  if (stable === undefined) throw unknownPartition(topic, partition)
  const end = Math.min(to, stable)
  let position = from
  while (position < end) {
    const fetched = await reader.fetch(topic, partition, position)
    const { records, next } = decodeRecords(fetched, topic, position)
    for (const record of records) {
      if (record.offset >= end) return
      yield record
    }
    // Nothing where there was room for the smallest batch: the rest was removed by compaction.
    position = next > position ? next : end
  }
}

/** Differences up to this are counted record by record, because transactions leave control records; larger ones are near enough. */
const countedExactly = 1_000

export interface Lag {
  readonly topic: string
  readonly partition: number
  readonly records: number
}

/** Records that a group has not committed yet; see the seam. */
export const lagOf = async (
  reader: ClusterReader,
  group: string,
  topics: readonly string[],
): Promise<readonly Lag[]> => {
  const lags: Lag[] = []
  for (const topic of topics) {
    const stable = await reader.offsets(topic, 'stable')
    const earliest = await reader.offsets(topic, 'earliest')
    const committed = (await reader.committed(group, new Map([[topic, [...stable.keys()]]]))).get(topic)
    for (const [partition, end] of stable) {
      const from = Math.max(committed?.get(partition) ?? 0, earliest.get(partition) ?? 0)
      lags.push({ topic, partition, records: await countBetween(reader, topic, partition, from, end) })
    }
  }
  return lags.toSorted((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition)
}

const countBetween = async (
  reader: ClusterReader,
  topic: string,
  partition: number,
  from: number,
  end: number,
): Promise<number> => {
  if (end <= from) return 0
  if (end - from > countedExactly) return end - from
  let records = 0
  for await (const _ of readRange(reader, topic, partition, from, end)) records++
  return records
}
