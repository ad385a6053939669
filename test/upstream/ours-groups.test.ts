import assert from 'node:assert/strict'
import { describe } from 'node:test'
import kafkajs from 'kafkajs'
import { copartitioned } from '../../services/kafka/groups/assigner.ts'
import { notInTributary } from './still-happens.ts'

const { MemberAssignment } = kafkajs.AssignerProtocol

type Assigner = ReturnType<typeof copartitioned>

const logger = new kafkajs.Kafka({ brokers: [''] }).logger()

const assignerOf = (owned: readonly number[], partitions: number) => {
  const findTopicPartitionMetadata = () => Array.from({ length: partitions }, (_, partitionId) => ({ partitionId }))
  const cluster = { findTopicPartitionMetadata } as unknown as Parameters<Assigner>[0]['cluster']
  return copartitioned(() => owned)({ cluster, groupId: 'group', logger })
}

/** What each member gets, by topic; `owned` is what each has. */
const assign = async (owned: Readonly<Record<string, readonly number[]>>, topics: string[], partitions: number) => {
  const members = Object.entries(owned).map(([memberId, numbers]) => ({
    memberId,
    memberMetadata: assignerOf(numbers, partitions).protocol({ topics }).metadata,
  }))
  const shares = await assignerOf([], partitions).assign({ members, topics })
  return shares.map(({ memberId, memberAssignment }) => ({
    memberId,
    topics: MemberAssignment.decode(memberAssignment)?.assignment ?? {},
  }))
}

describe('Tributary, groups', () => {
  notInTributary('assigner-splits', async () => {
    const shares = await assign({ a: [], b: [] }, ['tracks', 'contacts'], 3)
    assert.equal(shares.length, 2)
    for (const { topics } of shares) assert.deepEqual(topics['tracks'], topics['contacts'])
  })

  notInTributary('assigner-forgets', async () => {
    const owned: Record<string, number[]> = { a: [], b: [0, 2], c: [1, 3] }
    for (const { memberId, topics } of await assign(owned, ['tracks'], 4)) {
      if (memberId !== 'a')
        assert.deepEqual(
          topics['tracks']?.filter(number => !owned[memberId]?.includes(number)),
          [],
        )
    }
  })
})
