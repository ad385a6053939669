/** A subscription that nothing comes of within it is dead: Salesforce sends an empty answer every 270 seconds (https://developer.salesforce.com/docs/platform/pub-sub-api/references/methods/subscribe-rpc.html). */
export const longestSilenceMs = 330_000

/** After a cut it is tried again after so long, twice as long after each that follows at once. */
export const firstReconnectMs = 1_000
export const longestReconnectMs = 60_000

/** What somebody has to do something about is tried again after so long. */
export const retryUnavailableMs = 300_000

/** The share of the org's requests in 24 hours that reading what events name may take: where changes never end, they are read less often and more at a time. */
export const shareOfRequests = 0.25

/** Requests that may follow one another at once before that share counts, so that single changes are told as they come. */
export const burstOfRequests = 60

/** Ids in one query: its address, where they stand, may have 16,000 characters. */
export const idsOfQuery = 200
