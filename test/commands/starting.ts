import type { TestContext } from 'node:test'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { loadConfig } from '../../services/runtime/config/config.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'

export const erasureSecret = 'an-erasure-key-of-ours'

export const load = (variables: Readonly<Record<string, string>>) =>
  loadConfig({ ERASURE_SECRET: erasureSecret, ...variables }, () => '')

/** What services are started with, on a Kafka in memory that has every topic; it ends with the test. */
export const startingParts = async (context: TestContext) => {
  const kafka = memoryKafka()
  context.after(() => kafka.close())
  await kafka.topics.create(topicSpecs(pipeline.topics))
  const codec = await createCodec({
    ...{ registry: memoryRegistry(), topics: pipeline.topics, clock: systemClock, register: true },
  })
  return {
    parts: { kafka, codec, metrics: createMetrics(), logger: silentLogger },
    isTold: async (topic: string) => (await kafka.topics.offsets(topic)).some(({ stable }) => stable > 0),
  }
}
