import type { Clock } from '../../runtime/clock.ts'
import type { Store } from '../store.ts'
import type { Courier, Progress } from './delivery/courier.ts'
import type { ZoomModel } from './model.ts'
import { type Dropped, playRecording } from './player.ts'

export interface WantedPlay {
  /** The recording's name. */
  readonly file: string
  /** 1, the default, takes a minute. */
  readonly speed?: number | undefined
  /** Webhooks that get lost: REST knows what they would have told. */
  readonly drop?: Dropped | undefined
}

/** The recordings that are being played. The journal knows how far they are, so that a killed sandbox goes on with them. */
export interface RecordingPlays {
  /** Resolves when all is settled; a recording that is being played is not begun again but waited for. */
  play(wanted: WantedPlay): Promise<Progress>
  running(): string[]
  /** Takes up what was being played when the process ended. */
  resume(): Promise<Progress>[]
  /** After the stop signal: the next play begins anew. */
  forget(): void
}

interface RecordingPlaysParts {
  readonly store: Store
  readonly model: ZoomModel
  readonly courier: Courier
  readonly clock: Clock
  readonly accountId: string
  /** The signal in force now. */
  readonly stopSignal: () => AbortSignal
}

/** A recording that is being played, and the offset before which all of it is settled. */
interface PlayRow {
  readonly file: string
  readonly speed: number
  readonly from: number
  readonly drop?: Dropped
}

/** How often the journal learns how far a recording is, in milliseconds of the recording. */
const NOTED_EVERY_MS = 500
/** Without any pause, in a number that a journal can hold. */
const FASTEST = 1_000_000

export const createRecordingPlays = (parts: RecordingPlaysParts): RecordingPlays => {
  const { store, model, courier, clock, accountId, stopSignal } = parts
  const rows = store.table<PlayRow>('play')
  const running = new Map<string, Promise<Progress>>()

  const run = async (row: PlayRow, signal: AbortSignal): Promise<Progress> => {
    rows.set(row.file, row)
    let noted = row.from
    const onSettledUpTo = (from: number): void => {
      if (signal.aborted || from - noted < NOTED_EVERY_MS) return
      noted = from
      rows.set(row.file, { ...row, from })
    }
    try {
      const onHappened = model.apply
      return await playRecording({ ...row, account: accountId, courier, clock, signal, onHappened, onSettledUpTo })
    } finally {
      if (!signal.aborted) {
        running.delete(row.file)
        rows.delete(row.file)
      }
    }
  }
  const begin = (row: PlayRow): Promise<Progress> => {
    const known = running.get(row.file)
    if (known) return known
    const progress = run(row, stopSignal())
    running.set(row.file, progress)
    return progress
  }
  return {
    play: ({ file, speed = 1, drop = [] }) => begin({ file, speed: Math.min(speed, FASTEST), from: 0, drop }),
    running: () => [...running.keys()],
    resume: () => [...rows.values()].map(begin),
    forget: () => running.clear(),
  }
}
