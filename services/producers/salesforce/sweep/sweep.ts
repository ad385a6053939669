import type { OutgoingRecord, TaskContext } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import type { Row } from '../../../sinks/salesforce/api/client.ts'
import { encodedAll } from '../../encoded.ts'
import { hashOf } from '../../sweep/hashes.ts'
import type { Marks } from '../../sweep/marks.ts'
import type { Sweeper } from '../../sweep/running.ts'
import { writtenOrPassedOver } from '../../sweep/written.ts'
import { type SalesforceObject, salesforceObjects } from '../objects.ts'
import { isSalesforceError, type SalesforceError } from '../rest/problems.ts'
import type { SalesforceReader, Usage } from '../rest/reader.ts'
import { pauseFor } from './allowance.ts'
import { type ChangedRecords, changedRecords } from './changed.ts'
import { Columns } from './columns.ts'
import { lookBackEveryMs, overlapMs } from './limits.ts'

/**
 * Of each object until when all is told, and of each record what was told last, and whether that was its deletion (`gone`); `task-key`: that tasks were seen with the column that
 * links them.
 */
export type SalesforceMarks = Marks<SalesforceObject['name'] | 'gone', SalesforceObject['plural'] | 'task-key'>

/** The kinds of records' marks. */
export const markKinds = [...salesforceObjects.map(({ name }) => name), 'gone' as const]

export interface SweepParts {
  readonly reader: SalesforceReader
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/** What a sweep works in: its transactions, how far it has come, and when to give up what is being read. */
interface Under {
  readonly context: TaskContext
  readonly marks: SalesforceMarks
  readonly ended: AbortSignal
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

/** Reads what was changed in Salesforce since the last time, at first everybody. Page by page, what it tells and how far it has come are committed together. */
export class Sweep implements Sweeper {
  readonly #parts: SweepParts
  readonly #under: Under
  readonly #places = new Map<string, Place>()
  readonly #columns: Columns
  #reading: { readonly plural: string; readonly left: number } | undefined
  #usage: Usage | undefined
  #problem: SalesforceError | undefined
  #pausesUntil = 0

  constructor(parts: SweepParts, under: Under) {
    this.#parts = parts
    this.#under = under
    this.#columns = new Columns(() => under.marks.reached('task-key') !== undefined)
  }

  /** While the org's requests are scarce, most of the calls read nothing. */
  async sweep(): Promise<SalesforceError | undefined> {
    const began = this.#parts.clock.now()
    if (began < this.#pausesUntil) return this.#problem
    this.#problem = undefined
    for (const object of this.#inOrder()) {
      try {
        await this.#sweepObject(object)
      } catch (error) {
        if (this.#under.ended.aborted) return undefined
        if (!isSalesforceError(error)) throw error
        this.#problem ??= error
        // What is refused whatever is asked for would be refused again.
        if (!error.isOfQuery) break
      } finally {
        this.#reading = undefined
      }
    }
    this.#pausesUntil = this.#usage ? began + pauseFor(this.#usage) : 0
    return this.#problem
  }

  progress(): string | undefined {
    if (this.#reading && this.#reading.left > 0)
      return `Reads ${this.#reading.plural} of Salesforce: ${this.#reading.left.toLocaleString('en-US')} are left`
    if (!this.#usage || pauseFor(this.#usage) === 0) return undefined
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
    for await (const page of this.#changed(object, since)) {
      seen = Math.max(seen, page.reached ?? 0)
      until = Math.max(until, Math.min(seen, began))
      const told = page.rows.flatMap(row => this.#told(row, page, pass))
      this.#watch(object, page)
      const keepsPlace = looksBack && !onlyNotes && page.left > 0
      const records = [...told, ...(keepsPlace ? [marks.reach(object.plural, until, asked)] : [])]
      if (records.length > 0) await context.commit({ records, offsets: new Map() })
    }
    if (looksBack) await context.commit({ records: this.#lookedBack(object, began), offsets: new Map() })
    const lookedBackAt = looksBack ? began : (this.#places.get(object.name)?.lookedBackAt ?? 0)
    this.#places.set(object.name, { seen, lookedBackAt })
  }

  /** From where to read this time. */
  #nextPass(object: SalesforceObject): Pass {
    const began = this.#parts.clock.now()
    const place = this.#places.get(object.name)
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

  async *#changed(object: SalesforceObject, since: number): AsyncGenerator<ChangedRecords> {
    const { reader } = this.#parts
    for (;;) {
      const columns = this.#columns.of(object)
      try {
        yield* changedRecords(reader, object, { columns, since }, this.#under.ended)
        return
      } catch (error) {
        if (!isSalesforceError(error) || !this.#columns.leaveOut(object, error.unknownColumn)) throw error
      }
    }
  }

  #watch({ plural }: SalesforceObject, { left, usage }: ChangedRecords): void {
    this.#reading = { plural, left }
    this.#usage = usage ?? this.#usage
    this.#parts.metrics.set('tributary_salesforce_sweep_left', { what: plural }, left)
  }

  /** Nothing for what was told already, and for what cannot be written: one record must not keep the others back. */
  #told(row: Row, { userId }: ChangedRecords, { object, onlyNotes }: Pass): readonly OutgoingRecord[] {
    const { codec, clock, metrics, logger } = this.#parts
    const { marks } = this.#under
    const receivedAt = clock.now()
    const isGone = (id: string): boolean => marks.isTold('gone', id, gone)
    const told = object.told(row, { receivedAt, userId, isGone })
    if (!told || marks.isTold(object.name, told.id, told.content)) return []
    const noted = [
      marks.tell(object.name, told.id, told.content, receivedAt),
      ...(told.isGone === undefined || told.isGone === isGone(told.id)
        ? []
        : [marks.tell('gone', told.id, told.isGone ? gone : here, receivedAt)]),
    ]
    if (onlyNotes) return noted
    const onPassedOver = (what: string): void => metrics.increment('tributary_salesforce_swept_total', { what })
    const records = writtenOrPassedOver(() => encodedAll(codec, told.claims, told.records), {
      ...{ vendor: 'salesforce', logger, onPassedOver },
    })
    if (records.length === 0) return []
    metrics.increment('tributary_salesforce_swept_total', { what: object.plural })
    return [...records, ...noted]
  }
}

/** What is kept of a record as `gone`. */
const gone = 1
const here = 0

/** A hash of what is asked for. */
const askedOf = ({ columns }: SalesforceObject): number => hashOf(columns.toSorted().join('\n'))
