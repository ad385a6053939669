import type { TestContext } from 'node:test'
import { hubSpotSignature } from '../../../services/producers/hubspot/signature.ts'
import { type HubSpotWebhookParts, hubspotRoute } from '../../../services/producers/hubspot/webhooks.ts'
import { accounts, hubspotSweeps, identityClaims, recordNotices, tasks, visitors } from '../../../topology/topics.ts'
import { type Answer, type Ingesting, type IngestingOptions, startIngesting } from '../ingesting.ts'

export const secret = 'secret-of-the-app-in-tests'
/** When every webhook of these tests arrives. */
export const receivedAt = Date.parse('2026-08-25T10:00:00Z')
export const appId = '50780459'
export const mapping = {
  appId,
  properties: { contacts: ['firstname', 'jobtitle', 'city'], companies: ['name', 'domain'] },
  activities: true,
}

/** HubSpot's own example of an item (facts/hubspot.md §3.9), as somebody's change of a first name; changed as a test wants it. */
export const webhook = (subscriptionType: string, values: object = {}): Record<string, unknown> => ({
  ...{ eventId: 4_101_286_121, subscriptionId: 7_562_680, portalId: 247_187_887, appId: 50_780_459 },
  ...{ occurredAt: 1_787_650_000_000, subscriptionType, attemptNumber: 0, objectId: 541_935_488_729 },
  ...{ changeSource: 'CRM_UI', sourceId: 'userId:7' },
  ...values,
})

/** That somebody changed a property. */
export const changed = (propertyName: string, propertyValue: unknown, values: object = {}): Record<string, unknown> =>
  webhook('contact.propertyChange', { propertyName, propertyValue, ...values })

export interface Receiver extends Ingesting {
  /** Posts JSON, or bytes, as HubSpot does, signed unless other headers are given. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** The headers by which HubSpot signs these bytes now, for this receiver. */
  signed(body: unknown, options?: { readonly secret?: string; readonly timestamp?: number }): Record<string, string>
}

export const bytesOf = (given: unknown): string | Buffer =>
  typeof given === 'string' || Buffer.isBuffer(given) ? given : JSON.stringify(given)

/** An ingest that takes webhooks of HubSpot into a Kafka in memory. It ends with the test. */
export const startReceiver = async (
  context: TestContext,
  {
    mostInFlight,
    publicUrl = null,
    path = '/webhooks/hubspot',
    activities = true,
    ...options
  }: IngestingOptions & {
    readonly mostInFlight?: number
    readonly publicUrl?: string | null
    /** What is called, with a query if there is one. */
    readonly path?: string
    /** Whether activities are taken. */
    readonly activities?: boolean
  } = {},
): Promise<Receiver> => {
  const topics = [visitors, accounts, identityClaims, recordNotices, tasks, hubspotSweeps]
  const route = (parts: Pick<HubSpotWebhookParts, 'publisher' | 'codec' | 'metrics'>) =>
    hubspotRoute({
      ...parts,
      secret,
      publicUrl,
      mapping: { ...mapping, activities },
      ...(mostInFlight === undefined ? {} : { mostInFlight }),
    })
  const ingesting = await startIngesting(context, topics, route, { ...options, startAt: receivedAt })
  const signed: Receiver['signed'] = (given, { secret: key = secret, timestamp = ingesting.clock.now() } = {}) => {
    const uri = (publicUrl ?? ingesting.url) + path
    const request = { method: 'POST', uri, body: Buffer.from(bytesOf(given)), timestamp: String(timestamp) }
    return {
      'x-hubspot-request-timestamp': request.timestamp,
      'x-hubspot-signature-v3': hubSpotSignature(key, request),
    }
  }
  return {
    ...{ ...ingesting, signed },
    post: async (given, headers) => await ingesting.postBytes(path, bytesOf(given), headers ?? signed(given)),
  }
}
