/*
 * Guard: services/kafka/reading/record-batch.ts
 * -   const opening = fetched.aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
 * +   const opening = fetched.aborted.slice()
 */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { rawTransactions } from '../raw-transactions.ts'
import { openRelay, type Relay, readAll } from '../relay.ts'
import { scenario } from '../scenario.ts'

/** kafkajs takes a record with this key for the end of an aborted transaction. */
const FOUR_ZEROS = Buffer.alloc(4)

scenario(
  {
    id: '8',
    sentence: 'overlapping aborted transactions of two producers in one partition are seen by no reader',
    faults:
      'two producers abort transactions that lie across each other, one with records whose key is four zero bytes',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const relay = await openRelay(context, cluster)
    const member = await relay.join()
    const committed = await writeAcross(context, cluster.brokers, relay)
    const keysOf = async (topic: string) => (await readAll(relay.kafka, topic)).map(({ key }) => String(key))
    // Group members, readers of ranges (from within the open transactions too) and followers.
    await eventually(async () => assert.ok((await readAll(relay.kafka, 'out')).length >= committed.length))
    assert.deepEqual(await keysOf('in'), committed)
    assert.deepEqual(await keysOf('out'), committed)
    const followed: string[] = []
    const follower = await relay.kafka.follow(['in'], ({ key }) => followed.push(String(key)), assert.ifError)
    await follower.caughtUp()
    assert.deepEqual(followed, committed)
    const [end] = await relay.kafka.topics.offsets('in')
    for (let from = 0; from < (end?.stable ?? 0); from++) {
      const read = await Array.fromAsync(relay.kafka.read('in', 0, from))
      assert.deepEqual(
        read.filter(({ key }) => !committed.includes(String(key))),
        [],
      )
    }
    await member.membership.leave()
    return { events: committed.length, lost: 0, duplicated: 0 }
  },
)

/** Gives the keys of what was committed, in order. */
const writeAcross = async (
  context: TestContext,
  brokers: readonly string[],
  { kafka, options }: Relay,
): Promise<readonly string[]> => {
  const topic = `${options.topicPrefix}in`
  const [first, second] = [
    await rawTransactions(context, brokers, `${options.topicPrefix}first`),
    await rawTransactions(context, brokers, `${options.topicPrefix}second`),
  ]
  const publisher = await kafka.publisher('between')
  const committed: string[] = []
  const commit = async (): Promise<void> => {
    const key = `committed ${committed.length}`
    committed.push(key)
    await publisher.publish([{ topic: 'in', partition: 0, key, value: null }])
  }
  for (let round = 0; round < 3; round++) {
    const [outer, inner] = [await first.begin(), await second.begin()]
    const write = (transaction: typeof outer, key: string | Buffer) =>
      transaction.send({ topic, messages: [{ partition: 0, key, value: 'never' }] })
    await write(outer, 'aborted')
    await commit()
    await write(inner, 'aborted')
    await write(outer, FOUR_ZEROS)
    await write(outer, 'aborted after four zeros')
    await commit()
    await write(inner, FOUR_ZEROS)
    await write(inner, 'aborted after four zeros')
    // The broker lists the one that ends first before the one that began first.
    await inner.abort()
    await write(outer, 'aborted')
    await commit()
    await outer.abort()
  }
  const kept = await first.begin()
  await kept.send({ topic, messages: [{ partition: 0, key: FOUR_ZEROS, value: 'kept' }] })
  await kept.commit()
  await commit()
  await publisher.close()
  return committed.toSpliced(-1, 0, String(FOUR_ZEROS))
}
