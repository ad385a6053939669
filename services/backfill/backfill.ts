import type { Task } from '../../schemas/generated.ts'
import { tasks } from '../../topology/topics.ts'
import type { IdentityDirectory } from '../identity/directory.ts'
import type { Kafka, OutgoingRecord, Publisher } from '../kafka/kafka.ts'
import { encodedAll } from '../producers/encoded.ts'
import { isHubSpotError } from '../producers/hubspot/rest/problems.ts'
import { isSalesforceError } from '../producers/salesforce/rest/problems.ts'
import { writtenOrPassedOver } from '../producers/sweep/written.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Codec } from '../runtime/codec.ts'
import type { TributaryError } from '../runtime/errors.ts'
import type { Logger } from '../runtime/log.ts'
import { Awaiting, awaitingIn, mostAwaiting } from './awaiting.ts'
import { BackfillRun } from './marks.ts'
import { ChunkPace } from './pace.ts'
import type { BackfillPart, Chunk, PassedOver } from './part.ts'
import { type Behind, Room, type Worker } from './room.ts'

export interface BackfillParts {
  readonly kafka: Kafka
  readonly codec: Codec
  readonly clock: Clock
  readonly logger: Logger
  /** Loaded, and followed. */
  readonly directory: Pick<IdentityDirectory, 'find'>
  /** The consumer of what is told, and then the sinks that it writes to. */
  readonly workers: readonly [Worker, ...Worker[]]
}

export interface BackfillRequest {
  readonly parts: readonly BackfillPart[]
  /** Only records that were modified at or after, in milliseconds; null for all. */
  readonly since: number | null
  /** Records told in a second; 0 for no limit. */
  readonly rate: number
  /** Begins anew even if the last one was ended early. */
  readonly restart: boolean
  /** Ends it after the chunk in hand. */
  readonly signal: AbortSignal
  readonly onProgress: (progress: BackfillProgress) => void
}

export interface BackfillProgress {
  readonly part: string
  /** Records of all parts that this backfill has read, and those there are. */
  readonly read: number
  readonly total: number
  /** Records that this call has told, and for how long it has been at it, in milliseconds. */
  readonly told: number
  readonly tookMs: number
  readonly waitsFor: Behind | undefined
}

export interface PartResult {
  readonly name: string
  /** Those that the whole backfill has read, before an interruption too, and those there were. */
  readonly read: number
  readonly total: number
  /** By this call. */
  readonly told: number
  readonly passedOver: Readonly<Partial<Record<PassedOver, number>>>
  readonly done: boolean
  /** What kept it from being read; the next call goes on with it. */
  readonly problem: TributaryError | undefined
}

export interface BackfillResult {
  readonly startedAt: number
  readonly resumed: boolean
  /** Whether the signal ended it before all was read. */
  readonly interrupted: boolean
  readonly parts: readonly PartResult[]
  /** Tasks that wait for their people, those of live traffic too. */
  readonly awaiting: number
}

/** How long to wait for the consumer of what was told last, to say how many wait for their people. */
const settlesWithinMs = 30_000

/**
 * Tells every record of the parts as the live producers do, at most `rate` a second and only while the services behind have room. How far it has come lies in Kafka behind what it
 * told, so it goes on after any end; what is told twice changes nothing. A part that cannot be read keeps no other back.
 */
export const runBackfill = async (parts: BackfillParts, request: BackfillRequest): Promise<BackfillResult> => {
  const { kafka, clock } = parts
  const { signal, restart } = request
  const [consumer] = parts.workers
  const run = await BackfillRun.open({ ...parts, now: clock.now() }, request, restart)
  const publisher = await kafka.publisher('backfill')
  try {
    if (!run.isResumed) await publisher.publish(run.begin())
    const room = new Room(kafka, clock, parts.workers)
    const awaiting = new Awaiting(parts.directory, mostAwaiting - (await awaitingIn(kafka, consumer.name)))
    const telling = new Telling(parts, request, { run, publisher, room, awaiting })
    for (const part of request.parts) await telling.count(part)
    for (const part of request.parts) await telling.tell(part)
    if (!signal.aborted) await room.done(consumer.name, settlesWithinMs, signal)
    const results = telling.results()
    return {
      ...{ startedAt: run.startedAt, resumed: run.isResumed, parts: results },
      interrupted: signal.aborted && results.some(({ done }) => !done),
      awaiting: await awaitingIn(kafka, consumer.name),
    }
  } finally {
    await publisher.close()
  }
}

/** How many records of each part are there to be read. It tells nothing. */
export const countBackfill = async (
  parts: Pick<BackfillParts, 'kafka' | 'codec' | 'clock'>,
  { parts: chosen, since, restart, signal }: Pick<BackfillRequest, 'parts' | 'since' | 'restart' | 'signal'>,
): Promise<{
  readonly resumed: boolean
  readonly parts: readonly { readonly name: string; readonly left: number }[]
}> => {
  const run = await BackfillRun.open({ ...parts, now: parts.clock.now() }, { parts: chosen, since }, restart)
  const counted: { name: string; left: number }[] = []
  for (const part of chosen) {
    const { cursor: after } = run.placeOf(part)
    counted.push({ name: part.name, left: after === null ? 0 : await part.count({ since, after }, signal) })
  }
  return { resumed: run.isResumed, parts: counted }
}

interface Under {
  readonly run: BackfillRun
  readonly publisher: Publisher
  readonly room: Room
  readonly awaiting: Awaiting
}

interface Tally {
  total: number
  told: number
  passedOver: Partial<Record<PassedOver, number>>
  problem: TributaryError | undefined
}

/** One call of a backfill. */
class Telling {
  readonly #parts: BackfillParts
  readonly #request: BackfillRequest
  readonly #under: Under
  readonly #pace: ChunkPace
  readonly #tallies: ReadonlyMap<BackfillPart, Tally>
  readonly #began: number

  constructor(parts: BackfillParts, request: BackfillRequest, under: Under) {
    this.#parts = parts
    this.#request = request
    this.#under = under
    this.#pace = new ChunkPace(parts.clock, request.rate)
    this.#began = parts.clock.now()
    this.#tallies = new Map(
      request.parts.map(part => [part, { total: 0, told: 0, passedOver: {}, problem: undefined }] as const),
    )
  }

  /** How many there are is read before anything is told. */
  async count(part: BackfillPart): Promise<void> {
    const { since, signal } = this.#request
    const { cursor, read } = this.#under.run.placeOf(part)
    const tally = this.#of(part)
    await this.#unlessRefused(part, async () => {
      tally.total = read + (cursor === null ? 0 : await part.count({ since, after: cursor }, signal))
    })
  }

  async tell(part: BackfillPart): Promise<void> {
    const { since, signal } = this.#request
    const { run, publisher } = this.#under
    const { cursor: after } = run.placeOf(part)
    if (after === null || this.#of(part).problem) return
    await this.#unlessRefused(part, async () => {
      await this.#turn(part)
      for await (const chunk of part.read({ since, after }, signal)) {
        await this.#publish(part, chunk)
        this.#report(part, undefined)
        await this.#turn(part)
        if (signal.aborted) return
      }
      const { read } = run.placeOf(part)
      if (!signal.aborted) await publisher.publish([run.reach(part, { cursor: null, read })])
    })
  }

  results(): readonly PartResult[] {
    return [...this.#tallies].map(([part, { total, told, passedOver, problem }]) => {
      const { cursor, read } = this.#under.run.placeOf(part)
      return { name: part.name, read, total: Math.max(total, read), told, passedOver, done: cursor === null, problem }
    })
  }

  /** It is waited before a chunk is read, so that it is told as it is. */
  async #turn(part: BackfillPart): Promise<void> {
    const { signal } = this.#request
    await this.#pace.turn(signal)
    await this.#under.room.wait(signal, behind => this.#report(part, behind))
  }

  /** What is told, and only when Kafka has all of it how far it has come: of records that are published together it may take some and refuse others. */
  async #publish(part: BackfillPart, { told, read, passedOver, cursor }: Chunk): Promise<void> {
    const { run, publisher, awaiting } = this.#under
    const tally = this.#of(part)
    const taken = told.filter(task => awaiting.takes(task))
    const records = taken.flatMap(task => this.#written(part, task))
    const before = run.placeOf(part)
    if (records.length > 0) await publisher.publish(records)
    await publisher.publish([run.reach(part, { cursor, read: before.read + read })])
    this.#pace.told(records.length)
    tally.told += records.length
    const others = { strangers: told.length - taken.length, unwritable: taken.length - records.length }
    for (const [why, count] of Object.entries({ ...passedOver, ...others }) as [PassedOver, number][])
      if (count > 0) tally.passedOver[why] = (tally.passedOver[why] ?? 0) + count
  }

  #written({ vendor }: BackfillPart, task: Task): readonly OutgoingRecord[] {
    const { codec, logger } = this.#parts
    return writtenOrPassedOver(() => encodedAll(codec, [], [{ stream: tasks, value: task }]), { vendor, logger })
  }

  /** What a vendor refuses is kept for the result, unless the call was ended. */
  async #unlessRefused(part: BackfillPart, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!isHubSpotError(error) && !isSalesforceError(error)) throw error
      if (!this.#request.signal.aborted) this.#of(part).problem = error
    }
  }

  #of(part: BackfillPart): Tally {
    const tally = this.#tallies.get(part)
    if (!tally) throw new Error(`${part.name} is no part of this backfill`)
    return tally
  }

  #report({ name }: BackfillPart, waitsFor: Behind | undefined): void {
    const results = this.results()
    const sum = (of: (result: PartResult) => number): number => results.reduce((all, one) => all + of(one), 0)
    this.#request.onProgress({
      part: name,
      ...{ read: sum(({ read }) => read), total: sum(({ total }) => total), told: sum(({ told }) => told) },
      ...{ tookMs: this.#parts.clock.now() - this.#began, waitsFor },
    })
  }
}
