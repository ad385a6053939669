import { type Call, encoder, produceAnswer } from '../client/internals.ts'
import { type BatchRecord, encodeBatch } from './batch-encoder.ts'

/** What kafkajs' producer asks a broker for, grouped by topic and partition. */
export interface ProduceRequest {
  readonly transactionalId?: string | undefined
  readonly producerId: string | number
  readonly producerEpoch: number
  readonly acks?: number
  /** How long the broker may wait for its replicas, in ms. */
  readonly timeout?: number
  readonly topicData: readonly {
    readonly topic: string
    readonly partitions: readonly {
      readonly partition: number
      readonly messages: readonly BatchRecord[]
      readonly firstSequence: number
    }[]
  }[]
}

const allReplicas = -1
const defaultTimeoutMs = 30_000

/** Version 7, as kafkajs asks and reads it, with batches encoded by `encodeBatch`. Rejects as kafkajs does with the first partition's error. */
export const produceCall = (request: ProduceRequest): Call<unknown> => ({
  ...{ apiKey: 0, apiVersion: 7, apiName: 'Produce' },
  encode: () => {
    const topics = request.topicData.map(({ topic, partitions }) =>
      encoder()
        .writeString(topic)
        .writeArray(
          partitions.map(({ partition, messages, firstSequence }) => {
            const { transactionalId, producerId, producerEpoch } = request
            const transactional = transactionalId !== undefined
            const batch = encodeBatch({ records: messages, transactional, producerId, producerEpoch, firstSequence })
            return encoder(batch.length).writeInt32(partition).writeInt32(batch.length).writeBuffer(batch)
          }),
        ),
    )
    return encoder()
      .writeString(request.transactionalId ?? null)
      .writeInt16(request.acks ?? allReplicas)
      .writeInt32(request.timeout ?? defaultTimeoutMs)
      .writeArray(topics)
  },
  ...produceAnswer,
})
