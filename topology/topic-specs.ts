import type { Retention, Topic } from './define.ts'
import { sharedPartitions } from './topics.ts'

const dayMs = 86_400_000

/** A topic as a cluster has it, with the reasons a reviewer asks for. */
export interface TopicSpec {
  readonly name: string
  readonly kind: Topic['kind']
  readonly partitions: number
  /** Kafka's own setting names and values. */
  readonly config: Readonly<Record<string, string>>
  readonly purpose: string
  readonly owner: string
  /** Why its records are kept as long as they are. */
  readonly retentionReason: string
}

/**
 * Settings of compacted topics. Segments roll and the cleaner runs at least daily, so that an erased person's rows are gone within two days
 * (facts/delivery.md 12); tombstones stay for a week, longer than any table takes to load or a follower to be down.
 */
const compaction: Readonly<Record<string, string>> = {
  'cleanup.policy': 'compact',
  'segment.ms': String(dayMs),
  'max.compaction.lag.ms': String(dayMs),
  'min.cleanable.dirty.ratio': '0.1',
  'delete.retention.ms': String(7 * dayMs),
}

const retention = (days: number): Readonly<Record<string, string>> => ({
  'cleanup.policy': 'delete',
  'retention.ms': String(days * dayMs),
})

const hourMs = 3_600_000

const rolls = ({ rollHours }: Retention): Readonly<Record<string, string>> =>
  rollHours === undefined ? {} : { 'segment.ms': String(rollHours * hourMs) }

/** What the cluster must hold for these topics. */
export const topicSpecs = (topics: readonly Topic[]): readonly TopicSpec[] =>
  topics.map(topic => ({
    name: topic.name,
    kind: topic.kind,
    partitions: topic.partitions === 'shared' ? sharedPartitions : 1,
    config: configOf(topic),
    purpose: topic.purpose,
    owner: topic.owner,
    retentionReason: reasonOf(topic),
  }))

const configOf = (topic: Topic): Readonly<Record<string, string>> => {
  if (topic.kind === 'table') return compaction
  if (topic.kind === 'stream') return { ...retention(topic.retention.days), ...rolls(topic.retention) }
  return topic.cleanup === 'compact' ? compaction : retention(topic.cleanup.days)
}

const reasonOf = (topic: Topic): string => {
  if (topic.kind === 'table') return topic.compaction.reason
  return topic.kind === 'stream' ? topic.retention.reason : topic.reason
}
