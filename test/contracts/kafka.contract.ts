import { followersContract } from './kafka-followers.contract.ts'
import { groupsContract } from './kafka-groups.contract.ts'
import type { KafkaFactory } from './kafka-harness.ts'
import { pausingContract } from './kafka-pausing.contract.ts'
import { recordsContract } from './kafka-records.contract.ts'
import { retentionContract } from './kafka-retention.contract.ts'

/** What every implementation of the Kafka seam does (services/kafka/kafka.ts). */
export const kafkaContract = (name: string, factory: KafkaFactory): void => {
  recordsContract(name, factory)
  followersContract(name, factory)
  groupsContract(name, factory)
  pausingContract(name, factory)
  retentionContract(name, factory)
}
