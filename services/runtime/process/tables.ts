import type { Identity } from '../../../schemas/generated.ts'
import { identities } from '../../../topology/topics.ts'
import { detached } from '../../kafka/detached.ts'
import type { Follower, Kafka, StoredRecord } from '../../kafka/kafka.ts'
import type { Codec } from '../codec.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'

/** The latest value of each key of one partition of a state topic, as bytes, grouped as its consumer asks for them. */
export interface PartitionView {
  /** Resolves when everything committed before the call is here. */
  caughtUp(): Promise<void>
  /** Rows of a group by row key, with the record they came in; its key is left out. */
  group(name: string): ReadonlyMap<string, StoredRecord>
  groups(): Iterable<string>
  /** The offset after the last record that is here. */
  position(): number
}

/** All tables that a process reads, followed whole by one follower. They are caches: Kafka holds the truth. */
export interface Tables {
  /** Resolves when everything committed in the topic before the call is here. */
  caughtUp(topic: string): Promise<void>
  partition(topic: string, partition: number): PartitionView
  close(): Promise<void>
}

type Groups = Map<string, Map<string, StoredRecord>>
const nothing: ReadonlyMap<string, StoredRecord> = new Map()

export const startTables = async (options: {
  readonly kafka: Kafka
  readonly codec: Codec
  readonly logger: Logger
  readonly metrics: Metrics
  /** Takes each row of `identities`, in order. */
  readonly directory: { apply(key: string, row: Identity | null): void }
  /** State topics and the group that each of their row keys belongs to. */
  readonly state: ReadonlyMap<string, (rowKey: string) => string>
  readonly onFatal: (error: Error) => void
}): Promise<Tables> => {
  const state = new Map<string, Map<number, Groups>>()
  const identityRows = new IdentityRows(options)
  const apply = (record: StoredRecord): void => {
    if (record.topic === identities.name) identityRows.apply(record)
    else keep(state, record, options.state.get(record.topic))
  }
  const follower = await options.kafka.follow([identities.name, ...options.state.keys()], apply, options.onFatal)
  return {
    caughtUp: topic => caughtUp(follower, identityRows, topic),
    partition: (topic, partition) => ({
      caughtUp: () => follower.caughtUp(topic, partition),
      group: name => state.get(topic)?.get(partition)?.get(name) ?? nothing,
      groups: () => state.get(topic)?.get(partition)?.keys() ?? [],
      position: () => follower.position(topic, partition),
    }),
    close: () => follower.close(),
  }
}

const caughtUp = async (follower: Follower, identityRows: IdentityRows, topic: string): Promise<void> => {
  await follower.caughtUp(topic)
  if (topic === identities.name) await identityRows.settled()
}

const keep = (
  state: Map<string, Map<number, Groups>>,
  record: StoredRecord,
  groupOf: ((rowKey: string) => string) | undefined,
): void => {
  if (record.key === null || !groupOf) return
  const key = record.key.toString()
  const group = groupOf(key)
  const partitions = state.get(record.topic) ?? new Map<number, Groups>()
  state.set(record.topic, partitions)
  const groups = partitions.get(record.partition) ?? new Map<string, Map<string, StoredRecord>>()
  partitions.set(record.partition, groups)
  const rows = groups.get(group) ?? new Map<string, StoredRecord>()
  if (record.value === null) rows.delete(key)
  else rows.set(key, detached({ ...record, key: null }))
  if (rows.size === 0) groups.delete(group)
  else groups.set(group, rows)
}

/** Decodes identities as they come; when a schema has to be fetched first, rows wait in order behind it. */
class IdentityRows {
  readonly #options: Parameters<typeof startTables>[0]
  #waiting: StoredRecord[] = []
  #fetching: Promise<void> | undefined

  constructor(options: Parameters<typeof startTables>[0]) {
    this.#options = options
  }

  apply(record: StoredRecord): void {
    if (this.#fetching) {
      this.#waiting.push(record)
      return
    }
    const schema = this.#options.codec.prepare([record.value])
    if (!schema) this.#take(record)
    else {
      this.#waiting.push(record)
      this.#fetching = this.#drainAfter(schema)
    }
  }

  async settled(): Promise<void> {
    while (this.#fetching) await this.#fetching
  }

  async #drainAfter(schema: Promise<void>): Promise<void> {
    try {
      await schema
      while (this.#waiting.length > 0) {
        await this.#options.codec.prepare(this.#waiting.map(record => record.value))
        for (const record of this.#waiting.splice(0)) this.#take(record)
      }
    } catch (error) {
      this.#options.onFatal(error instanceof Error ? error : new Error('identities could not be read'))
    } finally {
      this.#fetching = undefined
    }
  }

  #take(record: StoredRecord): void {
    if (record.key === null) return
    try {
      const row = record.value === null ? null : this.#options.codec.decode(identities, record.value)
      this.#options.directory.apply(record.key.toString(), row)
    } catch (error) {
      const { topic, partition, offset } = record
      this.#options.logger.error(
        { topic, partition, offset, error },
        'a row of identities was passed over: it cannot be read',
      )
      this.#options.metrics.increment('tributary_dead_letters_total', { service: 'identities', code: 'UNDECODABLE' })
    }
  }
}
