import type { Store } from '../../store.ts'
import { uniqueId } from '../ids.ts'
import { KEPT_USAGE_MS } from '../limits.ts'
import type { Values } from './fields.ts'

export type UsageSource = 'pageEvents' | 'featureEvents' | 'trackEvents'

/** What usage rows have in common, one row for each combination. */
export interface UsageKey {
  readonly source: UsageSource
  /** Of the page, the feature or the track type. */
  readonly itemId: string
  readonly visitorId: string
  /** Empty when the visitor has none. */
  readonly accountId: string
  readonly server: string
  readonly remoteIp: string
  readonly userAgent: string
  /** Of a track event; a text when Pendo refused to keep them. */
  readonly properties: Values | string | null
}

/** One use of something, at a time in epoch milliseconds. */
export interface Use extends UsageKey {
  readonly at: number
}

/** What one visitor did with one thing in one hour, as far as it is processed. */
export interface UsageRow extends UsageKey {
  readonly id: string
  /** The beginning of the hour, epoch milliseconds. */
  readonly hour: number
  readonly numEvents: number
  /** The minutes of the hour in which there were any. */
  readonly minutes: readonly number[]
}

/** Usage by the hour. A row grows while events of its hour are processed, which is some time after they came (facts/pendo.md §4). */
export interface Usage {
  record(use: Use): void
  /** The rows of which something is processed. */
  read(now?: number): readonly UsageRow[]
  /** Makes what an anonymous visitor did since then that of somebody known. */
  merge(from: string, to: { readonly visitorId: string; readonly accountId: string }, since: number): void
}

export interface UsageOptions {
  readonly processingLagMs: number
  readonly rowsByProperties: boolean
}

const HOUR_MS = 60 * 60 * 1000
const MINUTE_MS = 60 * 1000

export const hourOf = (at: number): number => at - (at % HOUR_MS)

/** How many came at a time and for a minute of the hour. */
type Waiting = readonly [receivedAt: number, minute: number, count: number]

interface Row extends UsageRow {
  /** What is not processed yet, in order of arrival. */
  readonly waiting: readonly Waiting[]
}

/** Arrivals are told apart no finer than this part of the lag, so that a busy row stays small. */
const LAG_PARTS = 60

/** @param now the time in epoch milliseconds */
export const createUsage = (store: Store, now: () => number, options: UsageOptions): Usage => {
  const { processingLagMs, rowsByProperties } = options
  const grain = Math.max(1, Math.floor(processingLagMs / LAG_PARTS))
  const rows = store.table<Row>('usage')
  let pruned = hourOf(now())
  const prune = (): void => {
    if (hourOf(now()) === pruned) return
    pruned = hourOf(now())
    for (const row of [...rows.values()]) if (row.hour < pruned - KEPT_USAGE_MS) rows.delete(row.id)
  }
  const idOf = ({ properties, ...key }: UsageKey & { readonly hour: number }): string =>
    uniqueId(JSON.stringify([...KEYS.map(name => key[name]), rowsByProperties ? properties : null]))
  return {
    record: ({ at, ...key }) => {
      prune()
      const hour = hourOf(at)
      const id = idOf({ ...key, hour })
      const before = rows.get(id) ?? { ...key, id, hour, numEvents: 0, minutes: [], waiting: [] }
      const row = processed(before, now() - processingLagMs)
      const arrival: Waiting = [Math.ceil(now() / grain) * grain, Math.floor((at - hour) / MINUTE_MS), 1]
      rows.set(id, { ...row, properties: key.properties, waiting: queued(row.waiting, arrival) })
    },
    read: (at = now()) =>
      [...rows.values()].flatMap(row => {
        const { waiting, ...shown } = processed(row, at - processingLagMs)
        return shown.numEvents > 0 ? [shown] : []
      }),
    merge: (from, to, since) => {
      const moved = [...rows.values()].filter(row => row.visitorId === from && row.hour >= hourOf(since))
      for (const row of moved) {
        const renamed = { ...row, ...to }
        const id = idOf(renamed)
        rows.delete(row.id)
        rows.set(id, added({ ...renamed, id }, rows.get(id)))
      }
    },
  }
}

const KEYS = ['source', 'itemId', 'visitorId', 'accountId', 'server', 'remoteIp', 'userAgent', 'hour'] as const

/** The row with everything processed that came by then. */
const processed = (row: Row, cameBy: number): Row => {
  const done = row.waiting.filter(([receivedAt]) => receivedAt <= cameBy)
  if (done.length === 0) return row
  const numEvents = row.numEvents + done.reduce((sum, [, , count]) => sum + count, 0)
  const minutes = inOrder([...row.minutes, ...done.map(([, minute]) => minute)])
  return { ...row, numEvents, minutes, waiting: row.waiting.slice(done.length) }
}

const queued = (waiting: readonly Waiting[], [receivedAt, minute, count]: Waiting): readonly Waiting[] => {
  const last = waiting.at(-1)
  if (last?.[0] !== receivedAt || last[1] !== minute) return [...waiting, [receivedAt, minute, count]]
  return [...waiting.slice(0, -1), [receivedAt, minute, last[2] + count]]
}

const inOrder = (minutes: readonly number[]): number[] => [...new Set(minutes)].sort((a, b) => a - b)

const added = (row: Row, other: Row | undefined): Row => {
  if (!other) return row
  const waiting = [...row.waiting, ...other.waiting].sort(([a], [b]) => a - b)
  const minutes = inOrder([...row.minutes, ...other.minutes])
  return { ...row, numEvents: row.numEvents + other.numEvents, minutes, waiting }
}
