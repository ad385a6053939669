interface Moment {
  readonly occurredAt: number
  readonly receivedAt: number
  readonly eventId: string
}

/** Whether something was told later than what is known: by the time at the source; of the same time what was taken later. An event that is taken again is not. */
export const isNewer = (told: Moment, known: Moment | undefined): boolean => {
  if (!known) return true
  if (told.eventId === known.eventId) return false
  if (told.occurredAt !== known.occurredAt) return told.occurredAt > known.occurredAt
  if (told.receivedAt !== known.receivedAt) return told.receivedAt > known.receivedAt
  return told.eventId > known.eventId
}
