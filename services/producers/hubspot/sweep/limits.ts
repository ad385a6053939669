/**
 * Records that were modified so long before the last sweep began are read again: HubSpot's search sees a write only after some seconds, under load after minutes,
 * and its clock need not be ours. What did not change is not told again.
 */
export const overlapMs = 15 * 60_000
