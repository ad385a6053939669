import { leaveOf, type ParticipantRow, type RegistrationStatus, type WebinarRow, type ZoomModel } from '../model.ts'

/** Where somebody is, as the page says it. */
export type Whereabouts = 'in the room' | 'left' | 'not here'

/** One line of the page's table of people: a registration, or somebody who came without one, with all presences. */
export interface PersonLine {
  readonly key: string
  readonly registrantId: string
  readonly name: string
  readonly email: string
  readonly registration: RegistrationStatus | 'none'
  readonly whereabouts: Whereabouts
  /** ISO 8601; empty when there is none. */
  readonly joined: string
  readonly left: string
  readonly presences: number
  /** The uuids of those presences that have not ended. */
  readonly open: readonly string[]
}

/** Everybody of a webinar but its host: who is in the room first, then who left, then the rest; the latest first within each. */
export const peopleOf = (model: ZoomModel, webinar: WebinarRow): PersonLine[] => {
  const presences = new Map<string, ParticipantRow[]>()
  const registrants = [...model.registrants(webinar.id).values()]
  const byAddress = new Map(registrants.map(({ id, email }) => [email.toLowerCase(), id]))
  for (const presence of model.participants(webinar.id).values()) {
    if (presence.id === webinar.host_id) continue
    const owner = (presence.bound_to && model.participants(webinar.id).get(presence.bound_to)) || presence
    const key = personKey(owner, byAddress)
    presences.set(key, [...(presences.get(key) ?? []), presence])
  }
  const registered = registrants.map(registrant => {
    const mine = presences.get(registrant.id) ?? []
    presences.delete(registrant.id)
    const name = `${registrant.first_name} ${registrant.last_name}`.trim()
    const { id: registrantId, email, status: registration, create_time } = registrant
    return {
      ...roomLine(webinar, mine),
      key: registrantId,
      registrantId,
      name,
      email,
      registration,
      since: create_time,
    }
  })
  const others = [...presences].map(([key, mine]) => {
    const { user_name: name = '', email = '' } = mine[0] ?? {}
    return { ...roomLine(webinar, mine), key, registrantId: '', name, email, registration: 'none' as const, since: '' }
  })
  return [...others, ...registered].sort(
    (one, other) =>
      ORDER[one.whereabouts] - ORDER[other.whereabouts] ||
      (other.joined || other.since).localeCompare(one.joined || one.since),
  )
}

const ORDER: Readonly<Record<Whereabouts, number>> = { 'in the room': 0, left: 1, 'not here': 2 }

const personKey = (presence: ParticipantRow, byAddress: ReadonlyMap<string, string>): string =>
  presence.registrant_id || byAddress.get(presence.email.toLowerCase()) || presence.email || presence.participant_uuid

const roomLine = (webinar: WebinarRow, presences: readonly ParticipantRow[]) => {
  const leaves = presences.map(presence => leaveOf(webinar, presence))
  const open = presences.filter((presence, index) => presence.join_time !== null && leaves[index] === undefined)
  const whereabouts: Whereabouts = presences.length === 0 ? 'not here' : open.length > 0 ? 'in the room' : 'left'
  return {
    whereabouts,
    joined: earliest(presences.map(presence => presence.join_time ?? '')),
    left:
      open.length > 0
        ? ''
        : (leaves
            .map(leave => leave ?? '')
            .sort()
            .at(-1) ?? ''),
    presences: presences.length,
    open: open.map(presence => presence.participant_uuid),
  }
}

const earliest = (times: readonly string[]): string => times.filter(time => time !== '').sort()[0] ?? ''
