import { setTimeout as delay } from 'node:timers/promises'
import type {
  GroupOptions,
  Kafka,
  Membership,
  OutgoingRecord,
  Step,
  StoredRecord,
  TaskContext,
} from '../../services/kafka/kafka.ts'

/** A cluster as the contract sees it: topics and groups of one test, and the powers of a broker that the seam does not have. */
export interface KafkaUnderTest {
  readonly kafka: Kafka
  /** The same topics and groups, from another process. */
  readonly another: Kafka
  /** Another member becomes the owner of the partition without anybody being told. */
  takeOver(group: string, partition: number): Promise<void>
  /** Writes records in a transaction and aborts it. */
  appendAborted(records: readonly OutgoingRecord[]): Promise<void>
  /** Removes superseded records, as the log cleaner does; resolves when they are gone. */
  compact(topic: string): Promise<void>
  /** Removes the records before an offset, as retention does. */
  truncate(topic: string, partition: number, before: number): Promise<void>
  close(): Promise<void>
}

export type KafkaFactory = () => Promise<KafkaUnderTest>

/** Runs a test against a cluster of its own and closes it. */
export const withKafka =
  (factory: KafkaFactory, test: (under: KafkaUnderTest) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const under = await factory()
    try {
      await test(under)
    } finally {
      await under.close()
    }
  }

const patienceMs = 30_000

/** Waits until something has become true. */
export const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const end = Date.now() + patienceMs
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`Waited ${patienceMs} ms in vain until ${what}`)
    await delay(5)
  }
}

export const createTopics = (kafka: Kafka, partitions: number, ...names: readonly string[]): Promise<void> =>
  kafka.topics.create(names.map(name => ({ name, partitions, config: {} })))

export const publish = async (kafka: Kafka, records: readonly OutgoingRecord[]): Promise<void> => {
  const publisher = await kafka.publisher('test')
  await publisher.publish(records)
  await publisher.close()
}

/** Records of one topic, by keys alone. */
export const keyed = (topic: string, keys: readonly (string | number)[], partition?: number): OutgoingRecord[] =>
  keys.map(key => ({
    topic,
    key: String(key),
    value: Buffer.from(`value of ${key}`),
    ...(partition === undefined ? {} : { partition }),
  }))

export const keyOf = (record: StoredRecord): string => record.key?.toString() ?? ''

/** Every committed record of a topic, partition by partition. */
export const readAll = async (kafka: Kafka, topic: string): Promise<StoredRecord[]> => {
  const records: StoredRecord[] = []
  for (const { partition, earliest } of await kafka.topics.offsets(topic)) {
    for await (const record of kafka.read(topic, partition, earliest)) records.push(record)
  }
  return records
}

/** What happened to the tasks of a member. */
export interface Recorded {
  readonly opened: { readonly partition: number; readonly positions: ReadonlyMap<string, number> }[]
  readonly closed: number[]
  readonly records: StoredRecord[]
  /** Of the tasks that are open. */
  readonly contexts: Map<number, TaskContext>
  readonly fatal: Error[]
}

type Process = (records: readonly StoredRecord[], context: TaskContext) => Promise<void>

/** Joins a group with tasks that note what they get and then do `process`. */
export const joinRecording = async (
  kafka: Kafka,
  options: Pick<GroupOptions, 'group' | 'topics'>,
  process: Process = () => Promise.resolve(),
): Promise<{ readonly member: Membership; readonly recorded: Recorded }> => {
  const recorded: Recorded = { opened: [], closed: [], records: [], contexts: new Map(), fatal: [] }
  const member = await kafka.join({
    ...options,
    onFatal: error => recorded.fatal.push(error),
    open: context => {
      const { partition, positions } = context
      recorded.opened.push({ partition, positions })
      recorded.contexts.set(partition, context)
      return Promise.resolve({
        process: records => {
          recorded.records.push(...records)
          return process(records, context)
        },
        close: () => {
          recorded.closed.push(partition)
          if (recorded.contexts.get(partition) === context) recorded.contexts.delete(partition)
          return Promise.resolve()
        },
      })
    },
  })
  return { member, recorded }
}

/** The step that passes records on to a topic, partition by partition, and moves the input behind them. */
export const passOn = (records: readonly StoredRecord[], to: string): Step => ({
  records: records.map(({ partition, key, value }) => ({ topic: to, partition, key, value })),
  offsets: endOf(records),
})

export const endOf = (records: readonly StoredRecord[]): ReadonlyMap<string, number> => {
  const last = records.at(-1)
  return new Map(last ? [[last.topic, last.offset + 1]] : [])
}

export const contextOf = async (recorded: Recorded, partition: number): Promise<TaskContext> => {
  await until(`the task of partition ${partition} is open`, () => recorded.contexts.has(partition))
  const context = recorded.contexts.get(partition)
  if (!context) throw new Error(`The task of partition ${partition} was closed at once`)
  return context
}
