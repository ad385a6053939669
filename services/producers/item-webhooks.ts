import type { OutgoingRecord, Publisher } from '../kafka/kafka.ts'
import { deadLetter } from '../runtime/dead-letters.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { createAcknowledgedOnce } from './acknowledged-once.ts'
import { longestBodyBytes, type WebhookAnswer, type WebhookRequest, type WebhookRoute } from './ingest.ts'
import { digest } from './input/digest.ts'
import { type BodyProblem, readBody } from './input/json-body.ts'

/** What one item of a webhook becomes in Kafka. A repetition has the same id. */
export interface OutgoingItem {
  readonly id: string
  readonly records: readonly OutgoingRecord[]
  /** Code of the dead letter that it became; null when it became what it says. */
  readonly problem: string | null
  /** Its own time could not be, so it has that of the receipt. */
  readonly timeReplaced: boolean
}

/**
 * What cannot become a record must not be lost: no vendor's second attempt would go better.
 * @param place where the dead letter says that it came from
 */
export const setAsideItem = (
  item: unknown,
  { code, message }: { readonly code: string; readonly message: string },
  { service, place, receivedAt }: { readonly service: string; readonly place: string; readonly receivedAt: number },
): OutgoingItem => {
  const value = Buffer.from(JSON.stringify(item) ?? 'null')
  const letter = deadLetter({ topic: place, key: null, value, headers: {} }, { code, message, service, at: receivedAt })
  return { id: `dead-letter:${digest(value.toString())}`, records: [letter], problem: code, timeReplaced: false }
}

/** What the items of a body become. */
export interface SortedItems {
  readonly outgoing: readonly OutgoingItem[]
  /** How many become nothing, by why: a word of the metric `tributary_messages_total`. */
  readonly passedOver: Readonly<Record<string, number>>
}

/** Webhooks whose body is a list of items, or one of them. */
export interface ItemWebhooks {
  readonly vendor: 'hubspot' | 'pendo'
  readonly path: string
  readonly answerWithinMs: number
  /** Name of the producer in the topology, for the count of its dead letters. */
  readonly service: string
  /** What is said to whoever sends without the right signature. */
  readonly unsigned: string
  readonly isSigned: (request: WebhookRequest) => boolean
  /** A rejection counts as if Kafka did not answer. */
  readonly sort: (items: readonly unknown[], receivedAt: number) => Promise<SortedItems> | SortedItems
  readonly publisher: Pick<Publisher, 'publish'>
  readonly metrics: Metrics
  /** Items that may wait for Kafka at once. */
  readonly mostInFlight?: number | undefined
}

/** Ids of acknowledged items that are kept, in some megabytes: what comes again soon is not published again. */
const rememberedItems = 50_000
/** While Kafka does not answer, what is held in memory for it is bounded. */
const defaultMostInFlight = 10_000

/** The route of such webhooks: each item is taken once or set aside by itself, and 2xx means that Kafka has acknowledged all of them. */
export const itemWebhookRoute = (webhooks: ItemWebhooks): WebhookRoute => {
  const { vendor, path, answerWithinMs } = webhooks
  const receiver = new ItemReceiver(webhooks)
  return {
    ...{ vendor, path, answerWithinMs, unavailable, method: 'POST', anyContentType: true },
    handle: request => receiver.receive(request),
  }
}

class ItemReceiver {
  readonly #webhooks: ItemWebhooks
  readonly #mostInFlight: number
  readonly #once = createAcknowledgedOnce(rememberedItems)

  constructor(webhooks: ItemWebhooks) {
    this.#webhooks = webhooks
    this.#mostInFlight = webhooks.mostInFlight ?? defaultMostInFlight
  }

  /** Rejects when Kafka has not acknowledged what came of every item. */
  async receive(request: WebhookRequest): Promise<WebhookAnswer> {
    const { vendor, isSigned, unsigned, sort } = this.#webhooks
    const codeOf = (problem: string): string => `${vendor.toUpperCase()}_${problem}`
    if (!isSigned(request)) return refused(401, 'unsigned', codeOf('SIGNATURE_INVALID'), unsigned)
    const body = readBody(request.body, longestBodyBytes)
    const value = 'problem' in body ? undefined : body.value
    if (typeof value !== 'object' || value === null) {
      const { status, outcome, code, message } = unusable['problem' in body ? body.problem : 'unreadable']
      return refused(status, outcome, codeOf(code), message)
    }
    const items: readonly unknown[] = Array.isArray(value) ? value : [value]
    const { outgoing, passedOver } = await sort(items, request.receivedAt)
    if (this.#once.inFlight() + outgoing.length > this.#mostInFlight && this.#once.inFlight() > 0) throw busy()
    const published = await Promise.allSettled(outgoing.map(item => this.#publishOnce(item)))
    for (const outcome of published) if (outcome.status === 'rejected') throw outcome.reason
    for (const [why, count] of Object.entries(passedOver)) this.#count(why, count)
    return { ...accepted(outcomeOf(outgoing)), ...(outgoing.length > 0 ? { acknowledged: true } : {}) }
  }

  async #publishOnce({ id, records, problem, timeReplaced }: OutgoingItem): Promise<void> {
    const { publisher, metrics, service, vendor } = this.#webhooks
    const acknowledgement = await this.#once.once(id, () => publisher.publish(records))
    if (acknowledgement === 'repeated') return this.#count('repeated')
    this.#count(problem === null ? 'produced' : 'dead-letter')
    if (problem !== null) metrics.increment('tributary_dead_letters_total', { service, code: problem })
    if (timeReplaced) metrics.increment('tributary_message_times_replaced_total', { vendor })
  }

  #count(outcome: string, items = 1): void {
    const { metrics, vendor } = this.#webhooks
    if (items > 0) metrics.increment('tributary_messages_total', { vendor, outcome }, items)
  }
}

const outcomeOf = (outgoing: readonly OutgoingItem[]): string => {
  if (outgoing.length === 0) return 'ignored'
  return outgoing.every(({ problem }) => problem !== null) ? 'dead-letter' : 'produced'
}

const accepted = (outcome: string): WebhookAnswer => ({ status: 200, outcome, body: { outcome } })

const refused = (status: number, outcome: string, code: string, message: string): WebhookAnswer => ({
  status,
  outcome,
  body: { code, message },
})

const unusable = {
  'too-large': {
    ...{ status: 413, outcome: 'too-large', code: 'BODY_TOO_LARGE' },
    message: `A webhook may have at most ${longestBodyBytes} bytes.`,
  },
  unreadable: {
    ...{ status: 400, outcome: 'unparsable', code: 'BODY_UNREADABLE' },
    message: 'Expected a JSON object, or a list of them.',
  },
  'too-deep': {
    ...{ status: 400, outcome: 'unparsable', code: 'BODY_TOO_DEEP' },
    message: 'Expected fewer levels of objects and lists.',
  },
} as const satisfies Readonly<Record<BodyProblem, object>>

const retryAfterSeconds = { INGEST_BUSY: 5, otherwise: 30 } as const

/** What a vendor does with a Retry-After is not known. What it does not send again, the sweep tells. */
const unavailable = (error: TributaryError | undefined): WebhookAnswer => {
  const code = error?.code ?? 'NOT_ACKNOWLEDGED'
  const isBusy = code === 'INGEST_BUSY'
  const seconds = isBusy ? retryAfterSeconds.INGEST_BUSY : retryAfterSeconds.otherwise
  const message = 'This could not be taken and nothing of it counts as done. Send it again later.'
  return {
    ...refused(isBusy ? 429 : 503, 'unavailable', code, message),
    headers: { 'retry-after': String(seconds) },
  }
}

const busy = (): TributaryError =>
  new TributaryError('INGEST_BUSY', 'As many events as may wait for Kafka to acknowledge them do; no more are taken.', {
    errorClass: 'retryable',
  })
