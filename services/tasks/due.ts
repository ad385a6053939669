import { instantOf } from '../producers/input/times.ts'
import { zonedTime } from '../runtime/zoned-time.ts'

const dayMs = 86_400_000

/** The day that a moment is on; null for what is none. @param value milliseconds since the epoch, also as a text, or ISO 8601 */
export const dayOf = (value: unknown, timeZone: string): string | null => {
  const at = instantOf(value)
  return at === null ? null : zonedTime(at, timeZone).day
}

/** The moment at which a clock in the zone shows that day and time, in milliseconds since the epoch. Of a time that summer time leaves out, the one that much later. */
export const momentOn = (day: string, time: string, timeZone: string): number => {
  const wanted = Date.parse(`${day}T${time}:00Z`)
  const shown = (at: number): number => Date.parse(`${zonedTime(at, timeZone).text.slice(0, 16).replace(' ', 'T')}:00Z`)
  // What the clock shows is off by the zone's offset, which may be another one at the moment that this leads to.
  const first = wanted - (shown(wanted) - wanted)
  const second = first - (shown(first) - wanted)
  return shown(second) === wanted || Math.abs(second - first) > dayMs ? second : first
}
