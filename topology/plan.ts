import type { TopicDescription } from '../services/kafka/kafka.ts'
import type { TopicSpec } from './topic-specs.ts'

/** A difference between the topics that the map wants and those of a cluster. */
export type Change =
  | { readonly kind: 'create'; readonly topic: string; readonly partitions: number; readonly reason: string }
  | {
      readonly kind: 'configure'
      readonly topic: string
      readonly setting: string
      /** Undefined: the broker's default. */
      readonly from: string | undefined
      readonly to: string
      readonly reason: string
    }
  /** Cannot be changed without moving records: a person must decide. */
  | { readonly kind: 'impossible'; readonly topic: string; readonly reason: string }

/** What to do so that the cluster has the wanted topics, in the order of the map; nothing when it has. Other topics are none of our business. */
export const planTopics = (wanted: readonly TopicSpec[], actual: readonly TopicDescription[]): readonly Change[] => {
  const byName = new Map(actual.map(topic => [topic.name, topic]))
  return wanted.flatMap(spec => changesOf(spec, byName.get(spec.name)))
}

/** Topics of the cluster, under the prefix, that the map does not know, in the order of their names. They are never deleted. */
export const unknownTopics = (wanted: readonly TopicSpec[], actual: readonly TopicDescription[]): readonly string[] => {
  const known = new Set(wanted.map(({ name }) => name))
  return actual
    .map(({ name }) => name)
    .filter(name => !known.has(name))
    .sort()
}

/** One line for a person. */
export const describeChange = (change: Change): string => {
  switch (change.kind) {
    case 'create':
      return `create ${change.topic} with ${change.partitions} partition${change.partitions === 1 ? '' : 's'} (${change.reason})`
    case 'configure':
      return `set ${change.setting} of ${change.topic} from ${change.from ?? "the broker's default"} to ${change.to} (${change.reason})`
    case 'impossible':
      return `cannot change ${change.topic}: ${change.reason}`
  }
}

const changesOf = (spec: TopicSpec, actual: TopicDescription | undefined): readonly Change[] => {
  const { name: topic, partitions, config, purpose, retentionReason } = spec
  if (!actual) return [{ kind: 'create', topic, partitions, reason: purpose }]
  const counts: readonly Change[] =
    actual.partitions === partitions
      ? []
      : [
          {
            kind: 'impossible',
            topic,
            reason: `it has ${actual.partitions} partitions where the map says ${partitions}, and another count would send keys elsewhere than their state rows. Delete the topic when it is empty, or set the map to ${actual.partitions}.`,
          },
        ]
  const settings = Object.entries(config).flatMap(([setting, to]): readonly Change[] => {
    const from = actual.config[setting]
    return normal(from) === normal(to) ? [] : [{ kind: 'configure', topic, setting, from, to, reason: retentionReason }]
  })
  return [...counts, ...settings]
}

/** Kafka's lists have no order: `compact,delete` is `delete,compact`. */
const normal = (value: string | undefined): string | undefined =>
  value
    ?.split(',')
    .map(item => item.trim())
    .sort()
    .join(',')
