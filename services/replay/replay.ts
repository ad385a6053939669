import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SinkWrite } from '../../schemas/generated.ts'
import { keyOfWrite } from '../../topology/topics.ts'
import type { Kafka, OutgoingRecord, Publisher, StoredRecord } from '../kafka/kafka.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Codec } from '../runtime/codec.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { Chain } from './chain.ts'
import { Chosen } from './chosen.ts'
import { eventsIn } from './events.ts'
import { Pace } from './pace.ts'
import { PendingWrites } from './pending-writes.ts'
import type { ReplayRange } from './positions.ts'
import type { PresentState } from './present-state.ts'
import { type ReplayedWrite, ReplayedWrites } from './replayed-writes.ts'
import { Tally } from './tally.ts'

export interface ReplayParts {
  readonly kafka: Kafka
  readonly codec: Codec
  readonly clock: Clock
  readonly state: PresentState
}

export interface ReplayRequest {
  readonly chain: Chain
  readonly range: ReplayRange
  /** Kafka keys and aliases; all events when there are none. */
  readonly keys: readonly string[]
  /** Ends the replay between two writes. */
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  readonly events: number
  /** Offsets that were passed, and those of the whole range. */
  readonly read: number
  readonly ofRange: number
  readonly published: number
  /** Writes that wait for their turn. */
  readonly pending: number
}

export interface ReplayResult {
  readonly tally: Tally
  /** Writes by the topic that they were sent to. */
  readonly published: Readonly<Record<string, number>>
  /** Whether the signal ended it before everything was sent. */
  readonly interrupted: boolean
  /** Where to go on after an interruption, in milliseconds since the epoch; null when nothing was read, or all is done. */
  readonly goOnAt: number | null
}

/** Writes held so that equal ones are sent once; a write takes some kilobytes at most. */
const mostPending = 10_000
/** Events handled before others of the process have their turn: signals, tables, progress. */
const eventsPerTurn = 200

/**
 * Handles the range again and sends the writes to the `-replay` topics of their sinks, `rate` a second (0: as fast as Kafka takes them). It changes
 * nothing else: no row, no offset, no claim.
 */
export const runReplay = async (
  parts: ReplayParts,
  request: ReplayRequest & { readonly rate: number },
): Promise<ReplayResult> => {
  const tally = new Tally()
  const publisher = await parts.kafka.publisher('replay')
  const sending = new Sending(parts, publisher, request)
  try {
    for await (const writes of handledAgain(parts, request, tally, sending)) {
      for (const write of writes) sending.pending.add(write)
      while (sending.pending.size > mostPending && !request.signal.aborted) await sending.next()
    }
    const readAll = !request.signal.aborted
    while (sending.pending.size > 0 && !request.signal.aborted) await sending.next()
    const done = readAll && sending.pending.size === 0
    return { tally, published: sending.published, interrupted: !done, goOnAt: done ? null : sending.goOnAt() }
  } catch (error) {
    throw new ReplayBroken(error, sending.goOnAt())
  } finally {
    await publisher.close()
  }
}

/** What ended a replay before its time, and where to go on: all writes of older records are in Kafka. */
export class ReplayBroken extends Error {
  readonly goOnAt: number | null

  constructor(cause: unknown, goOnAt: number | null) {
    super('the replay was broken off', { cause })
    this.goOnAt = goOnAt
  }
}

/** Handles the whole range again and sends nothing: the writes that a replay would send. Throws `INTERRUPTED` when the signal aborts. */
export const collectWrites = async (
  parts: ReplayParts,
  request: ReplayRequest,
): Promise<{ readonly tally: Tally; readonly writes: readonly ReplayedWrite[] }> => {
  const tally = new Tally()
  const pending = new PendingWrites()
  const reading = new Reading(request, pending)
  for await (const writes of handledAgain(parts, request, tally, reading))
    for (const write of writes) pending.add(write)
  if (request.signal.aborted) throw new TributaryError('INTERRUPTED', 'The dry run was ended before it was done.')
  return { tally, writes: [...pending.all()] }
}

/** How far the range was read. */
class Reading {
  readonly pending: PendingWrites
  readonly published: Record<string, number> = {}
  readonly #request: ReplayRequest
  #events = 0
  #read = 0
  #lastOffsets = new Map<number, number>()
  /** Time of the last record handled. */
  #at: number | null = null

  constructor(request: ReplayRequest, pending = new PendingWrites()) {
    this.#request = request
    this.pending = pending
  }

  passed({ partition, offset, timestamp }: StoredRecord): void {
    const start = this.#request.range.partitions.find(range => range.partition === partition)?.from ?? offset
    this.#read += offset + 1 - (this.#lastOffsets.get(partition) ?? start)
    this.#lastOffsets.set(partition, offset + 1)
    this.#events += 1
    this.#at = timestamp
  }

  /** Of what was handled and of what still waits, the earlier; null when nothing was read. */
  goOnAt(): number | null {
    const waiting = this.pending.earliest()
    return this.#at === null || waiting === undefined ? this.#at : Math.min(this.#at, waiting)
  }

  report(): void {
    const published = Object.values(this.published).reduce((sum, count) => sum + count, 0)
    const { onProgress, range } = this.#request
    onProgress({
      ...{ events: this.#events, read: this.#read, ofRange: range.offsets },
      ...{ published, pending: this.pending.size },
    })
  }
}

class Sending extends Reading {
  readonly #codec: Codec
  readonly #state: PresentState
  readonly #publisher: Publisher
  readonly #pace: Pace

  constructor(
    { codec, clock, state }: ReplayParts,
    publisher: Publisher,
    request: ReplayRequest & { readonly rate: number },
  ) {
    super(request)
    this.#codec = codec
    this.#state = state
    this.#publisher = publisher
    this.#pace = new Pace(clock, request.rate, request.signal)
  }

  /** Sends some of the waiting writes when their turn has come. */
  async next(): Promise<void> {
    const most = await this.#pace.turn()
    if (most === 0) return
    this.#state.check()
    const writes = this.pending.take(most)
    try {
      await this.#publisher.publish(writes.map(write => this.#record(write)))
    } catch (error) {
      for (const write of writes) this.pending.add(write)
      throw error
    }
    for (const { sink } of writes) this.published[sink.replays.name] = (this.published[sink.replays.name] ?? 0) + 1
    this.report()
  }

  #record({ write, sink }: ReplayedWrite): OutgoingRecord {
    const value = this.#codec.encode<SinkWrite>(sink.replays, write)
    return { topic: sink.replays.name, key: keyOfWrite(write), value }
  }
}

/** The writes of each event of the range. */
async function* handledAgain(
  { kafka, state }: ReplayParts,
  { chain, range, keys, signal }: ReplayRequest,
  tally: Tally,
  reading: Reading,
): AsyncGenerator<readonly ReplayedWrite[]> {
  const replayed = new ReplayedWrites(chain, new Chosen(keys, state.directory), state, tally)
  for await (const record of eventsIn(kafka, chain.consumer.reads.name, range.partitions)) {
    if (signal.aborted) return
    yield await replayed.of(record)
    reading.passed(record)
    if (tally.events % eventsPerTurn !== 0) continue
    await nextTurn()
    state.check()
    reading.report()
  }
}
