import { hubspotMarketingParticipation, type MarketingParticipationFields } from '../../sinks/hubspot/objects.ts'
import type { Attendance } from '../attendance.ts'
import { isoTime } from './iso-time.ts'
import { participationKey } from './keys.ts'

/** The person's state in the webinar's marketing event; none for who neither registered nor came. */
export const marketingParticipationWrites = (attendance: Attendance) => {
  const state = stateOf(attendance)
  if (state === null) return []
  const { webinar, account, topic, startAt, endedAt, joinedAt, leftAt, namedAfter } = attendance
  return [
    hubspotMarketingParticipation.set(participationKey(webinar, namedAfter.participant), {
      webinar_id: webinar,
      account,
      topic,
      start_time: isoTime(startAt),
      end_time: isoTime(endedAt),
      ...state,
      joined_at: isoTime(joinedAt),
      left_at: isoTime(leftAt),
    }),
  ]
}

type State = Pick<MarketingParticipationFields, 'state' | 'interaction_at'>

const stateOf = ({ joinedAt, registered, registeredAt, cancelledAt }: Attendance): State | null => {
  if (joinedAt !== null) return { state: 'attended', interaction_at: new Date(joinedAt).toISOString() }
  if (registered && registeredAt !== null) {
    return { state: 'registered', interaction_at: new Date(registeredAt).toISOString() }
  }
  return cancelledAt === null ? null : { state: 'cancelled', interaction_at: new Date(cancelledAt).toISOString() }
}
