import type { RecordNotice } from '../../../../schemas/generated.ts'
import { recordIdOf } from '../object-types.ts'
import type { NoticedRecord } from './reading.ts'
import { type ActivityType, activityTypes } from './types.ts'

/** Notices that are handled together: which records are to be read, by type, and up to where the input is done then. */
export interface Run {
  readonly records: ReadonlyMap<ActivityType, readonly NoticedRecord[]>
  /** Notices that are about none of these records' types, or cannot be read. */
  readonly strange: number
  /** The offset after the last of them. */
  readonly offset: number
}

interface Waiting {
  /** Null for what cannot be read. */
  readonly notice: RecordNotice | null
  readonly offset: number
}

/** Notices that wait to be handled, in the order of their offsets. */
export class WaitingNotices {
  readonly #most: number
  readonly #waiting: Waiting[] = []

  /** @param most records of one run */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#waiting.length
  }

  /** @param offset of the notice, which is null when it cannot be read */
  add(notice: RecordNotice | null, offset: number): void {
    this.#waiting.push({ notice, offset })
  }

  /** The first notices, of as many records as are read at once; many notices of a record are one reading. They wait on until they are done. */
  next(): Run {
    const records = new Map<ActivityType, Map<string, NoticedRecord>>()
    let [count, strange, offset] = [0, 0, 0]
    for (const { notice, offset: at } of this.#waiting) {
      const type = notice && typeOf(notice)
      const id = notice && recordIdOf(notice.record)
      if (!type || id === null) {
        strange += 1
      } else {
        const ofType = records.get(type) ?? new Map<string, NoticedRecord>()
        const before = ofType.get(id)
        if (!before && count === this.#most) break
        if (!before) count += 1
        records.set(type, ofType.set(id, latestOf(before, id, notice)))
      }
      offset = at + 1
    }
    return { records: new Map([...records].map(([type, ofType]) => [type, [...ofType.values()]])), strange, offset }
  }

  /** A run has been handled. */
  done({ offset }: Run): void {
    const left = this.#waiting.findIndex(waiting => waiting.offset >= offset)
    this.#waiting.splice(0, left < 0 ? this.#waiting.length : left)
  }
}

/** Notices of other vendors are in the same stream. */
const typeOf = ({ source, object }: RecordNotice): ActivityType | undefined =>
  source.startsWith('hubspot:') ? activityTypes.find(({ name }) => name === object) : undefined

const latestOf = (before: NoticedRecord | undefined, id: string, notice: RecordNotice): NoticedRecord => ({
  id,
  at: Math.max(before?.at ?? 0, notice.occurredAt),
  gone: notice.gone || before?.gone === true,
})
