import type { HubSpotProperties } from '../../../../topology/hubspot-properties.ts'
import type { OutgoingRecord, TaskContext } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { hashOf } from '../../sweep/hashes.ts'
import type { Marks } from '../../sweep/marks.ts'
import type { Sweeper } from '../../sweep/running.ts'
import { writtenOrPassedOver } from '../../sweep/written.ts'
import { type ObjectType, objectTypes, propertiesOf } from '../object-types.ts'
import { recordsOf } from '../outgoing.ts'
import type { Found, HubSpotReader } from '../rest/client.ts'
import { type HubSpotError, isHubSpotError } from '../rest/problems.ts'
import { overlapMs } from './limits.ts'
import { modifiedRecords } from './modified.ts'
import { readRecord } from './read-record.ts'

/** Of each type until when all is told, and of each record what was told last. */
export type HubSpotMarks = Marks<string, ObjectType['path']>

export interface SweepParts {
  readonly reader: HubSpotReader
  readonly properties: HubSpotProperties
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/** What a sweep works in: its transactions, how far it has come, and when to give up what is being read. */
interface Under {
  readonly context: TaskContext
  readonly marks: HubSpotMarks
  readonly ended: AbortSignal
}

/** Reads the records that were modified, at first and after a change of the properties all of them. Page by page, what it tells and how far it has come are committed together. */
export class Sweep implements Sweeper {
  readonly #parts: SweepParts
  readonly #under: Under
  #reading: { readonly path: string; readonly left: number } | undefined

  constructor(parts: SweepParts, under: Under) {
    this.#parts = parts
    this.#under = under
  }

  async sweep(): Promise<HubSpotError | undefined> {
    /** One type that cannot be read, for want of a scope, keeps no other from being read. */
    let problem: HubSpotError | undefined
    for (const type of objectTypes) {
      try {
        await this.#sweepType(type)
      } catch (error) {
        if (this.#under.ended.aborted) return undefined
        if (!isHubSpotError(error)) throw error
        problem ??= error
      } finally {
        this.#reading = undefined
      }
    }
    return problem
  }

  progress(): string | undefined {
    const { path, left } = this.#reading ?? { path: '', left: 0 }
    return left === 0 ? undefined : `Reads ${path} of HubSpot: ${left.toLocaleString('en-US')} are left`
  }

  async #sweepType(type: ObjectType): Promise<void> {
    const { reader, properties: chosen, clock, metrics } = this.#parts
    const { context, marks, ended } = this.#under
    const began = clock.now()
    const properties = propertiesOf(type, chosen)
    // What is read by other properties is told anew, since each record may have them.
    const asked = hashOf(properties.toSorted().join('\n'))
    const last = marks.reached(type.path)
    let until = last?.content === asked ? last.time : 0
    const since = Math.max(0, until - overlapMs)
    const read = modifiedRecords(reader, type, { properties: [...properties, type.modified], since }, ended)
    for await (const { records, reached, left } of read) {
      const told = records.flatMap(record => this.#told(record, type))
      until = Math.max(until, Math.min(reached, began))
      this.#reading = { path: type.path, left }
      metrics.set('tributary_hubspot_sweep_left', { what: type.path }, left)
      if (told.length > 0 || left > 0)
        await context.commit({ records: [...told, marks.reach(type.path, until, asked)], offsets: new Map() })
    }
    await context.commit({ records: [marks.reach(type.path, began, asked)], offsets: new Map() })
  }

  /** Nothing for what was told already, and for what cannot be written: one record must not keep the others back. */
  #told(found: Found, type: ObjectType): readonly OutgoingRecord[] {
    const { properties: chosen, codec, clock, metrics } = this.#parts
    const { marks } = this.#under
    const receivedAt = clock.now()
    const read = readRecord(found, type, { chosen, receivedAt })
    if (!read || marks.isTold(type.name, read.id, read.content)) return []
    const records = this.#written(() => recordsOf(codec, read))
    if (records.length === 0) return []
    metrics.increment('tributary_hubspot_swept_total', { what: type.path })
    return [...records, marks.tell(type.name, read.id, read.content, receivedAt)]
  }

  #written(write: () => readonly OutgoingRecord[]): readonly OutgoingRecord[] {
    const { logger, metrics } = this.#parts
    const onPassedOver = (what: string): void => metrics.increment('tributary_hubspot_swept_total', { what })
    return writtenOrPassedOver(write, { vendor: 'hubspot', logger, onPassedOver })
  }
}
