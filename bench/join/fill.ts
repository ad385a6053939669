import type { Kafka, OutgoingRecord } from '../../services/kafka/kafka.ts'
import type { Codec } from '../../services/runtime/codec.ts'
import type { Stream } from '../../topology/define.ts'
import { identities } from '../../topology/topics.ts'
import {
  type BenchIdentity,
  type BenchTrack,
  benchIdentity,
  benchTrack,
  partitionsOf,
  topics,
  tracks,
} from './records.ts'

const batch = 5_000

/** Makes the topics and fills them with the fixed records. */
export const fill = async (
  kafka: Kafka,
  codec: Codec,
  counts: { readonly tracks: number; readonly identities: number },
): Promise<void> => {
  const wanted = [
    ...topics.map(topic => ({ name: topic.name, partitions: partitionsOf(topic) })),
    { name: 'writes-streams', partitions: partitionsOf(tracks) },
  ]
  await kafka.topics.create(wanted.map(topic => ({ ...topic, config: {} })))
  const publisher = await kafka.publisher('bench-fill')
  const identityTopic = identities as unknown as Stream<BenchIdentity>
  await publishAll(counts.identities, index => {
    const identity = benchIdentity(index)
    return { topic: identities.name, key: identity.visitorId, value: codec.encode(identityTopic, identity) }
  })
  const trackTopic = tracks as unknown as Stream<BenchTrack>
  await publishAll(counts.tracks, index => {
    const track = benchTrack(index, counts.identities)
    return { topic: tracks.name, key: track.visitorId, value: codec.encode(trackTopic, track) }
  })
  await publisher.close()

  async function publishAll(count: number, recordOf: (index: number) => OutgoingRecord): Promise<void> {
    for (let from = 0; from < count; from += batch) {
      const length = Math.min(batch, count - from)
      await publisher.publish(Array.from({ length }, (_, offset) => recordOf(from + offset)))
    }
  }
}
