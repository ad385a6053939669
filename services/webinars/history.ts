import type { Participation, WebinarHistory } from '../../schemas/generated.ts'
import type { RowOf } from '../../topology/define.ts'
import { type Attendance, attendanceOf } from './attendance.ts'

type History = RowOf<WebinarHistory>

/** The history with a participation in it, unless it holds one of the same participant and webinar that is as new: a repeat changes nothing. */
export const withParticipation = (history: History | undefined, participation: Participation): History => {
  const known = history?.participations.find(each => keyOf(each) === keyOf(participation))
  if (history && known && newer(participation, known) <= 0) return history
  return mergeHistories(history ?? { participations: [] }, { participations: [participation] })
}

/** Both histories in one: of each participant and webinar the newest, in one order. Commutative, associative, idempotent. */
export const mergeHistories = (a: History, b: History): History => {
  const newest = new Map<string, Participation>()
  for (const participation of [...a.participations, ...b.participations]) {
    const key = keyOf(participation)
    const known = newest.get(key)
    if (!known || isNewer(participation, known)) newest.set(key, participation)
  }
  return { participations: [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, participation]) => participation) }
}

/** What the person did, webinar by webinar. */
export const attendancesOf = (history: History): readonly Attendance[] => {
  const byWebinar = new Map<string, [Participation, ...Participation[]]>()
  for (const participation of history.participations) {
    const others = byWebinar.get(participation.webinar.id)
    if (others) others.push(participation)
    else byWebinar.set(participation.webinar.id, [participation])
  }
  return [...byWebinar.values()].map(attendanceOf)
}

const keyOf = ({ webinar, participant }: Participation): string => `${webinar.id}|${participant}`

/** Both revisions only grow, so a participation told later has neither lower. */
const newer = (a: Participation, b: Participation): number =>
  a.revision - b.revision || a.webinarRevision - b.webinarRevision

/** Two of the same revisions tell the same; which event told it decides, so that the order of histories does not matter. */
const isNewer = (a: Participation, b: Participation): boolean => (newer(a, b) || (a.eventId > b.eventId ? 1 : -1)) > 0
