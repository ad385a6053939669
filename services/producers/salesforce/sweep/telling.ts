import type { OutgoingRecord } from '../../../kafka/kafka.ts'
import type { Row } from '../../../sinks/salesforce/api/client.ts'
import { encodedAll } from '../../encoded.ts'
import type { Marks } from '../../sweep/marks.ts'
import { writtenOrPassedOver } from '../../sweep/written.ts'
import { type SalesforceObject, salesforceObjects } from '../objects.ts'
import type { Page } from '../rest/reader.ts'
import type { SweepParts } from './sweep.ts'

/**
 * Of each object until when all is told, and of each record what was told last, and whether that was its deletion (`gone`); `task-key`: that tasks were seen with the column that
 * links them; of each channel of change events, by its name, up to where it is told.
 */
export type SalesforceMarks = Marks<SalesforceObject['name'] | 'gone', SalesforceObject['plural'] | 'task-key'>

/** The kinds of records' marks. */
export const markKinds = [...salesforceObjects.map(({ name }) => name), 'gone' as const]

/** Makes records of rows, however it came that they were read: what was told already is not told again. */
export class Telling {
  readonly #parts: Pick<SweepParts, 'codec' | 'clock' | 'metrics' | 'logger'>
  readonly #marks: SalesforceMarks

  constructor(parts: Pick<SweepParts, 'codec' | 'clock' | 'metrics' | 'logger'>, marks: SalesforceMarks) {
    this.#parts = parts
    this.#marks = marks
  }

  /** Nothing for what was told already, and for what cannot be written: one record must not keep the others back. @param onlyNotes it only notes what there is */
  records(
    row: Row,
    { userId }: Pick<Page, 'userId'>,
    { object, onlyNotes }: { readonly object: SalesforceObject; readonly onlyNotes: boolean },
  ): readonly OutgoingRecord[] {
    const { codec, clock, metrics, logger } = this.#parts
    const marks = this.#marks
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
