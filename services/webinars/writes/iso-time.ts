/** ISO 8601 in UTC, of milliseconds since the epoch; null for no time. */
export const isoTime = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : new Date(time).toISOString()
