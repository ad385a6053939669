import type { TestContext } from 'node:test'
import kafkajs, { type Transaction } from 'kafkajs'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'

/** A transactional producer of another program: what it begins, it ends only when it is told to. */
export interface RawTransactions {
  /** Begins one and gives it. One at a time. */
  begin(): Promise<Transaction>
}

/** @param transactionalId physical */
export const rawTransactions = async (
  context: TestContext,
  brokers: readonly string[],
  transactionalId: string,
): Promise<RawTransactions> => {
  const client = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: 'another-program',
    logLevel: kafkajs.logLevel.NOTHING,
  })
  const producer = client.producer({
    ...{ transactionalId, transactionTimeout: 60_000, idempotent: true, maxInFlightRequests: 1 },
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 10, maxRetryTime: 100, retries: 50 },
  })
  atEnd(context, () => producer.disconnect())
  await producer.connect()
  return { begin: () => eventually(() => producer.transaction()) }
}
