import type { Clock } from '../../../runtime/clock.ts'
import { connectTo, type Posted } from '../../delivery/connections.ts'
import { createTurns } from '../../delivery/turns.ts'
import type { Choices } from '../choices.ts'
import type { Webhook } from './envelope.ts'
import { webhookSignature } from './signature.ts'

/** What became of one webhook. */
export interface Delivery {
  /** When it happened, epoch milliseconds. */
  readonly at: number
  readonly webhook: Webhook
  readonly state: 'waiting' | 'delivered' | 'failed'
  /** Null while there is no answer, and when none came. */
  readonly status: number | null
}

export interface Totals {
  readonly sent: number
  readonly delivered: number
  readonly failed: number
}

/** Sends each webhook once: no retry of Pendo's is known (facts/pendo.md §5). */
export interface Courier {
  /** Resolves when it was answered or is lost; never rejects. */
  send(webhook: Webhook): Promise<void>
  /** The latest, newest first. */
  recent(): readonly Delivery[]
  totals(): Totals
  /** Loses those under way and forgets all. */
  reset(): void
}

export interface CourierOptions {
  /** The whole address; null when nobody configured webhooks: then there are none. */
  readonly url: string | null
  readonly secret: string
  readonly clock: Clock
  readonly choices: Pick<Choices, 'signature' | 'webhookBody' | 'webhookTimeoutMs'>
  /** Called when something became of one. */
  readonly onChange?: () => void
}

const KEPT_DELIVERIES = 200
const MAX_IN_FLIGHT = 32
/** More are lost at once: a receiver that does not answer must not fill the memory. */
const MAX_WAITING = 10_000
const NOTHING_YET: Totals = { sent: 0, delivered: 0, failed: 0 }

export const createCourier = ({ url, clock, onChange, ...options }: CourierOptions): Courier => {
  const newLine = () => (url === null ? null : openLine(url))
  let line = newLine()
  let kept: { current: Delivery }[] = []
  let totals = NOTHING_YET
  const sent = async (own: NonNullable<typeof line>, webhook: Webhook): Promise<void> => {
    const parcel: { current: Delivery } = { current: { at: clock.now(), webhook, state: 'waiting', status: null } }
    const of = kept
    kept.unshift(parcel)
    kept.length = Math.min(kept.length, KEPT_DELIVERIES)
    totals = { ...totals, sent: totals.sent + 1 }
    const posted = await own.inTurn(() => own.post(webhook, options))
    const status = posted?.status ?? null
    if (of !== kept) return
    const state = status !== null && status >= 200 && status < 300 ? 'delivered' : 'failed'
    parcel.current = { ...parcel.current, state, status }
    totals = { ...totals, [state]: totals[state] + 1 }
    onChange?.()
  }
  return {
    send: webhook => (line === null ? Promise.resolve() : sent(line, webhook)),
    recent: () => kept.map(({ current }) => current),
    totals: () => totals,
    reset: () => {
      line?.close()
      line = newLine()
      kept = []
      totals = NOTHING_YET
    },
  }
}

/** Connections to one receiver, and who may use them. */
const openLine = (url: string) => {
  const connections = connectTo(url)
  const ending = new AbortController()
  return {
    ...createTurns(MAX_IN_FLIGHT, MAX_WAITING),
    post: (webhook: Webhook, { secret, choices }: Pick<CourierOptions, 'secret' | 'choices'>): Promise<Posted> => {
      const body = JSON.stringify(choices.webhookBody === 'array' ? [webhook] : webhook)
      const headers = {
        'content-type': 'application/json',
        'x-pendo-signature': webhookSignature(secret, body, choices.signature),
      }
      return connections.post({ body, headers, timeoutMs: choices.webhookTimeoutMs, signal: ending.signal })
    },
    close: (): void => {
      ending.abort()
      connections.cut()
    },
  }
}
