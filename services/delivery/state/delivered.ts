import type { Delivered } from '../../../schemas/generated.ts'
import { delivered as deliveredTopic } from '../../../topology/topics.ts'
import { detachedBytes } from '../../kafka/detached.ts'
import type { Appended, Follower, Kafka, OutgoingRecord, StoredRecord } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import type { Logger } from '../../runtime/log.ts'
import type { Destination } from '../destination.ts'
import { LatelyMade } from './lately-made.ts'

/**
 * What a destination's records hold of ours, as the topic says. Followed by every process, so that a standby can take over at once. Values stay bytes
 * until they are asked for: a million rows are a million small buffers, not a million trees of objects.
 */
export interface DeliveredTable {
  /** Resolves when everything committed before the call is here and readable. */
  caughtUp(): Promise<void>
  get(key: string): Delivered | undefined
  keys(): Iterable<string>
  /** The offset after the last record applied. */
  position(partition: number): number
  close(): Promise<void>
}

export const followDelivered = async (options: {
  readonly kafka: Kafka
  readonly codec: Codec
  readonly logger: Logger
  /** Only rows of their objects, and of those that these belong to, are kept: a vendor's sinks share the topic, not the memory. */
  readonly of: readonly Pick<Destination, 'name' | 'objects'>[]
  readonly onFatal: (error: Error) => void
}): Promise<DeliveredTable> => {
  const { kafka, codec, logger, onFatal } = options
  const prefixes = [...new Set(options.of.flatMap(prefixesOf))]
  const rows = new Map<string, Buffer>()
  const schemas = new Set<Promise<void>>()
  const learnSchema = (value: Buffer): void => {
    const learning = codec.prepare([value])
    if (!learning) return
    const tracked = learning.catch(onFatal).finally(() => schemas.delete(tracked))
    schemas.add(tracked)
  }
  const apply = ({ key: bytes, value }: StoredRecord): void => {
    const key = bytes?.toString()
    if (key === undefined || !prefixes.some(prefix => key.startsWith(prefix))) return
    if (value === null) {
      rows.delete(key)
      return
    }
    // A copy: a slice would keep the whole fetched batch alive.
    rows.set(key, detachedBytes(value))
    learnSchema(value)
  }
  const follower: Follower = await kafka.follow([deliveredTopic.name], apply, onFatal)
  return {
    caughtUp: async () => {
      await follower.caughtUp(deliveredTopic.name)
      await Promise.all(schemas)
    },
    get: key => {
      const bytes = rows.get(key)
      if (!bytes) return undefined
      try {
        return codec.decode(deliveredTopic, bytes)
      } catch (error) {
        // Foreign bytes: without this row the fields are sent once more, which sets them to what they are.
        logger.error({ topic: deliveredTopic.name, error }, 'a delivered row was passed over: it cannot be read')
        rows.delete(key)
        return undefined
      }
    },
    keys: () => rows.keys(),
    position: partition => follower.position(deliveredTopic.name, partition),
    close: () => follower.close(),
  }
}

/** How the keys of the rows begin that a destination's sink may write or follow. */
const prefixesOf = ({ name, objects }: Pick<Destination, 'name' | 'objects'>): readonly string[] =>
  Object.entries(objects).flatMap(([object, facts]) =>
    [object, ...(facts.kind === 'record' ? [] : (facts.of ?? []))].map(one => `${name}:${one}:`),
  )

/** A changed row on its way into the topic; null removes it. */
export interface DeliveredChange {
  readonly key: string
  readonly row: Delivered | null
}

interface OwnRow {
  readonly change: DeliveredChange
  /** Where it was appended; undefined until its commit is known. */
  appended?: Appended
}

/**
 * The table as one task sees it: its own changes before the follower brings them back. A task starts without any: what a former owner or this
 * process did before is in the topic.
 */
export class DeliveredState {
  /** What has no row. */
  readonly lately = new LatelyMade()
  readonly #table: DeliveredTable
  readonly #own = new Map<string, OwnRow>()

  constructor(table: DeliveredTable) {
    this.#table = table
  }

  get(key: string): Delivered | undefined {
    const own = this.#own.get(key)
    if (!own) return this.#table.get(key)
    if (own.appended && this.#table.position(own.appended.partition) > own.appended.offset) {
      this.#own.delete(key)
      return this.#table.get(key)
    }
    return own.change.row ?? undefined
  }

  /** Keys of rows, of changed ones perhaps twice. */
  *keys(): Iterable<string> {
    yield* this.#own.keys()
    yield* this.#table.keys()
  }

  set(key: string, row: Delivered | null): DeliveredChange {
    const change = { key, row }
    this.#own.set(key, { change })
    return change
  }

  /** The changes are in the topic; ones that the follower has applied already are dropped here. */
  committed(changes: readonly DeliveredChange[], appended: readonly Appended[]): void {
    for (const [index, change] of changes.entries()) {
      const own = this.#own.get(change.key)
      const place = appended[index]
      if (own?.change === change && place) own.appended = place
    }
  }

  /** Drops own rows that the follower has passed; call it now and then so that rows nobody asks for do not stay. */
  sweep(): void {
    for (const [key, { appended }] of this.#own) {
      if (appended && this.#table.position(appended.partition) > appended.offset) this.#own.delete(key)
    }
  }

  /** Own rows held, for the tests of memory bounds. */
  get size(): number {
    return this.#own.size
  }
}

export const deliveredRecord = (codec: Codec, { key, row }: DeliveredChange): OutgoingRecord => ({
  topic: deliveredTopic.name,
  key,
  value: row === null ? null : codec.encode(deliveredTopic, row),
})
