import { eventUsage } from '../../../../topology/topics.ts'
import type { Follower, Kafka, Publisher, StoredRecord } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import type { BudgetAccount, UsageLog } from './budget.ts'

export interface UsageLogOptions {
  readonly kafka: Pick<Kafka, 'follow' | 'publisher'>
  readonly codec: Codec
  readonly clock: Clock
  /** Of this process alone: a new one at each start. */
  readonly writer: string
  readonly onFatal: (error: Error) => void
}

export interface KafkaUsageLog extends UsageLog {
  close(): Promise<void>
}

/** Which row it is; as a key `<destination>:<account>:<month>:<writer>`. */
export interface UsageKey {
  readonly account: string
  readonly month: string
  readonly writer: string
}

const destination = 'hubspot'

export const usageKeyIn = (key: string): UsageKey | undefined => {
  const [vendor, account, month, writer, ...rest] = key.split(':')
  if (vendor !== destination || !account || !month || !writer || rest.length > 0) return undefined
  return { account, month, writer }
}

interface Connected {
  readonly follower: Follower
  readonly publisher: Publisher
}

interface Row extends UsageKey {
  readonly value: Buffer
  /** Once it was read. */
  reserved?: number
}

/** The usage in the table `event-usage`. Nothing is opened before it is needed. */
export const kafkaUsageLog = (options: UsageLogOptions): KafkaUsageLog => new InKafka(options)

class InKafka implements KafkaUsageLog {
  readonly #options: UsageLogOptions
  /** One for each process and month, until the month is long over. */
  readonly #rows = new Map<string, Row>()
  /** Schemas that are being fetched. */
  readonly #learning = new Set<Promise<void>>()
  #connecting: Promise<Connected> | undefined

  constructor(options: UsageLogOptions) {
    this.#options = options
  }

  async caughtUp(): Promise<void> {
    const { follower } = await this.#connect()
    await follower.caughtUp()
    await Promise.all(this.#learning)
  }

  ofOthers({ portalId }: BudgetAccount, month: string): number {
    let sum = 0
    for (const row of this.#rows.values())
      if (row.account === portalId && row.month === month && row.writer !== this.#options.writer)
        sum += this.#reservedIn(row)
    return sum
  }

  async count({ portalId: account, timeZone }: BudgetAccount, month: string, reserved: number): Promise<void> {
    const { codec, clock, writer } = this.#options
    const { publisher } = await this.#connect()
    const value = codec.encode(eventUsage, { destination, account, month, timeZone, writer, reserved, at: clock.now() })
    const topic = eventUsage.name
    const former = this.#longOver(month).map(key => ({ topic, key, value: null }))
    await publisher.publish([{ topic, key: `${destination}:${account}:${month}:${writer}`, value }, ...former])
    for (const { key } of former) this.#rows.delete(key)
  }

  async close(): Promise<void> {
    const connected = await this.#connecting?.catch(() => undefined)
    await connected?.publisher.close()
    await connected?.follower.close()
  }

  /** A row that cannot be read was written by nobody who counts; one whose schema is still being fetched can be read in a moment. */
  #reservedIn(row: Row): number {
    try {
      row.reserved ??= this.#options.codec.decode(eventUsage, row.value).reserved
      return row.reserved
    } catch {
      return 0
    }
  }

  #learn(value: Buffer): void {
    const learning = this.#options.codec.prepare([value])
    if (!learning) return
    const tracked = learning.catch(this.#options.onFatal).finally(() => this.#learning.delete(tracked))
    this.#learning.add(tracked)
  }

  /** Keys of rows before the last month: nobody asks for them any more. */
  #longOver(month: string): readonly string[] {
    const [year = 0, number = 1] = month.split('-').map(Number)
    const last = new Date(Date.UTC(year, number - 2)).toISOString().slice(0, month.length)
    return [...this.#rows].flatMap(([key, row]) => (row.month < last ? [key] : []))
  }

  #connect(): Promise<Connected> {
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = undefined
      throw error
    })
    return this.#connecting
  }

  async #open(): Promise<Connected> {
    const { kafka, onFatal } = this.#options
    const publisher = await kafka.publisher('event-usage')
    const follower = await kafka.follow([eventUsage.name], record => this.#apply(record), onFatal)
    return { follower, publisher }
  }

  #apply({ key: bytes, value }: StoredRecord): void {
    const key = bytes?.toString() ?? ''
    const facts = usageKeyIn(key)
    if (!facts) return
    if (value === null) {
      this.#rows.delete(key)
      return
    }
    // A copy: a slice would keep the whole fetched batch alive.
    this.#rows.set(key, { ...facts, value: Buffer.from(value) })
    this.#learn(value)
  }
}
