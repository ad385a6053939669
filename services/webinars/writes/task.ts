import { zonedTime } from '../../runtime/zoned-time.ts'
import { salesforceTask } from '../../sinks/salesforce/objects.ts'
import { type Attendance, minutesOf } from '../attendance.ts'
import { webinarKey } from './keys.ts'

/** Salesforce's limit of a subject, in UTF-16 units. */
const longestSubject = 255

/** The completed task of who came; none for the absent. It changes at each leave, for it tells the last one so far. */
export const taskWrites = (attendance: Attendance) => {
  const { webinar, namedAfter, joinedAt, timezone } = attendance
  if (joinedAt === null || namedAfter.joined === null) return []
  return [
    salesforceTask.set(webinarKey('webinar', webinar, namedAfter.joined), {
      Subject: subjectOf(attendance),
      Status: 'Completed',
      ActivityDate: zonedTime(joinedAt, timezone).day,
      Description: descriptionOf(attendance, joinedAt),
    }),
  ]
}

const subjectOf = ({ topic, webinar }: Attendance): string => {
  const subject = `Attended: ${topic?.replace(/\s+/g, ' ').trim() || `webinar ${webinar}`}`
  return subject.length <= longestSubject ? subject : `${whole(subject.slice(0, longestSubject - 1))}…`
}

/** Without the first half of a character of two units at the end. */
const whole = (text: string): string => text.replace(/[\ud800-\udbff]$/, '')

const descriptionOf = (attendance: Attendance, joinedAt: number): string => {
  const { lastLeaveAt, timezone, closed, attendedMs, percent } = attendance
  const joined = zonedTime(joinedAt, timezone)
  return [
    `Joined: ${joined.text}`,
    ...(lastLeaveAt === null ? [] : [`Last left: ${zonedTime(lastLeaveAt, timezone).text}`]),
    `Time zone: ${joined.zone}`,
    ...(closed ? [`Minutes attended: ${minutesOf(attendedMs)}`] : []),
    ...(percent === null ? [] : [`Share of the webinar: ${percent} %`]),
  ].join('\n')
}
