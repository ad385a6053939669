/** A moment as a clock in a time zone shows it. */
export interface ZonedTime {
  /** The wanted zone, or UTC when it is not known. */
  readonly zone: string
  /** `YYYY-MM-DD`. */
  readonly day: string
  /** `YYYY-MM-DD HH:mm (GMT+2)`: with the offset, since the clock shows one hour twice when summer time ends. */
  readonly text: string
}

/** @param time milliseconds since the epoch; @param timezone IANA name; UTC is used for null and for a zone that this machine does not know */
export const zonedTime = (time: number, timezone: string | null): ZonedTime => {
  const known = timezone === null ? null : formatFor(timezone)
  const format = known ?? utc
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]))
  const day = `${parts['year']}-${parts['month']}-${parts['day']}`
  return {
    zone: known && timezone !== null ? timezone : 'UTC',
    day,
    // Versions of ICU differ in how they write no offset.
    text: `${day} ${parts['hour']}:${parts['minute']} (${parts['timeZoneName']?.replace(/\+0$/, '')})`,
  }
}

const formatIn = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  })

const utc = formatIn('UTC')

/** Making a format takes far longer than using it. */
const formats = new Map<string, Intl.DateTimeFormat | null>()
/** More names than there are zones: beyond it, names are invented. */
const knownFormats = 2_000

const formatFor = (timezone: string): Intl.DateTimeFormat | null => {
  const known = formats.get(timezone)
  if (known !== undefined) return known
  if (formats.size >= knownFormats) formats.clear()
  const format = madeFor(timezone)
  formats.set(timezone, format)
  return format
}

const madeFor = (timezone: string): Intl.DateTimeFormat | null => {
  try {
    return formatIn(timezone)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
