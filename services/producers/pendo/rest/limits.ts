/** Rows of a page: the limit of Pendo's own example (facts/pendo.md §4). */
export const pageRows = 10_000
/** A group of rows that is larger than a page is asked for with ever larger ones, up to this. */
export const mostPageRows = 80_000
/** Aggregations over much usage take Pendo long. */
export const answerWithinMs = 60_000
/** After a 429 without Retry-After. Pendo publishes no numbers; tap-pendo waits as long (facts/pendo.md §4). */
export const limitedForMs = 30_000
/** However short a wait Pendo asks for. */
export const leastWaitMs = 1_000
/** Whoever is told to come back later than this comes back at the next sweep. */
export const longestWaitMs = 300_000
/** Refusals in a row by the limit, after which whoever calls should hear of it. */
export const refusals = 20
/** Attempts of a read that fails by itself. */
export const attempts = 5
/** Full jitter: the pause before attempt n is anything up to first · 2ⁿ. */
export const pauseMs = { first: 500, longest: 15_000 } as const
