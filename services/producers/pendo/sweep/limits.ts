export const hourMs = 3_600_000

/**
 * How long after its end an hour is first compared: what a webhook tells of it has come by then. Pendo itself shows usage a quarter of an hour after the hour and
 * later (facts/pendo.md §4).
 */
export const settledAfterMs = 2 * hourMs
/** How long after its end the rows of an hour may still grow: twice the 4 to 6 hours by which aggregations lag. Until then it is compared at each sweep. */
export const finalAfterMs = 12 * hourMs
/** How far back usage is told, at the first sweep and after an outage. Pendo itself takes no older events. */
export const lookBackMs = 7 * 24 * hourMs
/** Metadata that was updated so long before the last reading is read again: what Pendo says of the time is by its own clock, and may be seen late. */
export const metadataOverlapMs = 24 * hourMs

/** Numbers that are kept of what was told, one of each event and at most two of each thing that somebody used in an hour: some 50 bytes each. */
export const mostKept = 2_000_000
/** Uses of one thing by one visitor in one hour; more are told by the next sweeps, as long as the hour is compared. */
export const mostUses = 100_000
/** A transaction must end within ten seconds. */
export const recordsPerTransaction = 5_000
