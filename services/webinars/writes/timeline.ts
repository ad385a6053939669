import {
  hubspotWebinarAttended,
  hubspotWebinarJoined,
  hubspotWebinarMissed,
  hubspotWebinarRegistered,
  type WebinarEventFields,
} from '../../sinks/hubspot/objects.ts'
import { type Attendance, minutesOf } from '../attendance.ts'
import { isoTime } from './iso-time.ts'
import { webinarKey } from './keys.ts'

/**
 * The custom events of one webinar on the person's timeline: registered and joined when that is known, attended or missed once the webinar is settled. An occurrence
 * never changes, so each says only what is final when it comes. Someone who cancelled did register, so that event is asked for then too: the same webhooks lead to the same
 * events in whichever order they arrive.
 */
export const timelineWrites = (attendance: Attendance) => [
  ...registered(attendance),
  ...joined(attendance),
  ...outcome(attendance),
]

const registered = (attendance: Attendance) => {
  const { webinar, namedAfter, stoodAt } = attendance
  if (stoodAt === null || namedAfter.registered === null) return []
  const once = webinarKey('registered', webinar, namedAfter.registered)
  return [hubspotWebinarRegistered.append(once, stoodAt, webinarOf(attendance))]
}

const joined = (attendance: Attendance) => {
  const { webinar, namedAfter, joinedAt } = attendance
  if (joinedAt === null || namedAfter.joined === null) return []
  const fields = { ...webinarOf(attendance), joined_at: isoTime(joinedAt) }
  return [hubspotWebinarJoined.append(webinarKey('joined', webinar, namedAfter.joined), joinedAt, fields)]
}

/** Attended, or missed by whose registration stands; both at the end of the webinar. */
const outcome = (attendance: Attendance) => {
  const { webinar, namedAfter, settled, endedAt, joinedAt } = attendance
  if (!settled || endedAt === null) return []
  const fields: WebinarEventFields = {
    ...webinarOf(attendance),
    joined_at: isoTime(joinedAt),
    left_at: isoTime(attendance.leftAt),
    attended_minutes: minutesOf(attendance.attendedMs),
    attended_percent: attendance.percent,
  }
  if (namedAfter.joined !== null) {
    return [hubspotWebinarAttended.append(webinarKey('attended', webinar, namedAfter.joined), endedAt, fields)]
  }
  if (namedAfter.missed === null) return []
  return [hubspotWebinarMissed.append(webinarKey('missed', webinar, namedAfter.missed), endedAt, fields)]
}

const webinarOf = ({ webinar, topic, startAt }: Attendance): WebinarEventFields => ({
  webinar_id: webinar,
  topic,
  start_time: isoTime(startAt),
  joined_at: null,
  left_at: null,
  attended_minutes: null,
  attended_percent: null,
})
