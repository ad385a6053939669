/**
 * The requests that Tributary makes itself, besides Fetch. Versions are the lowest that carry what is needed, so brokers from Kafka 3.1 on answer
 * them all: Metadata with topic ids (12), OffsetFetch with require_stable (7), which waits for the former owner's open commit (KIP-447), and
 * IncrementalAlterConfigs, which leaves other settings alone. Layouts: the message definitions in Kafka's sources.
 */
import { ByteReader } from '../reading/byte-reader.ts'
import { type Call, type Encoder, encoder } from './internals.ts'

export const readUncommitted = 0
export const readCommitted = 1
/** ListOffsets timestamps that mean the first offset kept and the end. */
export const earliest = -2
export const latest = -1

/** Ends a structure of the flexible protocol versions, or a request's header, without tagged fields. */
export const tags = (to: Encoder): Encoder => to.writeUVarIntBytes()

export interface DescribedBrokers {
  readonly clientSideThrottleTime: number
  readonly brokers: readonly {
    readonly nodeId: number
    readonly host: string
    readonly port: number
    readonly rack: string | null
  }[]
  readonly controllerId: number
  /** kafkajs' name for the topics; always empty, see `brokersCall`. */
  readonly topicMetadata: readonly never[]
}

export interface DescribedTopic {
  readonly name: string
  readonly errorCode: number
  /** Hexadecimal; a topic made again under the same name has another. */
  readonly id: string
  /** Leader's broker id by partition; -1 while there is none. */
  readonly leaders: ReadonlyMap<number, number>
}

const metadata = { apiKey: 3, apiVersion: 12, apiName: 'Metadata' }

const encodeMetadata = (topics: readonly string[]): Encoder => {
  const names = topics.map(name => tags(encoder().writeBuffer(Buffer.alloc(16)).writeUVarIntString(name)))
  return tags(tags(encoder()).writeUVarIntArray(names).writeBoolean(false).writeBoolean(false))
}

/** The named topics only; topics are never created by asking. */
export const topicsCall = (topics: readonly string[]): Call<readonly DescribedTopic[]> => ({
  ...metadata,
  encode: () => encodeMetadata(topics),
  decode: payload => {
    const reader = new ByteReader(payload)
    decodeBrokers(reader)
    return reader.compactArray(() => decodeTopic(reader))
  },
})

/** The brokers and no topic, so that a deleted topic or another one without leader cannot fail it (kafkajs asks for all and does fail). */
export const brokersCall = (): Call<DescribedBrokers> => ({
  ...metadata,
  encode: () => encodeMetadata([]),
  decode: payload => decodeBrokers(new ByteReader(payload)),
})

const decodeBrokers = (reader: ByteReader): DescribedBrokers => {
  reader.skipTags()
  const clientSideThrottleTime = reader.int32()
  const brokers = reader.compactArray(() => {
    const nodeId = reader.int32()
    const host = reader.compactString() ?? ''
    const port = reader.int32()
    const rack = reader.compactString()
    reader.skipTags()
    return { nodeId, host, port, rack }
  })
  reader.compactString()
  return { clientSideThrottleTime, brokers, controllerId: reader.int32(), topicMetadata: [] }
}

const decodeTopic = (reader: ByteReader): DescribedTopic => {
  const errorCode = reader.int16()
  const name = reader.compactString() ?? ''
  const id = reader.uuid()
  reader.int8()
  const leaders = new Map<number, number>()
  reader.compactArray(() => {
    reader.int16()
    const partition = reader.int32()
    leaders.set(partition, reader.int32())
    reader.int32()
    for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32())
    reader.skipTags()
  })
  reader.int32()
  reader.skipTags()
  return { name, errorCode, id, leaders }
}

export interface ListedOffset {
  readonly partition: number
  readonly errorCode: number
  readonly offset: number
}

/** Where partitions of one topic begin (`earliest`) or end (`latest`, for readers of the isolation given). Goes to their leader. */
export const listOffsetsCall = (
  topic: string,
  partitions: readonly number[],
  timestamp: number,
  isolation: number,
): Call<readonly ListedOffset[]> => ({
  apiKey: 2,
  apiVersion: 2,
  apiName: 'ListOffsets',
  encode: () => {
    const asked = partitions.map(partition => encoder().writeInt32(partition).writeInt64(timestamp))
    return encoder()
      .writeInt32(-1)
      .writeInt8(isolation)
      .writeArray([encoder().writeString(topic).writeArray(asked)])
  },
  decode: payload => {
    const reader = new ByteReader(payload)
    reader.int32()
    return reader
      .array(() => {
        reader.string()
        return reader.array(() => {
          const partition = reader.int32()
          const errorCode = reader.int16()
          reader.int64()
          return { partition, errorCode, offset: reader.int64() }
        })
      })
      .flat()
  },
})

export interface CommittedOffset {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  /** -1: nothing was committed. */
  readonly offset: number
}

export interface CommittedOffsets {
  readonly errorCode: number
  readonly offsets: readonly CommittedOffset[]
}

/** Offsets committed by a group, refused (error 88) while a transaction is about to move one of them. Goes to the group's coordinator. */
export const committedOffsetsCall = (
  group: string,
  partitions: ReadonlyMap<string, readonly number[]>,
): Call<CommittedOffsets> => ({
  apiKey: 9,
  apiVersion: 7,
  apiName: 'OffsetFetch',
  encode: () => {
    const topics = [...partitions].map(([name, numbers]) =>
      tags(
        encoder()
          .writeUVarIntString(name)
          .writeUVarIntArray(numbers.map(number => encoder().writeInt32(number))),
      ),
    )
    return tags(tags(encoder()).writeUVarIntString(group).writeUVarIntArray(topics).writeBoolean(true))
  },
  decode: payload => {
    const reader = new ByteReader(payload)
    reader.skipTags()
    reader.int32()
    const offsets = reader.compactArray(() => {
      const topic = reader.compactString() ?? ''
      const found = reader.compactArray(() => decodeCommittedOffset(reader, topic))
      reader.skipTags()
      return found
    })
    return { offsets: offsets.flat(), errorCode: reader.int16() }
  },
})

const decodeCommittedOffset = (reader: ByteReader, topic: string): CommittedOffset => {
  const partition = reader.int32()
  const offset = reader.int64()
  reader.int32()
  reader.compactString()
  const errorCode = reader.int16()
  reader.skipTags()
  return { topic, partition, errorCode, offset }
}

/** Sets the named settings of a topic. The answer is the error code and message of the broker. */
export const configureTopicCall = (
  topic: string,
  config: Readonly<Record<string, string>>,
): Call<{ readonly errorCode: number; readonly message: string }> => ({
  apiKey: 44,
  apiVersion: 0,
  apiName: 'IncrementalAlterConfigs',
  encode: () => {
    const topicResource = 2
    const set = 0
    const settings = Object.entries(config).map(([name, value]) =>
      encoder().writeString(name).writeInt8(set).writeString(value),
    )
    const resource = encoder().writeInt8(topicResource).writeString(topic).writeArray(settings)
    return encoder().writeArray([resource]).writeBoolean(false)
  },
  decode: payload => {
    const reader = new ByteReader(payload)
    reader.int32()
    const [answer] = reader.array(() => {
      const errorCode = reader.int16()
      const message = reader.string()
      reader.int8()
      reader.string()
      return { errorCode, message }
    })
    return answer ?? { errorCode: 0, message: '' }
  },
})
