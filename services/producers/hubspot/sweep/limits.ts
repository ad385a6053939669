/**
 * Records that were modified so long before the last sweep began are read again: HubSpot's search sees a write only after some seconds, under load after minutes,
 * and its clock need not be ours. What did not change is not told again.
 */
export const overlapMs = 15 * 60_000

/**
 * How often deleted activities are looked for. HubSpot tells of a deletion by a webhook, which it tries for a day, and not at all where the app has no webhooks; it gives all
 * deleted records that it keeps, whenever they were deleted, 100 in a request.
 */
export const deletionsEveryMs = 6 * 3_600_000
