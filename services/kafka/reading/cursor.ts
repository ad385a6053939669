import type { Inlet } from '../groups/tenure.ts'
import type { StoredRecord } from '../kafka.ts'

/** How one partition is read. */
export interface CursorOptions {
  /** Logical name. */
  readonly topic: string
  readonly partition: number
  /** The offset to begin at. */
  readonly position: number
  /** Takes the records that follow, in order; none when only control records or holes were stepped over. `next`: the offset after all of these. */
  readonly deliver: (records: readonly StoredRecord[], next: number) => void
  /** The partition cannot be read any further. */
  readonly fail: (error: Error) => void
}

/** A place in a partition that moves as it is read. */
export class Cursor {
  readonly options: CursorOptions
  /** The offset after the last one delivered, holes and control records included. */
  position: number
  /** Not to be read at the moment. After setting it to false call `wake` of the source. */
  paused = false
  /** Broker id of the partition's leader; -1 while unknown. */
  leader = -1
  topicId: string | undefined
  /** Since when the cluster has not known the topic, in ms. */
  missingSince: number | undefined

  constructor(options: CursorOptions) {
    this.options = options
    this.position = options.position
  }
}

/** Moves the cursors given to it as their partitions grow. */
export interface CursorSource {
  add(cursor: Cursor): void
  remove(cursor: Cursor): void
  /** A cursor may be read again. */
  wake(): void
  close(): Promise<void>
}

/** Reads a partition for a task. */
export const inletOf = (source: CursorSource, options: CursorOptions): Inlet => {
  const cursor = new Cursor(options)
  source.add(cursor)
  return {
    pause: () => {
      cursor.paused = true
    },
    resume: () => {
      cursor.paused = false
      source.wake()
    },
    close: () => source.remove(cursor),
  }
}
