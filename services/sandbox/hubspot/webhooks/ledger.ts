import type { Posted } from '../../delivery/connections.ts'
import type { WebhookEvent } from './notices.ts'

/** What became of one batch of events. */
export interface Delivery {
  readonly id: number
  /** When it was first sent, epoch milliseconds. */
  readonly at: number
  readonly events: readonly WebhookEvent[]
  readonly state: 'sending' | 'retrying' | 'delivered' | 'failed'
  readonly attempts: number
  /** Of the last attempt; null when no answer came. */
  readonly status: number | null
  /** Why the last attempt got no answer, for people. */
  readonly problem: string | undefined
}

/** Events since the beginning; those still under way are in `sent` only. */
export interface Totals {
  readonly sent: number
  readonly delivered: number
  readonly failed: number
}

/** A batch under way. */
export interface Parcel {
  /** Notes an attempt and says whether the batch is settled. @param more whether it may be tried again */
  attempted(posted: Posted, more: boolean): boolean
}

const KEPT_DELIVERIES = 200
const NOTHING_YET: Totals = { sent: 0, delivered: 0, failed: 0 }

/** The latest deliveries and the counts of all. */
export const createLedger = () => {
  let kept: { current: Delivery }[] = []
  let totals = NOTHING_YET
  let lastId = 0
  return {
    open: (at: number, events: readonly WebhookEvent[]): Parcel => {
      lastId += 1
      const nothing = { state: 'sending', attempts: 0, status: null, problem: undefined } as const
      const parcel: { current: Delivery } = { current: { id: lastId, at, events, ...nothing } }
      const of = kept
      kept.unshift(parcel)
      kept.length = Math.min(kept.length, KEPT_DELIVERIES)
      totals = { ...totals, sent: totals.sent + events.length }
      return {
        attempted: ({ status, problem }, more) => {
          const state = stateAfter(status, more)
          parcel.current = { ...parcel.current, state, attempts: parcel.current.attempts + 1, status, problem }
          if (state === 'retrying') return false
          if (of === kept) totals = { ...totals, [state]: totals[state] + events.length }
          return true
        },
      }
    },
    /** Counts events that were not even tried. */
    lose: (events: number): void => {
      totals = { ...totals, sent: totals.sent + events, failed: totals.failed + events }
    },
    recent: (): readonly Delivery[] => kept.map(({ current }) => current),
    totals: (): Totals => totals,
    forget: (): void => {
      kept = []
      totals = NOTHING_YET
    },
  }
}

/** HubSpot tries again after any status of 400 and more, and when no answer came. */
const stateAfter = (status: number | null, more: boolean): 'delivered' | 'retrying' | 'failed' => {
  if (status !== null && status < 400) return 'delivered'
  return more ? 'retrying' : 'failed'
}
