import type { PublishedLimit } from '../../delivery/requests/rate-limit.ts'

/**
 * HubSpot's published numbers. Sources: the usage guidelines (developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines), the changelog entry
 * "Increasing our API limits", and the object guides.
 */

/** Requests of a private app within ten rolling seconds: Professional and Enterprise. Free and Starter: 100; with the API limit increase: 250. */
export const professionalBurst: PublishedLimit = { requests: 190, windowMs: 10_000 }

/** Inputs of one batch of CRM objects: read, update and upsert. 101 are refused as a whole. */
export const batchInputs = 100

/** A record that is locked by another write stays so for 2 s (status 423). */
export const lockMs = 2_000

/** HubSpot's own gateway gives up after 100 s (status 524); batches of contacts take far less than this. */
export const requestTimeoutMs = 30_000

/** Batches under way at the same time: at 250 ms each they use up the burst limit, and more only provoke locks. */
export const concurrentRequests = 4

/** First and longest wait after a refusal by the burst limit that names no time itself. */
export const refusalWaitMs = { first: 1_000, longest: 10_000 }
