/**
 * A long transaction shows its changes with the time at which it made them, when it ends: minutes late (facts/salesforce.md §5). So what was changed up to so long before
 * the last look back is read again, at each start and every `lookBackEveryMs`; what was told is not told again. Five of these minutes are for that, five for a clock of
 * ours that is off: with one that is off by more nobody can log in.
 */
export const overlapMs = 10 * 60_000

/**
 * A poll between two looks back begins with the last change that was seen. So while nothing changes it costs one request an object and next to no bytes, however
 * much was changed in the minutes before; and what a long transaction changed is told at most so much later than the rest.
 */
export const lookBackEveryMs = 5 * 60_000

/** The share of what is left of the org's requests that may be taken when they become scarce: the rest is for writing, and for the others in the org. */
export const shareOfScarce = 0.25

/** However scarce they are, it is looked so often: they come back by the hour. */
export const longestPauseMs = 60 * 60_000
