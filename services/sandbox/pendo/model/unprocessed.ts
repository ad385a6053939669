import type { Store } from '../../store.ts'

/** Why Pendo takes an event, or a part of one, and does nothing with it. */
export type Reason =
  | 'older than 7 days'
  | 'earlier than the subscription'
  | 'earlier than its event name'
  | 'beyond 5,000 event names'
  | 'property key beyond 10,000'
  | 'property name not allowed'
  | 'properties over 512 bytes'
  | 'visitor is not to be processed'

export interface UnprocessedRow {
  readonly reason: Reason
  readonly count: number
  /** Epoch milliseconds. */
  readonly latest: number
}

/** Counts what Pendo swallows: its answer does not tell, so that tests and people can. */
export interface Unprocessed {
  count(reason: Reason): void
  all(): readonly UnprocessedRow[]
}

export const createUnprocessed = (store: Store, now: () => number): Unprocessed => {
  const rows = store.table<UnprocessedRow>('unprocessed')
  return {
    count: reason => rows.set(reason, { reason, count: (rows.get(reason)?.count ?? 0) + 1, latest: now() }),
    all: () => [...rows.values()],
  }
}
