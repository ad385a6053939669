import type { PauseSettings } from './requests/pause.ts'

/** How patient a sink is. Times in milliseconds. */
export interface DeliverySettings {
  /** Writes taken and not committed: bounds the memory when a vendor is slow. */
  readonly window: number
  /** The same of a replay's writes, which are taken only while no live one waits: so many may be before a live one in the vendor's limits. */
  readonly replayWindow: number
  /** How long a write waits for its person to appear in the directory, which lags behind. */
  readonly personWaitMs: number
  /** How long a write is tried again, pauses of the whole sink not counted. */
  readonly retryForMs: number
  /** How long a batch is gathered while other requests are under way. */
  readonly lingerMs: number
  /**
   * The same of a replay's writes, whatever is under way, while more of them may come. They come some at a time (`--rate`) and nobody waits for them, so what counts is that they take few
   * of the requests that the vendor allows in a day: at 50 a second, 2 s gather a hundred.
   */
  readonly replayLingerMs: number
  /** Pauses before a write is tried again: full jitter up to a ceiling that doubles. */
  readonly retry: { readonly firstMs: number; readonly longestMs: number }
  readonly pause: PauseSettings
  readonly commit: { readonly everyMs: number; readonly most: number }
  /** How long `close` waits for what is under way. */
  readonly drainMs: number
  /** Whether a record that somebody deleted at the vendor is made again. */
  readonly recreateDeleted: boolean
  /** How long a deleted record is taken for deleted before it is asked for again: it may be restored. */
  readonly deletedForMs: number
  /** More dead letters than this within a minute pause the sink: a wrong deployment must not drain the topic. */
  readonly deadLettersPerMinute: number
}

export const defaultDeliverySettings: DeliverySettings = {
  window: 2_000,
  replayWindow: 200,
  personWaitMs: 60_000,
  retryForMs: 24 * 3_600_000,
  lingerMs: 5,
  replayLingerMs: 2_000,
  retry: { firstMs: 200, longestMs: 60_000 },
  pause: { failuresToOpen: 5, firstPauseMs: 1_000, longestPauseMs: 300_000 },
  commit: { everyMs: 20, most: 500 },
  drainMs: 10_000,
  recreateDeleted: false,
  deletedForMs: 600_000,
  deadLettersPerMinute: 500,
}
