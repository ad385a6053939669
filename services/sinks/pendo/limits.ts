import type { PublishedLimit } from '../../delivery/requests/rate-limit.ts'

/**
 * Pendo's published numbers, and ours where it publishes none. Sources: Pendo's help center (track events: names, properties, age) and what public clients of its
 * API do.
 */

const dayMs = 24 * 60 * 60 * 1000

/** Distinct names of track events of an app. What has a further name Pendo takes and drops. */
export const eventNames = 5_000

/** Distinct names of properties of track events of an app. */
export const propertyNames = 10_000

/** Characters of the name of a property. */
export const propertyNameLength = 32

/** Bytes of all properties of an event as JSON: of one that has more, Pendo drops all of them. */
export const propertiesBytes = 512

/** An event that is older Pendo takes and drops. */
export const oldestEventMs = 7 * dayMs

/** Between the decision to send an event and Pendo's look at its age. */
export const ageMarginMs = 60_000

/** How long a 429 that names no time makes us wait: as Singer's tap for Pendo does. */
export const refusalWaitMs = 30_000

/**
 * Requests of one API key to one endpoint. Pendo publishes no number; others who use its API speak of a leaky bucket of 100 requests that empties by 100 a second.
 * This one gives out 29 at once and 90 a second, so that it never fills that one, and leaves room for others.
 */
export const pace: PublishedLimit = { requests: 125, windowMs: 1_000 }

/**
 * Visitors or accounts in one request. Pendo publishes no number; with a dozen fields each this is some 100 KB. A batch that is refused for its size is
 * divided.
 */
export const batchInputs = 200

/** Track events under way at the same time: each is a request of its own, and at 150 ms each so many use up the pace. */
export const concurrentEvents = 16

/** Batches of metadata under way at the same time. */
export const concurrentBatches = 4

/** Visitors or accounts read at the same time for a dry run, which Pendo gives one by one. */
export const concurrentReads = 8

/** Longer than Pendo takes for a batch. */
export const requestTimeoutMs = 30_000

/** How often the metadata fields of the subscription are read again, so that one that an admin makes is used without a restart. */
export const fieldsReadEveryMs = 10 * 60_000

/** After a refusal that may be due to a field that was removed, at most so often. */
export const fieldsReadAgainMs = 60_000
