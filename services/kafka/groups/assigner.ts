import kafkajs, { type PartitionAssigner } from 'kafkajs'
import { assignPartitions } from './assignment.ts'

/**
 * Gives partition n of all topics to one member (kafkajs' own assigner splits them) and moves as few as it can.
 * @param owned what this member has now; it is told to the member that assigns
 */
export const copartitioned =
  (owned: () => readonly number[]): PartitionAssigner =>
  ({ cluster }) => {
    const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol
    const name = 'tributary-copartitioned'
    const version = 1
    return {
      name,
      version,
      protocol: ({ topics }) => ({
        name,
        metadata: MemberMetadata.encode({ version, topics, userData: encodeNumbers(owned()) }),
      }),
      assign: ({ members, topics }) => {
        const subscriptions = new Map<string, readonly string[]>()
        const claimants = members.map(({ memberId, memberMetadata }) => {
          const metadata = MemberMetadata.decode(memberMetadata)
          subscriptions.set(memberId, metadata?.topics ?? topics)
          return { member: memberId, owned: decodeNumbers(metadata?.userData) }
        })
        const count = cluster.findTopicPartitionMetadata(topics[0] ?? '').length
        const shares = [...assignPartitions(claimants, count)]
        return Promise.resolve(
          shares.map(([memberId, partitions]) => {
            const assignment = Object.fromEntries(
              (subscriptions.get(memberId) ?? []).map(topic => [topic, [...partitions]]),
            )
            return {
              memberId,
              memberAssignment: MemberAssignment.encode({ version, assignment, userData: Buffer.alloc(0) }),
            }
          }),
        )
      },
    }
  }

const encodeNumbers = (numbers: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (const [index, number] of numbers.entries()) bytes.writeInt32BE(number, index * 4)
  return bytes
}

const decodeNumbers = (bytes: Buffer | undefined): readonly number[] =>
  Array.from({ length: Math.floor((bytes?.length ?? 0) / 4) }, (_, index) => bytes?.readInt32BE(index * 4) ?? 0)
