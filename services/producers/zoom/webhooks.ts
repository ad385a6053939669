import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Webinar } from '../../../schemas/generated.ts'
import { webinars } from '../../../topology/topics.ts'
import type { OutgoingRecord, Publisher } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import type { ZoomAccount } from '../../runtime/config/zoom-accounts.ts'
import { deadLetter } from '../../runtime/dead-letters.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { createAcknowledgedOnce } from '../acknowledged-once.ts'
import { encodedAll } from '../encoded.ts'
import type { WebhookAnswer, WebhookRequest, WebhookRoute } from '../ingest.ts'
import { mapWebhook } from './events.ts'
import type { AccountSelection } from './selection.ts'
import { isSignedByZoom, urlValidationAnswer } from './signature.ts'
import {
  type Envelope,
  isRecorded,
  type RecordedEvent,
  readEnvelope,
  readWebhook,
  urlValidationEvent,
  type ZoomWebhook,
} from './webhook.ts'

export interface ZoomWebhookParts {
  readonly accounts: readonly Pick<ZoomAccount, 'name' | 'accountId' | 'webhookSecret'>[]
  readonly selection: { of(account: string): AccountSelection }
  readonly publisher: Pick<Publisher, 'publish'>
  readonly codec: Pick<Codec, 'encode'>
  readonly log: Logger
  readonly metrics: Metrics
}

/** Name of this producer in the topology, in dead letters and in metrics. */
export const zoomWebhooks = 'zoom-webhooks'

/** Zoom counts an answer after 3 seconds as a failure. */
const answerWithinMs = 2_500
/** Ids of acknowledged webhooks that are kept: some hours of many busy webinars, in some megabytes. */
const rememberedWebhooks = 50_000
/** While Kafka does not answer, what is held in memory for it is bounded. */
const mostInFlight = 10_000

/** `POST /webhooks/zoom` (the account without a name) and `POST /webhooks/zoom/<account>`. */
export const zoomRoutes = (parts: ZoomWebhookParts): readonly WebhookRoute[] => {
  const receiver = new ZoomReceiver(parts)
  return ['/webhooks/zoom', '/webhooks/zoom/:account'].map(path => ({
    vendor: 'zoom',
    method: 'POST',
    path,
    answerWithinMs,
    handle: request => receiver.receive(request),
  }))
}

type Account = ZoomWebhookParts['accounts'][number]

class ZoomReceiver {
  readonly #parts: ZoomWebhookParts
  readonly #accounts: ReadonlyMap<string, Account>
  readonly #once = createAcknowledgedOnce(rememberedWebhooks)

  constructor(parts: ZoomWebhookParts) {
    this.#parts = parts
    this.#accounts = new Map(parts.accounts.map(account => [account.name, account]))
  }

  /** Rejects when Kafka has not acknowledged what came of the webhook. */
  async receive(request: WebhookRequest): Promise<WebhookAnswer> {
    const account = this.#accounts.get(request.params['account'] ?? 'default')
    if (!account) return unknownAccount
    const { 'x-zm-request-timestamp': timestamp, 'x-zm-signature': signature } = request.headers
    if (!isSignedByZoom(account.webhookSecret, single(timestamp), single(signature), request.body)) return unsigned
    const envelope = readEnvelope(request.body)
    if (!envelope) return unparsable
    if (envelope.event === urlValidationEvent) return validateUrl(account, envelope)
    if (this.#isOfAnotherAccount(account, envelope)) return anotherAccount
    if (!isRecorded(envelope.event)) return accepted('ignored')
    const webhook = readWebhook(envelope.event, envelope.body)
    if ('broken' in webhook) return await this.#setAside(request, account, brokenReason(envelope.event, webhook.broken))
    return await this.#record(request, account, webhook)
  }

  #isOfAnotherAccount({ name, accountId }: Account, envelope: Envelope): boolean {
    if (accountId === null || envelope.accountId === null || envelope.accountId === accountId) return false
    this.#parts.log.error(
      { vendor: 'zoom', account: name, code: 'ZOOM_ACCOUNT_MISMATCH' },
      'A webhook of another Zoom account was refused: ZOOM_ACCOUNT_ID (or that of the named account) is not that of the app which sends here',
    )
    return true
  }

  async #record(request: WebhookRequest, account: Account, webhook: ZoomWebhook): Promise<WebhookAnswer> {
    const selection = this.#parts.selection.of(account.name)
    if (!selection.selects(webhook.payload.object.id)) return accepted('not-selected')
    const { panelists } = selection
    const { records, claims } = mapWebhook(webhook, { name: account.name, panelists }, request.receivedAt)
    let outgoing: readonly OutgoingRecord[]
    try {
      outgoing = encodedAll(this.#parts.codec, claims, records.map(recordOf))
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
      return await this.#setAside(request, account, error)
    }
    return await this.#publishOnce(records.map(({ eventId }) => eventId).join(), outgoing, 'produced')
  }

  /** What cannot become a record must not be lost: after a 4xx Zoom never sends it again, and after a 5xx it would fail each time. */
  async #setAside(
    { body, headers, receivedAt }: WebhookRequest,
    account: Account,
    { code, message }: { readonly code: string; readonly message: string },
  ): Promise<WebhookAnswer> {
    const letter = deadLetter(
      { topic: `webhooks/zoom/${account.name}`, key: null, value: body, headers: signedHeaders(headers) },
      { code, message, service: zoomWebhooks, at: receivedAt },
    )
    const id = `dead-letter:${createHash('sha256').update(body).digest('hex')}`
    const answer = await this.#publishOnce(id, [letter], 'dead-letter')
    if (answer.outcome === 'dead-letter') {
      this.#parts.metrics.increment('tributary_dead_letters_total', { service: zoomWebhooks, code })
    }
    return answer
  }

  /** Claims and records go in one call; a consumer that reads a record before its claim parks it until the claim was resolved. */
  async #publishOnce(id: string, records: readonly OutgoingRecord[], outcome: string): Promise<WebhookAnswer> {
    if (this.#once.inFlight() >= mostInFlight) throw tooManyInFlight()
    const acknowledgement = await this.#once.once(id, () => this.#parts.publisher.publish(records))
    return { ...accepted(acknowledgement === 'repeated' ? 'repeated' : outcome), acknowledged: true }
  }
}

const recordOf = (value: Webinar) => ({ stream: webinars, value })

const accepted = (outcome: string): WebhookAnswer => ({ status: 200, outcome, body: { outcome } })

const refused = (status: number, outcome: string, code: string, message: string): WebhookAnswer => ({
  status,
  outcome,
  body: { code, message },
})

const unknownAccount = refused(
  404,
  'unknown-account',
  'ZOOM_ACCOUNT_UNKNOWN',
  'No Zoom account of this name is configured. Check the address in the Zoom app, and ZOOM_ACCOUNTS.',
)

const unsigned = refused(
  401,
  'unsigned',
  'ZOOM_SIGNATURE_INVALID',
  'Expected the headers x-zm-request-timestamp and x-zm-signature (v0) over these bytes. If Zoom sent this, ZOOM_WEBHOOK_SECRET is not the secret token of its app.',
)

const unparsable = refused(
  400,
  'unparsable',
  'ZOOM_WEBHOOK_UNPARSABLE',
  'Expected a JSON object with the name of an event.',
)

const anotherAccount = refused(
  403,
  'another-account',
  'ZOOM_ACCOUNT_MISMATCH',
  'Expected a webhook of the Zoom account that is configured (ZOOM_ACCOUNT_ID), but it is of another one.',
)

const validateUrl = ({ webhookSecret }: Account, { plainToken }: Envelope): WebhookAnswer =>
  plainToken === null
    ? refused(400, 'unparsable', 'ZOOM_WEBHOOK_UNPARSABLE', 'Expected a payload with a plainToken.')
    : { status: 200, outcome: 'url-validation', body: urlValidationAnswer(webhookSecret, plainToken) }

const brokenReason = (event: RecordedEvent, paths: string) => ({
  code: 'ZOOM_WEBHOOK_BROKEN',
  message: `Expected a ${event} as Zoom describes it, but these fields are missing or broken: ${paths}.`,
})

const tooManyInFlight = (): TributaryError =>
  new TributaryError('INGEST_BUSY', `${mostInFlight} webhooks wait for Kafka to acknowledge them; no more are taken.`, {
    errorClass: 'retryable',
  })

/** Enough to post the same bytes again: the signature is no secret, and other headers may be. */
const signedHeaders = (headers: IncomingHttpHeaders): Record<string, Buffer> =>
  Object.fromEntries(
    ['x-zm-request-timestamp', 'x-zm-signature'].map(name => [name, Buffer.from(single(headers[name]) ?? '')]),
  )

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join() : header
