import { type Call, type Encoder, encoder } from '../client/internals.ts'
import { readCommitted, tags } from '../client/requests.ts'
import { ByteReader } from './byte-reader.ts'

export interface FetchedPartition {
  readonly topicId: string
  readonly partition: number
  readonly errorCode: number
  /** The offset after the last record that is written, and the first of them that a transaction still holds back. */
  readonly high: number
  readonly stable: number
  readonly aborted: readonly { readonly producerId: number; readonly firstOffset: number }[]
  /** Record batches; the last may be cut off. */
  readonly bytes: Buffer
}

export interface FetchRequest {
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly partitionMaxBytes: number
  readonly partitions: readonly { readonly topicId: string; readonly partition: number; readonly offset: number }[]
}

export interface FetchAnswer {
  /** kafkajs' connection holds requests back for this long, in ms, when a quota was exceeded. */
  readonly clientSideThrottleTime: number
  readonly errorCode: number
  readonly partitions: readonly FetchedPartition[]
}

/**
 * Fetches committed records, in the order of the partitions given: the first one with records always gets at least one whole batch.
 * Version 13 names topics by id, so a topic that was deleted and made again is noticed.
 */
export const fetchCall = (request: FetchRequest): Call<FetchAnswer> => ({
  apiKey: 1,
  apiVersion: 13,
  apiName: 'Fetch',
  encode: () => {
    const topics = inRuns(request.partitions).map(run =>
      tags(
        encoder()
          .writeBuffer(Buffer.from(run.topicId, 'hex'))
          .writeUVarIntArray(run.partitions.map(partition => fetchedPartition(partition, request.partitionMaxBytes))),
      ),
    )
    const body = tags(encoder())
      .writeInt32(-1)
      .writeInt32(request.maxWaitMs)
      .writeInt32(1)
      .writeInt32(request.maxBytes)
      .writeInt8(readCommitted)
      .writeInt32(0)
      .writeInt32(-1)
      .writeUVarIntArray(topics)
      .writeUVarIntArray([])
      .writeUVarIntString('')
    return tags(body)
  },
  decode: payload => decodeFetch(new ByteReader(payload)),
})

const fetchedPartition = ({ partition, offset }: FetchRequest['partitions'][number], maxBytes: number): Encoder =>
  tags(
    encoder()
      .writeInt32(partition)
      .writeInt32(-1)
      .writeInt64(offset)
      .writeInt32(-1)
      .writeInt64(-1)
      .writeInt32(maxBytes),
  )

const inRuns = (partitions: FetchRequest['partitions']) => {
  const runs: { topicId: string; partitions: FetchRequest['partitions'][number][] }[] = []
  for (const partition of partitions) {
    const run = runs.at(-1)
    if (run?.topicId === partition.topicId) run.partitions.push(partition)
    else runs.push({ topicId: partition.topicId, partitions: [partition] })
  }
  return runs
}

const decodeFetch = (reader: ByteReader): FetchAnswer => {
  reader.skipTags()
  const clientSideThrottleTime = reader.int32()
  const errorCode = reader.int16()
  reader.int32()
  const topics = reader.compactArray(() => {
    const topicId = reader.uuid()
    const partitions = reader.compactArray(() => decodeFetchedPartition(reader, topicId))
    reader.skipTags()
    return partitions
  })
  return { clientSideThrottleTime, errorCode, partitions: topics.flat() }
}

const decodeFetchedPartition = (reader: ByteReader, topicId: string): FetchedPartition => {
  const partition = reader.int32()
  const errorCode = reader.int16()
  const high = reader.int64()
  const stable = reader.int64()
  reader.int64()
  const aborted = reader.compactArray(() => {
    const transaction = { producerId: reader.int64(), firstOffset: reader.int64() }
    reader.skipTags()
    return transaction
  })
  reader.int32()
  const bytes = reader.view(reader.unsignedVarint() - 1) ?? Buffer.alloc(0)
  reader.skipTags()
  return { topicId, partition, errorCode, high, stable, aborted, bytes }
}
