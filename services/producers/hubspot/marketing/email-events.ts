import type { EmailEvent, EmailEventType, HubSpotMarketingReader } from '../rest/marketing.ts'

/** Events of one type that happened between two times. */
export interface EmailEvents {
  /** The earliest first. */
  readonly events: readonly EmailEvent[]
  /** All that happened up to then has been given, as far as HubSpot showed it. In milliseconds. */
  readonly reached: number
}

/** In milliseconds. */
export interface TimeRange {
  readonly from: number
  readonly until: number
}

/** The longest time that is asked for at once, and how long the first is. */
export const longestSliceMs = 86_400_000
const firstSliceMs = 3_600_000
/** Events of one slice: they are held in memory. Of a slice with more, half is asked for; a millisecond is taken whole. */
export const mostOfSlice = 10_000

/**
 * Every event of a type in a range, from the earliest to the latest, some of them twice. HubSpot gives the latest first, by an offset that does not live long: so that what was told
 * stays told after a crash, and the first of many opens comes first, the range is read in slices, each whole. A slice begins where the one before ended: whether HubSpot counts both
 * ends, as it says, is no matter then.
 */
export async function* emailEventsIn(
  reader: Pick<HubSpotMarketingReader, 'emailEvents'>,
  type: EmailEventType,
  { from, until, most = mostOfSlice }: TimeRange & { readonly most?: number },
  signal: AbortSignal,
): AsyncGenerator<EmailEvents> {
  let length = firstSliceMs
  for (let begin = from; ; ) {
    const end = Math.min(until, begin + length)
    const events = await sliceOf(reader, type, { from: begin, until: end, most }, signal)
    if (!events) {
      length = Math.floor((end - begin) / 2)
      continue
    }
    yield { events: events.toSorted((a, b) => a.created - b.created), reached: end }
    if (end >= until) return
    begin = end > begin ? end : begin + 1
    if (events.length < most / 10) length = Math.min(longestSliceMs, Math.max(1, length * 2))
  }
}

/** Undefined when there are too many to be held, and the slice can be shorter. */
const sliceOf = async (
  reader: Pick<HubSpotMarketingReader, 'emailEvents'>,
  type: EmailEventType,
  { from, until, most }: TimeRange & { readonly most: number },
  signal: AbortSignal,
): Promise<readonly EmailEvent[] | undefined> => {
  const events: EmailEvent[] = []
  for (let offset: string | null = null; ; ) {
    const page = await reader.emailEvents({ type, from, until, offset }, signal)
    events.push(...page.items.filter(({ created }) => created >= from && created <= until))
    if (page.next === null) return events
    if (events.length > most && until > from) return undefined
    offset = page.next
  }
}
