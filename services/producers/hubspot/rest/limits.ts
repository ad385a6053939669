/** Records of one page of a search: the most that HubSpot gives (facts/hubspot.md §3.2). */
export const pageRecords = 200
/** Characters of a search's body; HubSpot refuses longer ones. */
export const bodyCharacters = 3_000
/** Of the 5 searches a second that an account has, for all its apps together: the rest is for others. */
export const searchesPerSecond = 3
/**
 * Of the 190 requests in 10 s that an app has (100 without a paid subscription), those that reading activities takes: the rest is for the sinks, which watch what HubSpot says is left
 * (facts/hubspot.md §3.1).
 */
export const readsPublished = { requests: 60, windowMs: 10_000 } as const
/** And those that reading forms and events of e-mails takes. */
export const marketingPublished = { requests: 30, windowMs: 10_000 } as const
/** Forms, submissions and events of e-mails on a page: the most that HubSpot gives (their references); of forms it does not say, and its own client takes 100. */
export const pageForms = 100
export const pageSubmissions = 50
export const pageEmailEvents = 1_000
/** Records of one batch to be read, and of one that is read with the history of its properties (facts/hubspot.md §3.2). */
export const batchRecords = 100
export const batchRecordsWithHistory = 50
/** Records of a page of those that were deleted: the most that HubSpot gives. */
export const pageDeleted = 100
/** Owners on a page: the most that HubSpot gives. */
export const pageOwners = 100
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
