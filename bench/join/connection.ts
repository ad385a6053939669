import { connectKafka } from '../../services/kafka/connect.ts'
import type { Kafka } from '../../services/kafka/kafka.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { type Codec, createCodec } from '../../services/runtime/codec.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { connectRegistry } from '../../services/runtime/registry.ts'
import { schemaOf, topicPrefix, topics } from './records.ts'

/** Kafka and codec of the measurement, with the bench's schemas. */
export const connectBench = async (
  brokers: readonly string[],
  registryUrl: string,
): Promise<{ readonly kafka: Kafka; readonly codec: Codec }> => {
  const logger = createLogger({ level: 'error' })
  const kafka = connectKafka({ brokers, clientId: 'bench', topicPrefix, logger, clock })
  const registry = connectRegistry({ url: registryUrl })
  return { kafka, codec: await createCodec({ registry, topics, clock, topicPrefix, register: true, schemaOf }) }
}
