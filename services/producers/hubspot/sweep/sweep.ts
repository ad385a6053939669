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
import type { Found, HubSpotSweepReader } from '../rest/client.ts'
import { type HubSpotError, isHubSpotError } from '../rest/problems.ts'
import { deletionsEveryMs, overlapMs } from './limits.ts'
import { modifiedRecords } from './modified.ts'
import { type FoundNotice, noticeOfDeleted, noticeOfFound } from './notice-of-found.ts'
import { readRecord } from './read-record.ts'

/** Of each type until when all is told, of activities also since when and until when their deletions are; of each record what was told last. */
type HubSpotMarks = Marks<string>

export interface SweepParts {
  readonly reader: HubSpotSweepReader
  readonly properties: HubSpotProperties
  /** Whether tasks and other activities are swept: somebody reads what is noticed of them. */
  readonly activities: boolean
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/**
 * Reads the records that were modified, at first and after a change of the properties all of them; of activities only those that were modified or deleted since it first ran (T2), and
 * tells no more of them than that they are to be read. Page by page, what it tells and how far it has come are committed together.
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
      ...(activities ? activityTypes : []).flatMap(type => [
        () => shown(this.#sweepActivities(type)),
        () => shown(this.#sweepDeletions(type)),
      ]),
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

  /** Of a record that is not found modified any more: it was deleted, and nobody may have told. */
  async #sweepDeletions(type: ActivityType): Promise<void> {
    const { reader, clock } = this.#parts
    const { context, marks, ended } = this.#under
    const name = `${type.path}-deletions`
    const began = clock.now()
    if (began < (marks.reached(name)?.time ?? 0) + deletionsEveryMs) return
    const since = await readingFrom(name, { began, overlapMs }, this.#under)
    if (since === undefined) return
    for (let after: string | null = null; ; ) {
      const { records, next } = await reader.deleted(type, after, ended)
      const found = { since, receivedAt: clock.now() }
      const noticed = records.flatMap(record => this.#toldNotice(noticeOfDeleted(record, type, found), type))
      if (noticed.length > 0) await context.commit({ records: noticed, offsets: new Map() })
      if (next === null || next === after) break
      after = next
    }
    await context.commit({ records: [marks.reach(name, began)], offsets: new Map() })
  }

  #showLeft(path: string, left: number): void {
    this.#reading = { path, left }
    this.#parts.metrics.set('tributary_hubspot_sweep_left', { what: path }, left)
  }

  #noticed(found: Found, type: ActivityType): readonly OutgoingRecord[] {
    return this.#toldNotice(noticeOfFound(found, type, this.#parts.clock.now()), type)
  }

  #toldNotice(noticed: FoundNotice | undefined, type: ActivityType): readonly OutgoingRecord[] {
    const { codec, clock } = this.#parts
    return noticed ? this.#told(noticed, type, clock.now(), () => recordsOf(codec, noticed)) : []
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
