/** Records of one page of a search: the most that HubSpot gives (facts/hubspot.md §3.2). */
export const pageRecords = 200
/** Characters of a search's body; HubSpot refuses longer ones. */
export const bodyCharacters = 3_000
/** Of the 5 searches a second that an account has, for all its apps together: the rest is for others. */
export const searchesPerSecond = 3
export const answerWithinMs = 60_000
/** After a refusal by a limit, a lock or a move of the account, when HubSpot names no time: the window of its burst limit. */
export const limitedForMs = 10_000
/** However short a wait HubSpot asks for. */
export const leastWaitMs = 1_000
/** Whoever is told to come back later than this comes back at the next sweep. */
export const longestWaitMs = 300_000
/** Refusals in a row by a limit, after which whoever calls should hear of it. */
export const refusals = 20
/** Attempts of a search that fails by itself. */
export const attempts = 5
/** Full jitter: the pause before attempt n is anything up to first · 2ⁿ. */
export const pauseMs = { first: 500, longest: 15_000 } as const
