import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import kafkajs, { type Admin } from 'kafkajs'
import { coordinatorPartition } from '../cluster/examine.ts'
import { atEnd } from './at-end.ts'
import { coordinates } from './coordinates.ts'
import { eventually } from './eventually.ts'

/** Moves who leads partitions, as an operator who moves load does: no broker ends, and the former leader answers that it is none. */
export interface Leaders {
  /** Makes a topic (physical name) of one partition. The broker leads it, the next ones have its replicas. */
  create(topic: string, leader: number): Promise<void>
  /** Takes its replica from the leader, so that another broker leads it when this resolves. Its replicas are as before at the test's end. */
  move(topic: string, partition?: number): Promise<void>
  /** The same for the coordinator of a transactional id (physical). Resolves when the former one has let go of it too, which is later than others are told. */
  moveCoordinator(transactionalId: string): Promise<void>
}

const COORDINATORS = '__transaction_state'
const PATIENCE_MS = 20_000

export const leadersOf = async (context: TestContext, brokers: readonly string[]): Promise<Leaders> => {
  const client = new kafkajs.Kafka({ brokers: [...brokers], clientId: 'operator', logLevel: kafkajs.logLevel.NOTHING })
  const admin = client.admin()
  atEnd(context, () => admin.disconnect())
  await admin.connect()
  const nodes = (await admin.describeCluster()).brokers.map(({ nodeId }) => nodeId).sort()
  const move = async (topic: string, partition = 0): Promise<void> => {
    const before = await placeOf(admin, topic, partition)
    const others = before.replicas.filter(node => node !== before.leader)
    atEnd(context, async () => {
      await admin.alterPartitionReassignments(reassigned(topic, partition, before.replicas))
      await eventually(async () => {
        assert.equal((await placeOf(admin, topic, partition)).isr.length, before.replicas.length)
      })
    })
    await admin.alterPartitionReassignments(reassigned(topic, partition, others))
    await eventually(async () => {
      const { leader, replicas } = await placeOf(admin, topic, partition)
      assert.deepEqual([leader === before.leader, leader >= 0, replicas.length], [false, true, others.length])
    }, PATIENCE_MS)
  }
  return {
    move,
    moveCoordinator: async transactionalId => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [COORDINATORS] })
      const partition = coordinatorPartition(transactionalId, topics[0]?.partitions.length ?? 0)
      const { leader: nodeId } = await placeOf(admin, COORDINATORS, partition)
      await coordinates(brokers, { nodeId, transactionalId, isCoordinator: true })
      await move(COORDINATORS, partition)
      await coordinates(brokers, { nodeId, transactionalId, isCoordinator: false })
    },
    create: async (topic, leader) => {
      const at = nodes.indexOf(leader)
      const replicas = [...nodes.slice(at), ...nodes.slice(0, at)]
      await admin.createTopics({
        waitForLeaders: false,
        topics: [{ topic, replicaAssignment: [{ partition: 0, replicas }] }],
      })
      await eventually(async () => assert.equal((await placeOf(admin, topic, 0)).leader, leader))
    },
  }
}

const placeOf = async (admin: Admin, topic: string, partition: number) => {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  const found = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)
  assert.ok(found, `${topic} has a partition ${partition}`)
  return found
}

const reassigned = (topic: string, partition: number, replicas: readonly number[]) => ({
  topics: [{ topic, partitionAssignment: [{ partition, replicas: [...replicas] }] }],
})
