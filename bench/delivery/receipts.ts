import type { Receipt } from '../../schemas/generated.ts'
import { connectKafka } from '../../services/kafka/connect.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { connectRegistry } from '../../services/runtime/registry.ts'
import { storedValues } from '../../services/runtime/stored-values.ts'
import { receipts } from '../../topology/topics.ts'

/** Every receipt in the topic. */
export const readReceipts = async (brokers: readonly string[], registryUrl: string): Promise<readonly Receipt[]> => {
  const kafka = connectKafka({
    ...{ brokers, clientId: 'bench', topicPrefix: '', clock, logger: createLogger({ level: 'error' }) },
  })
  const registry = connectRegistry({ url: registryUrl })
  const codec = await createCodec({ registry, topics: [receipts], clock, register: false })
  const found: Receipt[] = []
  for await (const { value } of storedValues({ kafka, codec }, receipts)) if (value) found.push(value)
  await kafka.close()
  return found
}
