/** The least of the times; null when none is known. */
export const earliest = (...times: readonly (number | null)[]): number | null =>
  times.reduce((least, time) => (least === null || (time !== null && time < least) ? time : least), null)

/** The greatest of the times; null when none is known. */
export const latest = (...times: readonly (number | null)[]): number | null =>
  times.reduce((most, time) => (most === null || (time !== null && time > most) ? time : most), null)
