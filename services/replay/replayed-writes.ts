import type { SinkWrite } from '../../schemas/generated.ts'
import type { Consumer, Sink } from '../../topology/define.ts'
import type { OutgoingRecord, StoredRecord } from '../kafka/kafka.ts'
import { partitionFor } from '../kafka/publishing/partitioner.ts'
import { TributaryError } from '../runtime/errors.ts'
import { type Chain, consumersOf } from './chain.ts'
import type { Chosen, Wanted } from './chosen.ts'
import { Handling, type HandlingParts } from './handling.ts'
import type { Tally } from './tally.ts'

/** A write that a replay asks for, as a live one would be: the same id, version and keys. */
export interface ReplayedWrite {
  readonly write: SinkWrite
  readonly sink: Sink
  /** Time of the record that it comes of, in milliseconds since the epoch: a replay that is broken off before it goes on there. */
  readonly readAt: number
}

/** A consumer emitting to a stream that leads back to it must end somewhere; live it would go on for ever. */
const mostHops = 20

/**
 * Handles records again, in the consumer and then, in memory, in those that read what it emits, until writes come out. Nothing is published. What cannot be
 * handled is counted and the rest goes on.
 */
export class ReplayedWrites {
  readonly #chain: Chain
  readonly #chosen: Chosen
  readonly #parts: HandlingParts
  readonly #tally: Tally
  readonly #handlings: ReadonlyMap<Consumer, Handling>

  constructor(chain: Chain, chosen: Chosen, parts: HandlingParts, tally: Tally) {
    this.#chain = chain
    this.#chosen = chosen
    this.#parts = parts
    this.#tally = tally
    this.#handlings = new Map(consumersOf(chain).map(consumer => [consumer, new Handling(consumer, parts)]))
  }

  /** The writes that come of one record of the consumer's input. */
  async of(record: StoredRecord): Promise<readonly ReplayedWrite[]> {
    const { consumer, followers } = this.#chain
    this.#tally.events += 1
    const wanted = await this.#wanted(record)
    if (wanted === undefined) {
      this.#tally.count(consumer.name, 'filtered')
      return []
    }
    const writes: ReplayedWrite[] = []
    let hop: { consumer: Consumer; record: StoredRecord }[] = [{ consumer, record }]
    for (let hops = 0; hop.length > 0 && hops < mostHops; hops++) {
      const next: typeof hop = []
      for (const step of hop) {
        for (const output of await this.#handle(step.consumer, step.record, record)) {
          const write = this.#writeOf(output, record)
          if (write) {
            if (wanted === 'all' || this.#isOf(write.write, wanted.person)) writes.push(write)
          } else
            next.push(
              ...(followers.get(output.topic) ?? []).map(one => ({
                consumer: one,
                record: this.#stored(output, record),
              })),
            )
        }
      }
      hop = next
    }
    return writes
  }

  async #wanted(record: StoredRecord): Promise<Wanted> {
    try {
      return await this.#chosen.wanted(
        record,
        async () => (await this.#handlings.get(this.#chain.consumer)?.whose(record)) ?? null,
      )
    } catch (error) {
      // Bytes that cannot be read name nobody.
      if (error instanceof TributaryError && error.errorClass === 'rejected') return undefined
      throw error
    }
  }

  /** @param origin the record that was read */
  async #handle(consumer: Consumer, record: StoredRecord, origin: StoredRecord): Promise<readonly OutgoingRecord[]> {
    const handled = await this.#handlings.get(consumer)?.handle(record)
    if (!handled) return []
    if (handled.outcome === 'failed') {
      const { topic, partition, offset } = origin
      const { code, message } = handled
      this.#tally.fail({ consumer: consumer.name, topic, partition, offset, code, message })
      return []
    }
    this.#tally.count(consumer.name, handled.outcome)
    return handled.outcome === 'handled' ? handled.records : []
  }

  #writeOf({ topic, value }: OutgoingRecord, { timestamp }: StoredRecord): ReplayedWrite | undefined {
    const sink = this.#chain.sinks.get(topic)
    return sink && value ? { write: this.#parts.codec.decode(sink.reads, value), sink, readAt: timestamp } : undefined
  }

  #isOf({ person }: SinkWrite, chosen: string): boolean {
    const lookup = this.#parts.directory.find(`person:${person}`)
    return lookup.status === 'known' && lookup.person.id === chosen
  }

  /** What was emitted, as its readers would find it. */
  #stored(output: OutgoingRecord, { timestamp, offset }: StoredRecord): StoredRecord {
    const key = output.key === null ? null : Buffer.from(output.key)
    const partition = output.partition ?? partitionFor(key ?? '', this.#parts.partitions)
    return { topic: output.topic, partition, offset, timestamp, key, value: output.value, headers: {} }
  }
}
