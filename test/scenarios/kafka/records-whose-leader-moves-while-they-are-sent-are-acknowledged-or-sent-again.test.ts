/*
 * Guard: services/kafka/publishing/outgoing.ts
 * -   if (found?.errorCode === 0 && offset >= 0) return offset
 * +   return offset
 */
import assert from 'node:assert/strict'
import type { Kafka, OutgoingRecord } from '../../../services/kafka/kafka.ts'
import type { TestCluster } from '../../cluster/cluster.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { type Leaders, leadersOf } from '../leaders.ts'
import { openRelay, type Relay, readAll, untilDone } from '../relay.ts'
import { scenario } from '../scenario.ts'

interface Moving {
  readonly cluster: TestCluster
  readonly relay: Relay
  readonly leaders: Leaders
}

const COUNT = 20
const keys = Array.from({ length: COUNT }, (_, index) => `record ${index}`)

scenario(
  {
    id: '6',
    sentence: 'records whose leader moves while they are sent are acknowledged or sent again, not taken for sent',
    faults:
      'the leader of one of two partitions moves to the broker that has answered for the other, under a publisher and in a transaction',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const relay = await openRelay(context, cluster)
    const moving = { cluster, relay, leaders: await leadersOf(context, cluster.brokers) }
    const published = await publishing(moving)
    const committed = await committing(moving)
    return { events: 4 * COUNT, lost: published.lost + committed.lost, duplicated: committed.duplicated }
  },
)

/** A publisher's records may come twice when it was not told of them, but what it was told of is there. */
const publishing = async (moving: Moving): Promise<Difference> => {
  const { kafka } = moving.relay
  const publisher = await kafka.publisher('test')
  const topics = { stays: 'published-stays', moves: 'published-moves' }
  await whileMoving(moving, topics, () => untilDone(() => publisher.publish(recordsTo(topics))))
  const found = await differenceIn(kafka, topics)
  assert.equal(found.lost, 0)
  return found
}

/** A transaction's records are all there, once, when its input is behind them. */
const committing = async (moving: Moving): Promise<Difference> => {
  const { kafka, tell } = moving.relay
  const topics = { stays: 'committed-stays', moves: 'committed-moves' }
  const through = Promise.withResolvers<void>()
  const refused: unknown[] = []
  const member = await kafka.join({
    group: 'mover',
    topics: ['in'],
    onFatal: through.reject,
    open: context =>
      Promise.resolve({
        process: async ([first]) => {
          const offsets = new Map([['in', (first?.offset ?? 0) + 1]])
          await context.commit({ records: recordsTo(topics), offsets }).catch(error => {
            refused.push((error as { code?: string }).code)
            throw error
          })
          through.resolve()
        },
        close: () => Promise.resolve(),
      }),
  })
  await whileMoving(moving, topics, async () => {
    await tell(1)
    await through.promise
  })
  assert.deepEqual(refused, ['TASK_FENCED'])
  await member.leave()
  const found = await eventually(async () => {
    const seen = await differenceIn(kafka, topics)
    assert.equal(seen.lost, 0)
    return seen
  })
  assert.deepEqual(found, { lost: 0, duplicated: 0 })
  return found
}

interface Topics {
  readonly stays: string
  readonly moves: string
}

/**
 * Makes the two topics and does `send`, in the middle of which one gets the leader of the other: kafkajs then resolves, and loses what was for the leader that moved,
 * because the new one has answered already.
 */
const whileMoving = async (
  { cluster, relay, leaders }: Moving,
  topics: Topics,
  send: () => Promise<unknown>,
): Promise<void> => {
  const [former, next] = cluster.nodes
  const [stays, moves] = [`${relay.options.topicPrefix}${topics.stays}`, `${relay.options.topicPrefix}${topics.moves}`]
  await leaders.create(stays, next?.id ?? 0)
  await leaders.create(moves, former?.id ?? 0)
  const held = await cluster.trap({ api: 'Produce', hold: 'request', containing: moves })
  const answered = await cluster.trap({ api: 'Produce', hold: 'answer', containing: stays })
  const sent = send()
  await Promise.all([held.sprung(), answered.sprung()])
  await answered.release()
  await leaders.move(moves)
  assert.equal((await cluster.leaderOf(moves, 0)).id, next?.id)
  await held.release()
  await sent
}

const recordsTo = ({ stays, moves }: Topics): readonly OutgoingRecord[] =>
  [stays, moves].flatMap(topic => keys.map(key => ({ topic, partition: 0, key, value: null })))

interface Difference {
  readonly lost: number
  readonly duplicated: number
}

const differenceIn = async (kafka: Kafka, { stays, moves }: Topics): Promise<Difference> => {
  const found = [...(await readAll(kafka, stays)), ...(await readAll(kafka, moves))]
  const places = new Set(found.map(({ topic, key }) => `${topic} ${key}`))
  return { lost: 2 * COUNT - places.size, duplicated: found.length - places.size }
}
