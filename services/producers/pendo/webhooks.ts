import type { Publisher } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { WebhookRoute } from '../ingest.ts'
import { itemWebhookRoute, type SortedItems } from '../item-webhooks.ts'
import type { Catalogue } from './catalogue.ts'
import { outgoingOf, pendoWebhooks, setAside } from './outgoing.ts'
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

/** How long Pendo waits for an answer is not known. Nor is whether it sends anything again, but its `uniqueId` says so when it does. */
const answerWithinMs = 4_500

/** `POST /webhooks/pendo`: one event, or a list of them. */
export const pendoRoute = (parts: PendoWebhookParts): WebhookRoute =>
  itemWebhookRoute({
    ...{ vendor: 'pendo', path: '/webhooks/pendo', answerWithinMs, service: pendoWebhooks, unsigned },
    ...{ publisher: parts.publisher, metrics: parts.metrics, mostInFlight: parts.mostInFlight },
    isSigned: ({ headers, body }) => isSignedByPendo(parts.secret, headers['x-pendo-signature'], body),
    sort: (items, receivedAt) => sorted(parts, items, receivedAt),
  })

/** What the items become; those of no interest become nothing. */
const sorted = async (
  { catalogue, codec }: PendoWebhookParts,
  items: readonly unknown[],
  receivedAt: number,
): Promise<SortedItems> => {
  const read = items.map(item => ({ item, webhook: readWebhook(item) }))
  const needsCatalogue = read.some(({ webhook }) => webhook && isUsage(webhook))
  const facts = { catalogue: needsCatalogue ? await catalogue.get() : null, receivedAt, codec }
  const outgoing = read.flatMap(({ item, webhook }) => {
    if (!webhook) return [setAside(item, notAWebhook, receivedAt)]
    return isRecorded(webhook) ? [outgoingOf(webhook, item, facts)] : []
  })
  return { outgoing, passedOver: { ignored: items.length - outgoing.length } }
}

const unsigned =
  'Expected in X-Pendo-Signature the HMAC-SHA256 of the body, in hexadecimal or base64. If Pendo sent this, PENDO_WEBHOOK_SECRET is not the shared secret of its webhook.'
