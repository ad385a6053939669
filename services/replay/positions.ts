import type { Kafka } from '../kafka/kafka.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { PartitionRange, Point, Range } from './range.ts'

export interface ReplayRange {
  /** Those that hold something of the range. */
  readonly partitions: readonly PartitionRange[]
  /** Offsets in the range; a few of them may be no records (ends of transactions). */
  readonly offsets: number
  /** Whether the topic once held older records of the range, which retention has removed. */
  readonly cutByRetention: boolean
}

interface Bounds {
  readonly partition: number
  readonly earliest: number
  readonly stable: number
}

/**
 * Finds the range in each partition of a topic. A time stands for the first record written at it or later. Throws `REPLAY_RANGE_EMPTY`
 * with what the topic holds.
 */
export const locateRange = async (kafka: Kafka, topic: string, range: Range): Promise<ReplayRange> => {
  const bounds = await kafka.topics.offsets(topic)
  const located = await Promise.all(bounds.map(each => locate(kafka, topic, each, range)))
  const partitions = located.flat()
  if (partitions.length === 0) throw await emptyRange(kafka, topic, bounds)
  return {
    partitions,
    offsets: partitions.reduce((sum, { from, to }) => sum + to - from, 0),
    cutByRetention: await isCut(kafka, topic, bounds, range.from),
  }
}

/** None where nothing but ends of transactions and aborted records lies there. */
const locate = async (
  kafka: Kafka,
  topic: string,
  bounds: Bounds,
  range: Range,
): Promise<readonly PartitionRange[]> => {
  const { partition, stable } = bounds
  const start = await offsetOf(kafka, topic, bounds, range.from)
  const to = range.to ? await offsetOf(kafka, topic, bounds, range.to) : stable
  const first = start < to ? await firstRecord(kafka, topic, partition, start, to) : undefined
  return first ? [{ partition, from: first.offset, to }] : []
}

/** The offset that a point stands for, among those that are kept. */
export const offsetOf = async (
  kafka: Pick<Kafka, 'read'>,
  topic: string,
  bounds: Bounds,
  point: Point,
): Promise<number> => {
  const { partition, earliest, stable } = bounds
  if (point.kind === 'offset') return Math.min(Math.max(point.offset, earliest), stable)
  let low = earliest
  let high = stable
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const record = await firstRecord(kafka, topic, partition, middle, high)
    if (record === undefined || record.timestamp >= point.time) high = middle
    else low = record.offset + 1
  }
  return low
}

const firstRecord = async (
  kafka: Pick<Kafka, 'read'>,
  topic: string,
  partition: number,
  from: number,
  to: number,
): Promise<{ readonly offset: number; readonly timestamp: number } | undefined> => {
  for await (const { offset, timestamp } of kafka.read(topic, partition, from, to)) return { offset, timestamp }
  return undefined
}

const isCut = async (kafka: Kafka, topic: string, bounds: readonly Bounds[], from: Point): Promise<boolean> => {
  for (const { partition, earliest, stable } of bounds) {
    if (earliest === 0) continue
    if (from.kind === 'offset') {
      if (from.offset < earliest) return true
      continue
    }
    const first = await firstRecord(kafka, topic, partition, earliest, stable)
    if (first && from.time < first.timestamp) return true
  }
  return false
}

const emptyRange = async (kafka: Kafka, topic: string, bounds: readonly Bounds[]): Promise<TributaryError> => {
  const kept = await Promise.all(
    bounds
      .filter(({ earliest, stable }) => earliest < stable)
      .map(async ({ partition, earliest, stable }) => {
        const first = await firstRecord(kafka, topic, partition, earliest, stable)
        return first
          ? [`partition ${partition}: ${earliest} to ${stable - 1}, from ${isoTime(first.timestamp)} on`]
          : []
      }),
  )
  const holds = kept.flat()
  return new TributaryError(
    'REPLAY_RANGE_EMPTY',
    holds.length === 0
      ? `Expected records in the range, but ${topic} holds none at all.`
      : `Expected records in the range, but ${topic} holds none there. It holds offsets ${holds.join('; ')}.`,
  )
}

const isoTime = (time: number): string => new Date(time).toISOString()
