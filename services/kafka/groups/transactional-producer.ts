import kafkajs, { type Producer, type Transaction } from 'kafkajs'
import type { Connection } from '../client/client.ts'
import { isOfType } from '../client/failures.ts'
import type { Appended } from '../kafka.ts'
import { acknowledgedOnce, type Placed, type SendBatch, sendAll } from '../publishing/outgoing.ts'

/** How long the cluster keeps a transaction open whose producer has died; readers of its partitions wait for so long. */
const transactionTimeoutMs = 10_000

/** CONCURRENT_TRANSACTIONS follows every commit closely and is over in a few milliseconds; kafkajs' default waits 300. */
const retry = { initialRetryTime: 5, maxRetryTime: 100, factor: 0.1, multiplier: 1.5, retries: 50 }
const retryOffsetsMs = 5
const offsetAttempts = 200

export interface InputOffset {
  readonly topic: string
  readonly partition: number
  /** The next one to read. */
  readonly offset: number
}

/**
 * The only producer that may write for a transactional id. After any rejection it is of no more use: kafkajs stays in COMMITTING for ever after a
 * failed commit, and an answer that was lost may still take effect. `close` it and open another, which ends what was left open.
 */
export class TransactionalProducer {
  private readonly producer: Producer
  private readonly connection: Connection
  private readonly group: string

  private constructor(connection: Connection, group: string, producer: Producer) {
    this.connection = connection
    this.group = group
    this.producer = producer
  }

  /** Fences whoever used the id before and ends, by abort or by completion, the transaction that they left open. Names are physical. */
  static async open(connection: Connection, transactionalId: string, group: string): Promise<TransactionalProducer> {
    const producer = connection.createTransactionalProducer({
      transactionalId,
      transactionTimeout: transactionTimeoutMs,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry,
    })
    try {
      await producer.connect()
      const nothing = await producer.transaction()
      await nothing.abort()
      return new TransactionalProducer(connection, group, producer)
    } catch (error) {
      await producer.disconnect().catch(() => undefined)
      throw error
    }
  }

  /** Appends the records and moves the offsets (topics by physical name) in one transaction. One call at a time. */
  async commit(records: readonly Placed[], offsets: readonly InputOffset[]): Promise<readonly Appended[]> {
    const transaction = await this.producer.transaction()
    const timestamp = String(this.connection.options.clock.now())
    const send = acknowledgedOnce(transaction.sendBatch as unknown as SendBatch)
    const appended = await sendAll(send, records, this.connection.physical, timestamp)
    if (offsets.length > 0) await this.sendOffsets(transaction, offsets)
    await transaction.commit()
    return appended
  }

  close(): Promise<void> {
    return this.producer.disconnect().catch(() => undefined)
  }

  /** kafkajs does not retry when a transaction begins with its offsets right after the former one's commit. */
  private async sendOffsets(transaction: Transaction, offsets: readonly InputOffset[]): Promise<void> {
    const topics = offsets.map(({ topic, partition, offset }) => ({
      topic,
      partitions: [{ partition, offset: String(offset) }],
    }))
    for (let attempt = 1; ; attempt++) {
      try {
        return await transaction.sendOffsets({ consumerGroupId: this.group, topics })
      } catch (error) {
        if (attempt === offsetAttempts || !isOfType(error, 'CONCURRENT_TRANSACTIONS')) throw error
        await this.connection.options.clock.sleep(retryOffsetsMs)
      }
    }
  }
}
