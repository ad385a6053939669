import type { Kafka } from '../../services/kafka/kafka.ts'

/** All values of one header in one topic. */
export interface HeaderValues {
  readonly topic: string
  readonly header: string
  /** Each once, with the place of its first record. */
  readonly values: ReadonlyMap<string, { readonly partition: number; readonly offset: number }>
}

/** The headers of all committed records of all topics with the prefix of this connection. */
export const readHeaders = async (kafka: Kafka): Promise<readonly HeaderValues[]> => {
  const topics = (await kafka.topics.describe()).map(({ name }) => name)
  const found: HeaderValues[] = []
  for (const topic of topics) {
    try {
      found.push(...(await headersOf(kafka, topic)))
    } catch (error) {
      throw new Error(`The headers of ${topic} could not be read: ${(error as Error).message}`, { cause: error })
    }
  }
  return found
}

const headersOf = async (kafka: Kafka, topic: string): Promise<readonly HeaderValues[]> => {
  const byHeader = new Map<string, Map<string, { readonly partition: number; readonly offset: number }>>()
  for (const { partition, earliest } of await kafka.topics.offsets(topic)) {
    for await (const { headers, offset } of kafka.read(topic, partition, earliest)) {
      for (const [header, value] of Object.entries(headers)) {
        const values = byHeader.get(header) ?? new Map()
        byHeader.set(header, values)
        const text = value.toString('utf8')
        if (!values.has(text)) values.set(text, { partition, offset })
      }
    }
  }
  return [...byHeader].map(([header, values]) => ({ topic, header, values }))
}
