import { Agent, request } from 'node:http'
import type { Clock } from '../../../runtime/clock.ts'
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
  let line = openLine()
  let kept: { current: Delivery }[] = []
  let totals = NOTHING_YET
  const sent = async (address: string, webhook: Webhook): Promise<void> => {
    const parcel: { current: Delivery } = { current: { at: clock.now(), webhook, state: 'waiting', status: null } }
    const [own, of] = [line, kept]
    kept.unshift(parcel)
    kept.length = Math.min(kept.length, KEPT_DELIVERIES)
    totals = { ...totals, sent: totals.sent + 1 }
    const { agent, ending } = own
    const status = await own.inTurn(() => post(address, webhook, { ...options, agent, signal: ending.signal }))
    if (of !== kept) return
    const state = status !== null && status >= 200 && status < 300 ? 'delivered' : 'failed'
    parcel.current = { ...parcel.current, state, status }
    totals = { ...totals, [state]: totals[state] + 1 }
    onChange?.()
  }
  return {
    send: webhook => (url === null ? Promise.resolve() : sent(url, webhook)),
    recent: () => kept.map(({ current }) => current),
    totals: () => totals,
    reset: () => {
      line.close()
      line = openLine()
      kept = []
      totals = NOTHING_YET
    },
  }
}

/** Connections to one receiver, and who may use them. */
const openLine = () => {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT })
  const ending = new AbortController()
  const waiting: (() => void)[] = []
  let inFlight = 0
  return {
    agent,
    ending,
    /** Does the work when there is room; null when too many wait for that. */
    inTurn: async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
      if (waiting.length >= MAX_WAITING) return null
      inFlight += 1
      if (inFlight > MAX_IN_FLIGHT) await new Promise<void>(resolve => waiting.push(resolve))
      const result = await work()
      inFlight -= 1
      waiting.shift()?.()
      return result
    },
    close: (): void => {
      ending.abort()
      agent.destroy()
    },
  }
}

interface Posting extends Pick<CourierOptions, 'secret' | 'choices'> {
  readonly agent: Agent
  readonly signal: AbortSignal
}

/** One request; its status, or null when no answer came. Plain `node:http` instead of fetch: it takes a third of the time. */
const post = (url: string, webhook: Webhook, { secret, choices, agent, signal }: Posting): Promise<number | null> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve(null)
    const body = JSON.stringify(choices.webhookBody === 'array' ? [webhook] : webhook)
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-pendo-signature': webhookSignature(secret, body, choices.signature),
    }
    const timeout = AbortSignal.timeout(choices.webhookTimeoutMs)
    const outgoing = request(
      url,
      { method: 'POST', agent, headers, signal: AbortSignal.any([signal, timeout]) },
      answer => {
        answer.on('error', () => resolve(null))
        answer.on('end', () => resolve(answer.statusCode ?? null)).resume()
      },
    )
    outgoing.on('error', () => resolve(null))
    outgoing.end(body)
  })
