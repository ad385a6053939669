import { createHmac } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { Track } from '../../../schemas/generated.ts'
import { type Catalogue, type CatalogueItem, catalogueOf } from '../../../services/producers/pendo/catalogue.ts'
import { type PendoWebhookParts, pendoRoute } from '../../../services/producers/pendo/webhooks.ts'
import { accounts, identityClaims, pendoSweeps, tracks, visitors } from '../../../topology/topics.ts'
import { SAMPLES } from '../../sandbox/pendo.ts'
import { type Answer, type Ingesting, type IngestingOptions, startIngesting } from '../ingesting.ts'
import { unavailable } from '../unreliable-publisher.ts'

export const secret = 'pendo-shared-secret-of-tests'
/** When every webhook of these tests arrives, in milliseconds: after the times in Pendo's examples. */
export const receivedAt = Date.parse('2021-07-21T12:00:00Z')

/** Pendo's example of an envelope, as another event. */
export const webhook = (event: string, values: object = {}): Record<string, unknown> => ({
  ...SAMPLES.webhooks.npsSubmitted,
  event,
  properties: {},
  ...values,
})

/** A track event's webhook. */
export const used = (name: string, values: object = {}, properties: object = { plan: 'Pro' }) =>
  webhook('trackEventReceived', {
    properties: { trackEventName: name, eventProperties: properties },
    visitorId: 'ada',
    accountId: 'acme',
    ...values,
  })

export const items: readonly CatalogueItem[] = [
  { kind: 'TRACK', id: 't1', name: 'Registered', core: true },
  { kind: 'TRACK', id: 't2', name: 'Looked', core: false },
  { kind: 'PAGE', id: 'p1', name: 'Reports', core: true },
  { kind: 'FEATURE', id: 'f1', name: 'Export', core: false },
]

export const signed = (body: string | Buffer, key = secret, encoding: 'hex' | 'base64' = 'hex') => ({
  'x-pendo-signature': createHmac('sha256', key).update(body).digest(encoding),
})

export interface Receiver extends Ingesting {
  readonly secret: string
  /** Posts JSON, or bytes, as Pendo does, signed unless other headers are given. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  tracks(): Promise<readonly Track[]>
  /** What the catalogue is from now on; null while Pendo has not told it. */
  know(catalogue: Catalogue | null): void
}

const topics = [visitors, accounts, tracks, identityClaims, pendoSweeps]

/** An ingest that takes webhooks of Pendo into a Kafka in memory. It ends with the test. */
export const startReceiver = async (
  context: TestContext,
  { mostInFlight, ...options }: IngestingOptions & { readonly mostInFlight?: number } = {},
): Promise<Receiver> => {
  let catalogue: Catalogue | null = catalogueOf(items)
  const get = () => (catalogue ? Promise.resolve(catalogue) : Promise.reject(unavailable('PENDO_CATALOGUE_UNKNOWN')))
  const route = (parts: Omit<PendoWebhookParts, 'secret' | 'catalogue'>) =>
    pendoRoute({ ...parts, secret, catalogue: { get }, ...(mostInFlight === undefined ? {} : { mostInFlight }) })
  const ingesting = await startIngesting(context, topics, route, { ...options, startAt: receivedAt })
  return {
    ...{ ...ingesting, secret },
    post: async (given, headers) => {
      const body = typeof given === 'string' || Buffer.isBuffer(given) ? given : JSON.stringify(given)
      return await ingesting.postBytes('/webhooks/pendo', body, headers ?? signed(body))
    },
    tracks: () => ingesting.decoded(tracks),
    know: known => {
      catalogue = known
    },
  }
}
