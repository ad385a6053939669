import { connectTo } from '../../delivery/connections.ts'
import { newRequestId } from '../ids.ts'
import type { Webhook } from '../webhooks.ts'
import { type Endpoint, type Headers, headersOf, type Line, type Outcome, post, validateEndpoint } from './wire.ts'

/** What became of one webhook. It changes while attempts go on. */
export interface Delivery {
  /** `x-zm-request-id`: one per webhook, the same in all its attempts. */
  readonly id: string
  readonly webhook: Webhook
  /** When it was handed over, epoch milliseconds. */
  readonly at: number
  readonly state: 'sending' | 'retrying' | 'delivered' | 'failed' | 'abandoned'
  readonly attempts: number
  /** Of the last attempt; null when no answer came. */
  readonly status: number | null
  /** Why the last attempt failed, for people. */
  readonly problem: string | undefined
}

export interface Sent {
  /** Resolves when the first attempt is over, however it went. */
  readonly firstAttempt: Promise<void>
  /** Resolves when there is nothing more to try. Never rejects. */
  readonly settled: Promise<Delivery>
}

/** Webhooks handed over so far, and what became of them. Those still under way are in `sent` only. */
export interface Progress {
  readonly sent: number
  readonly delivered: number
  readonly failed: number
}

/** Sends webhooks as Zoom does: facts/zoom.md §1 and §3. */
export interface Courier {
  /** Answers the challenge-response once; `send` does it by itself. Throws `ZOOM_ENDPOINT_NOT_VALIDATED`. */
  validate(): Promise<void>
  send(webhook: Webhook, signal?: AbortSignal): Sent
  /** The latest deliveries, newest first. */
  recent(): readonly Delivery[]
  /** All webhooks since the beginning. */
  totals(): Progress
  forget(): void
  /** Closes the connections and gives up a validation under way; the next webhook begins anew. */
  hangUp(): void
}

/** Zoom's pauses before the second, third and fourth attempt (facts/zoom.md §3). */
export const RETRY_AFTER_MS = [5 * 60_000, 20 * 60_000, 60 * 60_000] as const
export const DEFAULT_RETRY_SCALE = 1 / 150

const KEPT_DELIVERIES = 200

export interface CourierOptions extends Endpoint {
  /** How long Zoom's pauses between attempts last here: 1 waits 5, 20 and 60 minutes. Default 1/150: 2, 8 and 24 seconds. */
  readonly retryScale?: number | undefined
  /** Called after each attempt. */
  readonly onAttempt?: (() => void) | undefined
}

export const createCourier = (options: CourierOptions): Courier => {
  const line: Line = { ...options, connections: connectTo(options.url) }
  const ledger = createLedger()
  const gate = createGate(line)
  return {
    validate: gate.validate,
    send: (webhook, signal) => {
      const parcel = ledger.open(webhook, options.clock.now())
      const attempts = attemptsOf(options, parcel, signal, (body, headers) =>
        gate.validate().then(
          () => post(line, body, headers, signal),
          (error: Error): Outcome => ({ status: null, problem: error.message, again: false }),
        ),
      )
      void attempts.settled.then(ledger.close)
      return attempts
    },
    recent: ledger.recent,
    totals: ledger.totals,
    forget: ledger.forget,
    hangUp: () => {
      gate.reset()
      line.connections.cut()
    },
  }
}

/** The validation of the endpoint: asked for once, shared by all that wait for it. */
const createGate = (line: Line) => {
  let validation: Promise<void> | undefined
  let ending = new AbortController()
  return {
    validate: (): Promise<void> => {
      validation ??= validateEndpoint(line, ending.signal).catch((error: unknown) => {
        validation = undefined
        throw error
      })
      return validation
    },
    reset: (): void => {
      validation = undefined
      ending.abort()
      ending = new AbortController()
    },
  }
}

interface Parcel {
  current: Delivery
}

const attemptsOf = (
  { clock, secret, retryScale = DEFAULT_RETRY_SCALE, onAttempt }: CourierOptions,
  parcel: Parcel,
  signal: AbortSignal | undefined,
  tryOnce: (body: string, headers: Headers) => Promise<Outcome>,
): Sent => {
  const { webhook, id, at } = parcel.current
  const body = JSON.stringify(webhook)
  const headers = headersOf(secret, body, id, at)
  const attempt = async (): Promise<void> => {
    const outcome = await tryOnce(body, headers)
    const attempts = parcel.current.attempts + 1
    const state = signal?.aborted && outcome.status === null ? 'abandoned' : stateAfter(outcome, attempts)
    parcel.current = { ...parcel.current, attempts, state, status: outcome.status, problem: outcome.problem }
    onAttempt?.()
  }
  const retry = async (): Promise<Delivery> => {
    for (const pause of RETRY_AFTER_MS) {
      if (parcel.current.state !== 'retrying') break
      await clock.sleep(pause * retryScale, signal)
      if (signal?.aborted) parcel.current = { ...parcel.current, state: 'abandoned' }
      else await attempt()
    }
    return parcel.current
  }
  const firstAttempt = attempt()
  return { firstAttempt, settled: firstAttempt.then(retry) }
}

const stateAfter = ({ status, again }: Outcome, attempts: number): Delivery['state'] => {
  if (status === 200 || status === 204) return 'delivered'
  return again && attempts <= RETRY_AFTER_MS.length ? 'retrying' : 'failed'
}

/** The latest deliveries and the counts of all. */
const createLedger = () => {
  const parcels: Parcel[] = []
  let totals: Progress = NOTHING_YET
  return {
    open: (webhook: Webhook, at: number): Parcel => {
      const nothing = { state: 'sending', attempts: 0, status: null, problem: undefined } as const
      const parcel: Parcel = { current: { id: newRequestId(), webhook, at, ...nothing } }
      parcels.unshift(parcel)
      parcels.length = Math.min(parcels.length, KEPT_DELIVERIES)
      totals = { ...totals, sent: totals.sent + 1 }
      return parcel
    },
    close: (delivery: Delivery): void => {
      totals = counted(totals, delivery)
    },
    recent: (): readonly Delivery[] => parcels.map(parcel => parcel.current),
    totals: (): Progress => totals,
    forget: (): void => {
      parcels.length = 0
      totals = NOTHING_YET
    },
  }
}

const NOTHING_YET: Progress = { sent: 0, delivered: 0, failed: 0 }

/** The counts with one more delivery that came to its end; the same counts when it did not. */
export const counted = (progress: Progress, { state }: Delivery): Progress => {
  if (state === 'delivered') return { ...progress, delivered: progress.delivered + 1 }
  return state === 'failed' ? { ...progress, failed: progress.failed + 1 } : progress
}
