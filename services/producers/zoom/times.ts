/** Zoom began in 2011: an earlier time is a defect of the source, as is seconds where milliseconds are due. */
const earliest = Date.UTC(2010, 0)
/** A plan beyond it is a defect too; it still fits every format that the time is written in. */
const latestPlan = Date.UTC(2100, 0)
/** The latest time that JavaScript can write as a date. */
const latest = 8.64e15

/** With a time zone: what a time without one means depends on the machine. */
const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/

/** Milliseconds of a time as Zoom writes it, an ISO text or epoch milliseconds; null when it is neither or before 2010. */
export const zoomTime = (value: unknown): number | null => {
  const time = millisecondsOf(value)
  return time >= earliest ? Math.min(Math.floor(time), latest) : null
}

const millisecondsOf = (value: unknown): number => {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return Number.NaN
  if (iso.test(value)) return Date.parse(value)
  return /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
}

/** When something happened: the first of the candidates that is a time, the receipt when none is, and never later than the receipt. */
export const happenedAt = (candidates: readonly unknown[], receivedAt: number): number => {
  for (const candidate of candidates) {
    const time = zoomTime(candidate)
    if (time !== null) return Math.min(time, receivedAt)
  }
  return receivedAt
}

/** When something is planned: it may lie ahead. Null when it is no time. */
export const plannedAt = (value: unknown): number | null => {
  const time = zoomTime(value)
  return time === null || time > latestPlan ? null : time
}
