import type { OutgoingRecord } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { firstProblemOf } from '../../sweep/first-problem.ts'
import { hashOf } from '../../sweep/hashes.ts'
import type { Sweeper, Under } from '../../sweep/running.ts'
import type { ChangeEvents } from '../change-events/change-events.ts'
import { idsOfQuery } from '../change-events/limits.ts'
import type { Noticed } from '../change-events/notices.ts'
import { ReadingPace } from '../change-events/pace.ts'
import { type SalesforceObject, salesforceObjects } from '../objects.ts'
import { isSalesforceError, type SalesforceError } from '../rest/problems.ts'
import type { SalesforceReader, Usage } from '../rest/reader.ts'
import { pauseFor } from './allowance.ts'
import { type ChangedRecords, changedRecords, type Which } from './changed.ts'
import { Columns } from './columns.ts'
import { lookBackEveryMs, overlapMs } from './limits.ts'
import { type SalesforceMarks, Telling } from './telling.ts'

export interface SweepParts {
  readonly reader: SalesforceReader
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

interface WithEvents extends Under<SalesforceMarks> {
  /** What says where to look between two sweeps. */
  readonly events?: ChangeEvents | undefined
}

/** How far this process has read an object. */
interface Place {
  /** The last change that was seen, by Salesforce's clock. */
  readonly seen: number
  /** By ours. */
  readonly lookedBackAt: number
}

/** One reading of an object. */
interface Pass {
  readonly object: SalesforceObject
  readonly began: number
  /** All that was changed before is told, but for what long transactions show late. */
  readonly told: number
  readonly since: number
  readonly looksBack: boolean
  /** It only notes what there is: the first one, of what is told from its first change on. */
  readonly onlyNotes: boolean
}

/**
 * Reads what was changed in Salesforce since the last time, at first everybody, and between two times what change events name. Page by page, what it tells and how far
 * it has come are committed together. Only one of both is under way at a time, so both know what the other has told.
 */
export class Sweep implements Sweeper {
  readonly #parts: SweepParts
  readonly #under: WithEvents
  readonly #places = new Map<string, Place>()
  readonly #columns: Columns
  readonly #telling: Telling
  readonly #pace: ReadingPace
  /** Objects of which an event did not say which records were changed: they are swept at once, from the last look back on. */
  readonly #unnamed = new Set<string>()
  #reading: { readonly plural: string; readonly left: number } | undefined
  #usage: Usage | undefined
  #problem: SalesforceError | undefined
  #pausesUntil = 0

  constructor(parts: SweepParts, under: WithEvents) {
    this.#parts = parts
    this.#under = under
    this.#columns = new Columns(() => under.marks.reached('task-key') !== undefined)
    this.#telling = new Telling(parts, under.marks)
    this.#pace = new ReadingPace(parts.clock)
  }

  /** While the org's requests are scarce, most of the calls read nothing. */
  async sweep(): Promise<SalesforceError | undefined> {
    const began = this.#parts.clock.now()
    if (began < this.#pausesUntil) return this.#problem
    const sweeps = this.#inOrder().map(object => async (): Promise<undefined> => {
      try {
        await this.#sweepObject(object)
      } finally {
        this.#reading = undefined
      }
    })
    this.#problem = await firstProblemOf(sweeps, {
      ...{ isProblem: isSalesforceError, ended: this.#under.ended },
      // What is refused whatever is asked for would be refused again.
      meetsAll: ({ isOfQuery }) => !isOfQuery,
    })
    this.#pausesUntil = this.#usage ? began + pauseFor(this.#usage) : 0
    return this.#problem
  }

  /** Tells what change events name as it is named; sweeps at once when they do not name it. */
  async rest(ms: number): Promise<void> {
    const { clock } = this.#parts
    const { ended, events } = this.#under
    if (!events) return clock.sleep(ms, ended)
    events.watch()
    const over = new AbortController()
    const slept = clock.sleep(ms, AbortSignal.any([ended, over.signal])).then(() => over.abort())
    while (!over.signal.aborted) {
      await events.noticed(over.signal)
      const waitMs = Math.max(this.#pace.waitMs(this.#usage), this.#pausesUntil - clock.now())
      if (waitMs > 0) await clock.sleep(waitMs, over.signal)
      if (over.signal.aborted || !(await this.#lookAtNoticed()) || this.#unnamed.size > 0) over.abort()
    }
    await slept
  }

  close(): Promise<void> {
    return this.#under.events?.close() ?? Promise.resolve()
  }

  progress(): string | undefined {
    if (this.#reading && this.#reading.left > 0)
      return `Reads ${this.#reading.plural} of Salesforce: ${this.#reading.left.toLocaleString('en-US')} are left`
    if (!this.#usage || pauseFor(this.#usage) === 0) return this.#under.events?.problem()
    const { used, limit } = this.#usage
    return `The org has used ${used.toLocaleString('en-US')} of its ${limit.toLocaleString('en-US')} API requests in 24 hours: it is read every ${Math.ceil(pauseFor(this.#usage) / 60_000)} min`
  }

  /** People before what is about them; but what begins with its changes begins before anything else is read, which may take long. */
  #inOrder(): readonly SalesforceObject[] {
    const begins = (object: SalesforceObject): boolean =>
      object.beginsWith === 'changes' && this.#under.marks.reached(object.plural) === undefined
    return [...salesforceObjects.filter(begins), ...salesforceObjects.filter(object => !begins(object))]
  }

  async #sweepObject(object: SalesforceObject): Promise<void> {
    const { context, marks } = this.#under
    const pass = this.#nextPass(object)
    const { began, since, looksBack, onlyNotes } = pass
    const asked = askedOf(object)
    let [seen, until] = [since, pass.told]
    for await (const page of this.#changed(object, { since })) {
      seen = Math.max(seen, page.reached ?? 0)
      until = Math.max(until, Math.min(seen, began))
      const told = page.rows.flatMap(row => this.#telling.records(row, page, pass))
      this.#watch(object, page)
      const keepsPlace = looksBack && !onlyNotes && page.left > 0
      const records = [...told, ...(keepsPlace ? [marks.reach(object.plural, until, asked)] : [])]
      if (records.length > 0) await context.commit({ records, offsets: new Map() })
      // A first reading may take long.
      if (page.left > 0 && !this.#under.events?.isEmpty) await this.#lookAtNoticed()
    }
    if (looksBack) await context.commit({ records: this.#lookedBack(object, began), offsets: new Map() })
    const lookedBackAt = looksBack ? began : (this.#places.get(object.name)?.lookedBackAt ?? 0)
    this.#places.set(object.name, { seen, lookedBackAt })
  }

  /** From where to read this time. */
  #nextPass(object: SalesforceObject): Pass {
    const began = this.#parts.clock.now()
    const place = this.#unnamed.delete(object.name) ? undefined : this.#places.get(object.name)
    if (place && began - place.lookedBackAt < lookBackEveryMs)
      return { object, began, told: place.seen, since: place.seen, looksBack: false, onlyNotes: false }
    this.#columns.askAgain(object)
    const mark = this.#under.marks.reached(object.plural)
    const ofChanges = object.beginsWith === 'changes'
    const onlyNotes = ofChanges && mark === undefined
    // People that are read by other columns are told anew, since each may have them.
    const isKnown = mark !== undefined && (ofChanges || mark.content === askedOf(object))
    const told = isKnown ? mark.time : ofChanges ? began : 0
    return { object, began, told, since: Math.max(0, told - overlapMs), looksBack: true, onlyNotes }
  }

  #lookedBack(object: SalesforceObject, began: number): readonly OutgoingRecord[] {
    const { marks } = this.#under
    const reached = marks.reach(object.plural, began, askedOf(object))
    return this.#columns.showKeyFirst(object) ? [reached, marks.reach('task-key', began)] : [reached]
  }

  async *#changed(object: SalesforceObject, which: Which): AsyncGenerator<ChangedRecords> {
    const { reader } = this.#parts
    for (;;) {
      const columns = this.#columns.of(object)
      try {
        yield* changedRecords(reader, object, { columns, ...which }, this.#under.ended)
        return
      } catch (error) {
        if (!isSalesforceError(error) || !this.#columns.leaveOut(object, error.unknownColumn)) throw error
      }
    }
  }

  /** Reads and tells the records that events name. False when that has to wait until the next sweep. */
  async #lookAtNoticed(): Promise<boolean> {
    const { context, events, ended } = this.#under
    if (!events) return false
    const noticed = events.take()
    try {
      for (const name of noticed.unnamed) this.#unnamed.add(name)
      for (const object of salesforceObjects)
        await this.#tellNamed(object, [...(noticed.records.get(object.name) ?? [])])
      const records = this.#followed(noticed)
      if (records.length > 0) await context.commit({ records, offsets: new Map() })
    } catch (error) {
      events.putBack(noticed)
      if (ended.aborted || isSalesforceError(error)) return false
      throw error
    }
    events.settle(noticed)
    return true
  }

  async #tellNamed(object: SalesforceObject, ids: readonly string[]): Promise<void> {
    const { context, marks } = this.#under
    // Before its first sweep it is not known what there was.
    const isBegun = object.beginsWith === 'all' || marks.reached(object.plural) !== undefined
    for (let at = 0; isBegun && at < ids.length; at += idsOfQuery) {
      try {
        for await (const page of this.#changed(object, { ids: ids.slice(at, at + idsOfQuery) })) {
          this.#pace.take(1)
          this.#usage = page.usage ?? this.#usage
          const records = page.rows.flatMap(row => this.#telling.records(row, page, { object, onlyNotes: false }))
          if (records.length > 0) await context.commit({ records, offsets: new Map() })
        }
      } catch (error) {
        // The sweep says why, and finds them once it can be read.
        if (!isSalesforceError(error) || !error.isOfQuery) throw error
        return
      }
    }
  }

  /** How far the channels are told. */
  #followed({ positions }: Noticed): readonly OutgoingRecord[] {
    const now = this.#parts.clock.now()
    return [...positions].map(([channel, position]) => this.#under.marks.follow(channel, position, now))
  }

  #watch({ plural }: SalesforceObject, { left, usage }: ChangedRecords): void {
    this.#reading = { plural, left }
    this.#usage = usage ?? this.#usage
    this.#parts.metrics.set('tributary_salesforce_sweep_left', { what: plural }, left)
  }
}

/** A hash of what is asked for. */
const askedOf = ({ columns }: SalesforceObject): number => hashOf(columns.toSorted().join('\n'))
