import type { Publisher } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { createAcknowledgedOnce } from '../acknowledged-once.ts'
import { longestBodyBytes, type WebhookAnswer, type WebhookRequest, type WebhookRoute } from '../ingest.ts'
import { type BodyProblem, readBody } from '../input/json-body.ts'
import type { Catalogue } from './catalogue.ts'
import { type OutgoingEvent, outgoingOf, pendoWebhooks, setAside } from './outgoing.ts'
import { isRecorded, isUsage, notAWebhook } from './records.ts'
import { isSignedByPendo } from './signature.ts'
import { readWebhook } from './webhook.ts'

export interface PendoWebhookParts {
  /** The shared secret of the webhook in Pendo. */
  readonly secret: string
  /** Rejects (retryable) while it is not known. */
  readonly catalogue: { get(): Promise<Catalogue> }
  readonly publisher: Pick<Publisher, 'publish'>
  readonly codec: Pick<Codec, 'encode'>
  readonly metrics: Metrics
  /** Events that may wait for Kafka at once. */
  readonly mostInFlight?: number
}

/** How long Pendo waits for an answer is not known. */
const answerWithinMs = 4_500
/** Ids of acknowledged events that are kept, in some megabytes: Pendo is not known to send anything again, but says by its `uniqueId` when it does. */
const rememberedEvents = 50_000
/** While Kafka does not answer, what is held in memory for it is bounded. */
const defaultMostInFlight = 10_000

/** `POST /webhooks/pendo`: one event, or a list of them. */
export const pendoRoute = (parts: PendoWebhookParts): WebhookRoute => {
  const receiver = new PendoReceiver(parts)
  return {
    vendor: 'pendo',
    method: 'POST',
    path: '/webhooks/pendo',
    answerWithinMs,
    anyContentType: true,
    unavailable,
    handle: request => receiver.receive(request),
  }
}

class PendoReceiver {
  readonly #parts: PendoWebhookParts
  readonly #mostInFlight: number
  readonly #once = createAcknowledgedOnce(rememberedEvents)

  constructor(parts: PendoWebhookParts) {
    this.#parts = parts
    this.#mostInFlight = parts.mostInFlight ?? defaultMostInFlight
  }

  /** Rejects when Kafka has not acknowledged what came of every event. */
  async receive({ headers, body: raw, receivedAt }: WebhookRequest): Promise<WebhookAnswer> {
    if (!isSignedByPendo(this.#parts.secret, headers['x-pendo-signature'], raw)) return unsigned
    const body = readBody(raw, longestBodyBytes)
    if ('problem' in body) return unusable[body.problem]
    const { value } = body
    if (typeof value !== 'object' || value === null) return unusable.unreadable
    const items: readonly unknown[] = Array.isArray(value) ? value : [value]
    const events = await this.#outgoing(items, receivedAt)
    if (this.#once.inFlight() + events.length > this.#mostInFlight && this.#once.inFlight() > 0) throw busy()
    const published = await Promise.allSettled(events.map(event => this.#publishOnce(event)))
    for (const outcome of published) if (outcome.status === 'rejected') throw outcome.reason
    const ignored = items.length - events.length
    this.#count('ignored', ignored)
    return { ...accepted(outcomeOf(events)), ...(events.length > 0 ? { acknowledged: true } : {}) }
  }

  /** What the items become; those of no interest become nothing. */
  async #outgoing(items: readonly unknown[], receivedAt: number): Promise<readonly OutgoingEvent[]> {
    const read = items.map(item => ({ item, webhook: readWebhook(item) }))
    const needsCatalogue = read.some(({ webhook }) => webhook && isUsage(webhook))
    const catalogue = needsCatalogue ? await this.#parts.catalogue.get() : null
    const facts = { catalogue, receivedAt, codec: this.#parts.codec }
    return read.flatMap(({ item, webhook }) => {
      if (!webhook) return [setAside(item, notAWebhook, receivedAt)]
      return isRecorded(webhook) ? [outgoingOf(webhook, item, facts)] : []
    })
  }

  async #publishOnce({ id, records, problem, timeReplaced }: OutgoingEvent): Promise<void> {
    const { publisher, metrics } = this.#parts
    const acknowledgement = await this.#once.once(id, () => publisher.publish(records))
    if (acknowledgement === 'repeated') return this.#count('repeated')
    this.#count(problem === null ? 'produced' : 'dead-letter')
    if (problem !== null) metrics.increment('tributary_dead_letters_total', { service: pendoWebhooks, code: problem })
    if (timeReplaced) metrics.increment('tributary_message_times_replaced_total', { vendor: 'pendo' })
  }

  #count(outcome: string, events = 1): void {
    if (events > 0) this.#parts.metrics.increment('tributary_messages_total', { vendor: 'pendo', outcome }, events)
  }
}

const outcomeOf = (events: readonly OutgoingEvent[]): string => {
  if (events.length === 0) return 'ignored'
  return events.every(({ problem }) => problem !== null) ? 'dead-letter' : 'produced'
}

const accepted = (outcome: string): WebhookAnswer => ({ status: 200, outcome, body: { outcome } })

const refused = (status: number, outcome: string, code: string, message: string): WebhookAnswer => ({
  status,
  outcome,
  body: { code, message },
})

const unsigned = refused(
  401,
  'unsigned',
  'PENDO_SIGNATURE_INVALID',
  'Expected in X-Pendo-Signature the HMAC-SHA256 of the body, in hexadecimal or base64. If Pendo sent this, PENDO_WEBHOOK_SECRET is not the shared secret of its webhook.',
)

const unusable: Readonly<Record<BodyProblem, WebhookAnswer>> = {
  'too-large': refused(
    413,
    'too-large',
    'PENDO_BODY_TOO_LARGE',
    `A webhook may have at most ${longestBodyBytes} bytes.`,
  ),
  unreadable: refused(400, 'unparsable', 'PENDO_BODY_UNREADABLE', 'Expected a JSON object, or a list of them.'),
  'too-deep': refused(400, 'unparsable', 'PENDO_BODY_TOO_DEEP', 'Expected fewer levels of objects and lists.'),
}

const retryAfterSeconds = { INGEST_BUSY: 5, otherwise: 30 } as const

/** What Pendo does with a Retry-After is not known. What it does not send again, the sweep tells. */
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
