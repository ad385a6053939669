import type { HubSpotProperties } from '../../../../topology/hubspot-properties.ts'
import type { OutgoingRecord } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { firstProblemOf } from '../../sweep/first-problem.ts'
import { hashOf } from '../../sweep/hashes.ts'
import type { Marks } from '../../sweep/marks.ts'
import type { Sweeper, Under } from '../../sweep/running.ts'
import { readingFrom } from '../../sweep/since.ts'
import { writtenOrPassedOver } from '../../sweep/written.ts'
import { type ActivityType, activityTypes } from '../activities/types.ts'
import { type ObjectType, objectTypes, propertiesOf } from '../object-types.ts'
import { recordsOf } from '../outgoing.ts'
import type { Found, HubSpotReader } from '../rest/client.ts'
import { type HubSpotError, isHubSpotError } from '../rest/problems.ts'
import { overlapMs } from './limits.ts'
import { modifiedRecords } from './modified.ts'
import { noticeOfFound } from './notice-of-found.ts'
import { readRecord } from './read-record.ts'

/** Of each type until when all is told, and of activities since when; of each record what was told last. */
type HubSpotMarks = Marks<string>

export interface SweepParts {
  readonly reader: HubSpotReader
  readonly properties: HubSpotProperties
  /** Whether tasks and other activities are swept: somebody reads what is noticed of them. */
  readonly activities: boolean
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/**
 * Reads the records that were modified, at first and after a change of the properties all of them; of activities only those that were modified since it first ran (T2), and tells no
 * more of them than that they are to be read. Page by page, what it tells and how far it has come are committed together.
 */
export class Sweep implements Sweeper {
  readonly #parts: SweepParts
  readonly #under: Under<HubSpotMarks>
  #reading: { readonly path: string; readonly left: number } | undefined

  constructor(parts: SweepParts, under: Under<HubSpotMarks>) {
    this.#parts = parts
    this.#under = under
  }

  sweep(): Promise<HubSpotError | undefined> {
    return firstProblemOf(this.#sweeps(), { isProblem: isHubSpotError, ended: this.#under.ended })
  }

  #sweeps(): readonly (() => Promise<undefined>)[] {
    const { activities } = this.#parts
    const shown = async (read: Promise<void>): Promise<undefined> => {
      try {
        await read
      } finally {
        this.#reading = undefined
      }
    }
    return [
      ...objectTypes.map(type => () => shown(this.#sweepType(type))),
      ...(activities ? activityTypes : []).map(type => () => shown(this.#sweepActivities(type))),
    ]
  }

  progress(): string | undefined {
    const { path, left } = this.#reading ?? { path: '', left: 0 }
    return left === 0 ? undefined : `Reads ${path} of HubSpot: ${left.toLocaleString('en-US')} are left`
  }

  async #sweepType(type: ObjectType): Promise<void> {
    const { reader, properties: chosen, clock } = this.#parts
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
      const told = records.flatMap(record => this.#readAndTold(record, type))
      until = Math.max(until, Math.min(reached, began))
      this.#showLeft(type.path, left)
      if (told.length > 0 || left > 0)
        await context.commit({ records: [...told, marks.reach(type.path, until, asked)], offsets: new Map() })
    }
    await context.commit({ records: [marks.reach(type.path, began, asked)], offsets: new Map() })
  }

  async #sweepActivities(type: ActivityType): Promise<void> {
    const { reader, clock } = this.#parts
    const { context, marks, ended } = this.#under
    const began = clock.now()
    const since = await readingFrom(type.path, { began, overlapMs }, this.#under)
    if (since === undefined) return
    let until = marks.reached(type.path)?.time ?? since
    for await (const page of modifiedRecords(reader, type, { properties: [type.modified], since }, ended)) {
      const noticed = page.records.flatMap(record => this.#noticed(record, type))
      until = Math.max(until, Math.min(page.reached, began))
      this.#showLeft(type.path, page.left)
      if (noticed.length > 0 || page.left > 0)
        await context.commit({ records: [...noticed, marks.reach(type.path, until)], offsets: new Map() })
    }
    await context.commit({ records: [marks.reach(type.path, began)], offsets: new Map() })
  }

  #showLeft(path: string, left: number): void {
    this.#reading = { path, left }
    this.#parts.metrics.set('tributary_hubspot_sweep_left', { what: path }, left)
  }

  #noticed(found: Found, type: ActivityType): readonly OutgoingRecord[] {
    const receivedAt = this.#parts.clock.now()
    const noticed = noticeOfFound(found, type, receivedAt)
    return noticed ? this.#told(noticed, type, receivedAt, () => recordsOf(this.#parts.codec, noticed)) : []
  }

  #readAndTold(found: Found, type: ObjectType): readonly OutgoingRecord[] {
    const { properties: chosen, codec, clock } = this.#parts
    const receivedAt = clock.now()
    const read = readRecord(found, type, { chosen, receivedAt })
    return read ? this.#told(read, type, receivedAt, () => recordsOf(codec, read)) : []
  }

  /** Nothing for what was told already, and for what cannot be written: one record must not keep the others back. */
  #told(
    { id, content }: { readonly id: string; readonly content: number },
    { name, path }: { readonly name: string; readonly path: string },
    receivedAt: number,
    write: () => readonly OutgoingRecord[],
  ): readonly OutgoingRecord[] {
    const { marks } = this.#under
    if (marks.isTold(name, id, content)) return []
    const records = this.#written(write)
    if (records.length === 0) return []
    this.#parts.metrics.increment('tributary_hubspot_swept_total', { what: path })
    return [...records, marks.tell(name, id, content, receivedAt)]
  }

  #written(write: () => readonly OutgoingRecord[]): readonly OutgoingRecord[] {
    const { logger, metrics } = this.#parts
    const onPassedOver = (what: string): void => metrics.increment('tributary_hubspot_swept_total', { what })
    return writtenOrPassedOver(write, { vendor: 'hubspot', logger, onPassedOver })
  }
}
