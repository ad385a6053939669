import type { Clock } from '../../../runtime/clock.ts'
import { connectTo } from '../../delivery/connections.ts'
import { createTurns } from '../../delivery/turns.ts'
import { randomNumbers } from '../../random.ts'
import { createLedger, type Delivery, type Parcel, type Totals } from './ledger.ts'
import type { WebhookEvent } from './notices.ts'
import { signatureV1, signatureV3 } from './signature.ts'

/** Sends webhooks as HubSpot does: facts/hubspot.md §3.9. */
export interface Courier {
  /** Takes events over: they leave a little later, in batches, in no order, some of them twice. */
  take(events: readonly WebhookEvent[]): void
  /** The latest batches, newest first. */
  recent(): readonly Delivery[]
  totals(): Totals
  /** Loses what is under way and forgets all. */
  reset(): void
}

export interface CourierOptions {
  /** The whole address. */
  readonly url: string
  /** The app's secret. */
  readonly secret: string
  readonly clock: Clock
  /** Requests at a time; 10 unless an app sets another number. */
  readonly maxConcurrentRequests: number
  /** How long events are gathered for a batch, in milliseconds. */
  readonly gatherMs: number
  /** Milliseconds until an attempt without an answer counts as failed: HubSpot's are 5,000. */
  readonly answerWithinMs: number
  /** How long HubSpot's pauses between attempts last here: 1 spreads them over a day. */
  readonly retryScale: number
  /** The share of events that are sent twice. */
  readonly duplicates: number
  readonly seed: number
  /** Called when something became of a batch. */
  readonly onChange: () => void
}

const BATCH_EVENTS = 100
/** A receiver that does not answer must not fill the memory; further events are lost. */
const MOST_UNDER_WAY = 50_000
const MINUTE = 60_000
/** HubSpot says no more than "up to 10 times, spread out over the next 24 hours, with varying delays"; with the jitter these end within them. */
const RETRY_AFTER_MS = [1, 3, 10, 30, 60, 90, 150, 210, 270, 330].map(minutes => minutes * MINUTE)
const JITTER = 0.2

export const createCourier = (options: CourierOptions): Courier => {
  const ledger = createLedger()
  const begin = (): Round => startRound(options, ledger.open, ledger.lose)
  let round = begin()
  return {
    take: events => round.take(events),
    recent: ledger.recent,
    totals: ledger.totals,
    reset: () => {
      round.end()
      ledger.forget()
      round = begin()
    },
  }
}

/** What is under way between two resets. */
interface Round {
  take: Courier['take']
  end(): void
}

interface Waiting {
  readonly event: WebhookEvent
  readonly again: boolean
}

const startRound = (
  options: CourierOptions,
  open: (at: number, events: readonly WebhookEvent[]) => Parcel,
  lose: (events: number) => void,
): Round => {
  const { clock, gatherMs, duplicates } = options
  const random = randomNumbers(options.seed)
  const ending = new AbortController()
  const sender = createSender(options, random, ending.signal)
  let waiting: Waiting[] = []
  let underWay = 0
  const leave = async (): Promise<void> => {
    await clock.sleep(gatherMs, ending.signal)
    if (ending.signal.aborted) return
    const leaving = inNoOrder(waiting, random)
    waiting = leaving
      .filter(({ again }) => !again && random() < duplicates)
      .map(({ event }) => ({ event, again: true }))
    underWay += waiting.length
    if (waiting.length > 0) void leave()
    for (const batch of batches(leaving.map(({ event }) => event))) {
      void sender.deliver(batch, open(clock.now(), batch)).then(() => {
        underWay -= batch.length
      })
    }
  }
  return {
    take: events => {
      const room = Math.max(0, MOST_UNDER_WAY - underWay)
      if (events.length > room) lose(events.length - room)
      const taken = events.slice(0, room)
      if (taken.length === 0) return
      if (waiting.length === 0) void leave()
      waiting.push(...taken.map(event => ({ event, again: false })))
      underWay += taken.length
    },
    end: () => {
      ending.abort()
      sender.cut()
    },
  }
}

const createSender = (options: CourierOptions, random: () => number, signal: AbortSignal) => {
  const { url, clock, maxConcurrentRequests, answerWithinMs: timeoutMs, retryScale, onChange } = options
  const connections = connectTo(url)
  const turns = createTurns(maxConcurrentRequests)
  /** Signed anew each time: a receiver refuses what is older than five minutes. */
  const attempt = (events: readonly WebhookEvent[], attemptNumber: number) => {
    const body = JSON.stringify(events.map(event => numbered(event, attemptNumber)))
    return connections.post({ body, headers: headersOf(options, body), timeoutMs, signal })
  }
  return {
    /** Resolves when there is nothing more to try. */
    deliver: async (events: readonly WebhookEvent[], parcel: Parcel): Promise<void> => {
      for (const [attemptNumber, pause] of [0, ...RETRY_AFTER_MS].entries()) {
        if (pause > 0) await clock.sleep(pause * retryScale * (1 - JITTER + 2 * JITTER * random()), signal)
        if (signal.aborted) return
        const posted = await turns.inTurn(() => attempt(events, attemptNumber))
        if (signal.aborted || posted === null) return
        const settled = parcel.attempted(posted, attemptNumber < RETRY_AFTER_MS.length)
        onChange()
        if (settled) return
      }
    },
    cut: connections.cut,
  }
}

const numbered = (
  { eventId, subscriptionId, portalId, appId, occurredAt, subscriptionType, ...rest }: WebhookEvent,
  attemptNumber: number,
): object => ({ eventId, subscriptionId, portalId, appId, occurredAt, subscriptionType, attemptNumber, ...rest })

const headersOf = ({ secret, url, clock }: CourierOptions, body: string): Readonly<Record<string, string>> => {
  const timestamp = String(clock.now())
  return {
    'content-type': 'application/json',
    'user-agent': 'HubSpot Webhooks/1.0',
    'x-hubspot-signature': signatureV1(secret, body),
    'x-hubspot-signature-version': 'v1',
    'x-hubspot-signature-v3': signatureV3(secret, 'POST', url, body, timestamp),
    'x-hubspot-request-timestamp': timestamp,
  }
}

const inNoOrder = <Item>(items: readonly Item[], random: () => number): Item[] =>
  items
    .map(item => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)

const batches = (events: readonly WebhookEvent[]): WebhookEvent[][] =>
  Array.from({ length: Math.ceil(events.length / BATCH_EVENTS) }, (_, index) =>
    events.slice(index * BATCH_EVENTS, (index + 1) * BATCH_EVENTS),
  )
