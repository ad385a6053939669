import type { PublishedLimit } from '../../../delivery/requests/rate-limit.ts'

/**
 * Salesforce has no limit per second, and its answers take longer than this anyway: it bounds what the first reading of many people may ask for. What is to be saved
 * is the allowance of a day, by how often it is polled.
 */
export const pace: PublishedLimit = { requests: 600, windowMs: 60_000 }
