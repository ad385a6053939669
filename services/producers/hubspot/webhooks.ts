import type { Publisher } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { WebhookRequest, WebhookRoute } from '../ingest.ts'
import { itemWebhookRoute, type OutgoingItem, type SortedItems } from '../item-webhooks.ts'
import type { HubSpotMapping } from './changes.ts'
import { hubspotWebhooks, outgoingOf } from './outgoing.ts'
import { isSignedByHubSpot } from './signature.ts'

export interface HubSpotWebhookParts {
  /** The secret of the app, with which HubSpot signs. */
  readonly secret: string
  /** What HubSpot calls to reach the ingest, without a slash at its end; null: the request's Host over http. */
  readonly publicUrl: string | null
  readonly mapping: HubSpotMapping
  readonly publisher: Pick<Publisher, 'publish'>
  readonly codec: Pick<Codec, 'encode'>
  readonly metrics: Metrics
  /** Items that may wait for Kafka at once. */
  readonly mostInFlight?: number
}

/** HubSpot takes an answer after 5 s for a failure, and sends the same up to ten times within a day (facts/hubspot.md §3.9). */
const answerWithinMs = 4_500

/** `POST /webhooks/hubspot`: a list of at most 100 events, in no order, some of them again. */
export const hubspotRoute = (parts: HubSpotWebhookParts): WebhookRoute =>
  itemWebhookRoute({
    ...{ vendor: 'hubspot', path: '/webhooks/hubspot', answerWithinMs, service: hubspotWebhooks, unsigned },
    ...{ publisher: parts.publisher, metrics: parts.metrics, mostInFlight: parts.mostInFlight },
    isSigned: request => isSigned(parts, request),
    sort: (items, receivedAt) => sorted(parts, items, receivedAt),
  })

const isSigned = (
  { secret, publicUrl }: HubSpotWebhookParts,
  { headers, url, body, receivedAt }: WebhookRequest,
): boolean => {
  const uri = `${publicUrl ?? `http://${headers.host ?? ''}`}${url}`
  const [timestamp, signature] = [headers['x-hubspot-request-timestamp'], headers['x-hubspot-signature-v3']]
  return isSignedByHubSpot(secret, { method: 'POST', uri, body, timestamp, signature }, receivedAt)
}

const sorted = (
  { mapping, codec }: HubSpotWebhookParts,
  items: readonly unknown[],
  receivedAt: number,
): SortedItems => {
  const outgoing: OutgoingItem[] = []
  const passedOver = { ignored: 0, echo: 0 }
  for (const item of items) {
    const became = outgoingOf(item, { mapping, receivedAt, codec })
    if (typeof became === 'string') passedOver[became] += 1
    else outgoing.push(became)
  }
  return { outgoing, passedOver }
}

const unsigned =
  'Expected in X-HubSpot-Signature-v3 the signature of a request of the last 5 minutes. If HubSpot sent this, HUBSPOT_CLIENT_SECRET is not the secret of its app, or INGEST_PUBLIC_URL not the address that it calls.'
