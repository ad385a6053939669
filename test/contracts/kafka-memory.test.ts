import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { kafkaContract } from './kafka.contract.ts'

kafkaContract('Kafka in memory', () => {
  const kafka = memoryKafka()
  return Promise.resolve({
    kafka,
    another: kafka,
    takeOver: (group, partition) => Promise.resolve(kafka.takeOver(group, partition)),
    appendAborted: records => Promise.resolve(kafka.appendAborted(records)),
    compact: topic => Promise.resolve(kafka.compact(topic)),
    truncate: (topic, partition, before) => Promise.resolve(kafka.truncate(topic, partition, before)),
    close: () => kafka.close(),
  })
})
