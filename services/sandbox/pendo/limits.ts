/** The numbers that Pendo publishes (facts/pendo.md §2 and §4). */

const DAY_MS = 24 * 60 * 60 * 1000

/** Distinct names of track events of an app. */
export const EVENT_NAMES = 5_000
/** Distinct property keys of track events. */
export const PROPERTY_KEYS = 10_000
/** All properties of an event as JSON; above it they are replaced by `PROPERTIES_TOO_LARGE`. */
export const PROPERTIES_BYTES = 512
export const PROPERTIES_TOO_LARGE = 'event properties JSON too large'
/** An event whose timestamp is older is taken and not processed. */
export const OLDEST_EVENT_MS = 7 * DAY_MS
/** Events appear at the top of the hour and up to this much after it; often later. */
export const PROCESSED_AFTER_MS = 15 * 60 * 1000

/** Letters, digits and `_`, up to 32 characters, not beginning with a digit, not of the form `__x__`. */
export const isPropertyName = (name: string): boolean => /^[A-Za-z_]\w{0,31}$/.test(name) && !/^__.*__$/.test(name)

/** How much past usage the sandbox keeps, so that it does not grow for ever; Pendo keeps years. */
export const KEPT_USAGE_MS = 8 * DAY_MS
