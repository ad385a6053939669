import type { Task as ToldTask } from '../../../../schemas/generated.ts'
import { recordNotices, tasks } from '../../../../topology/topics.ts'
import type { OutgoingRecord, StoredRecord, Task, TaskContext } from '../../../kafka/kafka.ts'
import type { Codec } from '../../../runtime/codec.ts'
import { decodedIfReadable } from '../../../runtime/decoded-if-readable.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { encodedAll } from '../../encoded.ts'
import { writtenOrPassedOver } from '../../sweep/written.ts'
import { batchRecordsWithHistory } from '../rest/limits.ts'
import { type HubSpotError, isHubSpotError } from '../rest/problems.ts'
import { type NoticedRecord, type Reading, type ReadingParts, readActivities } from './reading.ts'
import type { ActivityType } from './types.ts'
import { type Run, WaitingNotices } from './waiting.ts'

export interface ActivitiesParts extends ReadingParts {
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly random: () => number
  /** What does not work, for the status, by what it is about; undefined when it works again. */
  readonly onProblem: (about: string, problem: HubSpotError | undefined) => void
}

/** Notices that wait in memory; then no more are read. */
const mostWaiting = 5_000
/** What somebody does to a record comes as several webhooks, one for each property and association: they are gathered for so long, and read once. */
const gatherMs = 250
/** After a reading that failed, when HubSpot's client has given up: full jitter up to first · 2ⁿ, for as long as it takes. */
export const retryMs = { first: 5_000, longest: 60_000 } as const

/**
 * One partition of `record-notices`: the records of each run of notices are read, and what they hold is told and the offset moved in one transaction. Repeated after a crash it
 * tells what is there then. While HubSpot cannot be read nothing is told, and the notices wait in Kafka.
 */
export class ActivitiesTask implements Task {
  readonly #parts: ActivitiesParts
  readonly #context: TaskContext
  readonly #waiting = new WaitingNotices(batchRecordsWithHistory)
  readonly #ending = new AbortController()
  readonly #ended: AbortSignal
  readonly #work: Promise<void>
  #wake: () => void = () => undefined
  #isPaused = false

  constructor(parts: ActivitiesParts, context: TaskContext) {
    this.#parts = parts
    this.#context = context
    this.#ended = AbortSignal.any([context.signal, this.#ending.signal])
    this.#ended.addEventListener('abort', () => this.#wake(), { once: true })
    this.#work = this.#handleRuns().catch(error => {
      if (!context.signal.aborted) context.fail(error)
    })
  }

  async process(records: readonly StoredRecord[]): Promise<void> {
    const { codec } = this.#parts
    const learning = codec.prepare(records.map(({ value }) => value))
    if (learning) await learning
    for (const { value, offset } of records)
      this.#waiting.add(decodedIfReadable(codec, recordNotices, value) ?? null, offset)
    if (this.#waiting.size >= mostWaiting) {
      this.#isPaused = true
      this.#context.pause(recordNotices.name)
    }
    this.#wake()
  }

  /** Gives up what is being read of HubSpot: it is read again from the committed offset. A transaction under way is finished. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.#work
  }

  async #handleRuns(): Promise<void> {
    while (!this.#ended.aborted) {
      if (this.#waiting.size === 0) {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
        continue
      }
      if (this.#waiting.size < batchRecordsWithHistory) await this.#parts.clock.sleep(gatherMs, this.#ended)
      const run = this.#waiting.next()
      const records = await this.#readRun(run)
      if (this.#ended.aborted) return
      await this.#context.commit({ records, offsets: new Map([[recordNotices.name, run.offset]]) })
      this.#waiting.done(run)
      if (this.#isPaused && this.#waiting.size < mostWaiting / 2) {
        this.#isPaused = false
        this.#context.resume(recordNotices.name)
      }
    }
  }

  async #readRun({ records, strange }: Run): Promise<readonly OutgoingRecord[]> {
    this.#count('strange', strange)
    const outgoing: OutgoingRecord[] = []
    for (const [type, noticed] of records) {
      const reading = await this.#readUntilAnswered(type, noticed)
      if (!reading) continue
      outgoing.push(...reading.told.flatMap(told => this.#written(type, told)))
      this.#count('missing', reading.missing)
      this.#count('refused', reading.refused)
    }
    return outgoing
  }

  /** Undefined when the task ends meanwhile, and for a type that the app may not read: it keeps no other back, and the sweep notices what changed as soon as the scope is there. */
  async #readUntilAnswered(type: ActivityType, noticed: readonly NoticedRecord[]): Promise<Reading | undefined> {
    const { clock, random, logger, onProblem } = this.#parts
    for (let failures = 1; !this.#ended.aborted; failures++) {
      try {
        const reading = await readActivities(this.#parts, type, noticed, this.#ended)
        onProblem(type.path, undefined)
        return reading
      } catch (error) {
        if (!isHubSpotError(error)) throw error
        if (this.#ended.aborted) return undefined
        onProblem(type.path, error)
        logger.warn({ vendor: 'hubspot', attempt: failures, error }, 'Activities of HubSpot could not be read')
        if (error.code === 'HUBSPOT_SCOPES_MISSING' && error.scope === type.scope) {
          this.#count('forbidden', noticed.length)
          return undefined
        }
        await clock.sleep(random() * Math.min(retryMs.longest, retryMs.first * 2 ** failures), this.#ended)
      }
    }
    return undefined
  }

  #written({ path }: ActivityType, told: ToldTask): readonly OutgoingRecord[] {
    const { codec, logger } = this.#parts
    const onPassedOver = (why: string): void => this.#count(why, 1)
    const write = (): readonly OutgoingRecord[] => encodedAll(codec, [], [{ stream: tasks, value: told }])
    const records = writtenOrPassedOver(write, { vendor: 'hubspot', logger, onPassedOver })
    this.#count(path, records.length)
    return records
  }

  #count(what: string, records: number): void {
    if (records > 0) this.#parts.metrics.increment('tributary_hubspot_activities_total', { what }, records)
  }
}
