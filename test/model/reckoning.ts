import type { Webinar } from '../../schemas/generated.ts'
import { topicOf } from './happenings.ts'

/** The earlier of two tellings is the one received first; of one moment the one that happened first. */
interface Telling {
  readonly participant: string
  readonly receivedAt: number
  readonly at: number
}

interface Stay {
  readonly instance: string | null
  joinedAt: number | null
  leftAt: number | null
  isReported: boolean
}

/** One participant of one webinar, of all that was told and counts. */
export interface Participant {
  readonly key: string
  readonly aliases: readonly string[]
  readonly events: readonly Webinar[]
}

export interface Run {
  readonly id: string
  readonly startedAt: number
  readonly endedAt: number | null
  readonly isSettled: boolean
  readonly isReported: boolean
}

/** What one person did in one webinar. Times in milliseconds since the epoch. */
export interface Reckoned {
  readonly webinar: string
  readonly topic: string
  readonly isRegistered: boolean
  /** Of the newest standing registration. */
  readonly registeredAt: number | null
  readonly joinUrl: string | null
  readonly status: 'registered' | 'attending' | 'attended' | 'missed' | 'cancelled'
  readonly joinedAt: number | null
  readonly leftAt: number | null
  readonly lastLeaveAt: number | null
  readonly isClosed: boolean
  readonly attendedMs: number
  readonly percent: number | null
  readonly activeAt: number
  readonly endedAt: number | null
  readonly isSettled: boolean
  /** Participants after whom it is named: who was told of first, whose join, whose standing registration. */
  readonly named: { readonly first: string; readonly joined: string | null; readonly stood: string | null }
  /** Whose registration, of those that stand, was told of first. */
  readonly missed: string | null
  readonly cancelledAt: number | null
}

export const runsOf = (told: readonly Webinar[], webinar: string): readonly Run[] => {
  const ofWebinar = told.filter(({ number }) => number === webinar)
  return ofWebinar
    .filter(({ kind }) => kind === 'STARTED')
    .filter((event, index, all) => all.findIndex(({ instance }) => instance === event.instance) === index)
    .map(({ instance, occurredAt }) => {
      const of = ofWebinar.filter(event => event.instance === instance)
      const settled = of.filter(({ kind }) => kind === 'SETTLED')
      return {
        id: instance ?? '',
        startedAt: occurredAt,
        endedAt: of.find(({ kind }) => kind === 'ENDED' || kind === 'SETTLED')?.endTime ?? null,
        isSettled: settled.length > 0,
        isReported: settled.some(({ reported }) => reported === true),
      }
    })
}

/** @param participants all that are this person in the webinar; at least one */
export const reckoned = (webinar: string, participants: readonly Participant[], runs: readonly Run[]): Reckoned => {
  const isOver = runs.length > 0 && runs.every(({ endedAt }) => endedAt !== null)
  const registration = registrationOf(participants)
  const stay = stayOf(participants, runs)
  const endedAt = isOver ? Math.max(...runs.map(run => run.endedAt ?? 0)) : null
  const status =
    stay.joinedAt !== null
      ? stay.isOpen && !isOver
        ? 'attending'
        : 'attended'
      : registration.isRegistered
        ? isOver
          ? 'missed'
          : 'registered'
        : 'cancelled'
  const length = runs.reduce((sum, run) => sum + (run.endedAt ?? run.startedAt) - run.startedAt, 0)
  const share = length === 0 ? 0 : Math.min(100, Math.round((100 * stay.attendedMs) / length))
  return {
    ...{ webinar, status, endedAt, ...registration, ...stay },
    topic: topicOf(Number(webinar.at(-1))),
    leftAt: stay.isOpen ? null : stay.lastLeaveAt,
    percent: isOver ? share : null,
    activeAt: Math.max(
      ...[registration.registeredAt, registration.changedAt, stay.lastJoinAt, stay.lastLeaveAt].map(at => at ?? 0),
      status === 'missed' ? (endedAt ?? 0) : 0,
    ),
    isSettled: runs.length > 0 && runs.every(run => run.isSettled),
    named: {
      first: earliest(participants.map(each => mention(each, each.events, () => 0))) ?? '',
      joined: earliest(participants.flatMap(each => joinsOf(each))),
      stood: earliest(participants.flatMap(each => stoodOf(each))),
    },
    missed: earliest(participants.filter(each => statusOf(each) === 'APPROVED').flatMap(each => stoodOf(each))),
    cancelledAt: registration.isRegistered ? null : registration.changedAt,
  }
}

/** Tellings of a join, session by session: when it was first told, and when it was. */
export const joinsOf = (participant: Participant): readonly Telling[] =>
  [...staysOf(participant)].flatMap(([id, { joinedAt }]) =>
    joinedAt === null
      ? []
      : [
          mention(
            participant,
            participant.events.filter(
              event => event.participant?.session === id && event.participant.joinedAt !== null,
            ),
            () => joinedAt,
          ),
        ],
  )

/** When it was told that a registration stands, whether it was cancelled later or not. */
export const stoodOf = (participant: Participant): readonly Telling[] => {
  const standing = participant.events.filter(({ registrant }) => registrant?.status === 'APPROVED')
  return standing.length === 0 ? [] : [mention(participant, standing, each => Math.min(...each))]
}

export const earliest = (tellings: readonly Telling[]): string | null =>
  tellings.toSorted((a, b) => a.receivedAt - b.receivedAt || a.at - b.at || (a.participant < b.participant ? -1 : 1))[0]
    ?.participant ?? null

const mention = (
  { key }: Participant,
  events: readonly Webinar[],
  at: (occurred: readonly number[]) => number,
): Telling => ({
  participant: key,
  receivedAt: Math.min(...events.map(({ receivedAt }) => receivedAt)),
  at: at(events.map(({ occurredAt }) => occurredAt)),
})

const registrationsOf = ({ events }: Participant): readonly Webinar[] =>
  events
    .filter(({ registrant }) => registrant !== null)
    .toSorted(
      (a, b) => a.occurredAt - b.occurredAt || ((a.registrant?.status ?? '') < (b.registrant?.status ?? '') ? -1 : 1),
    )

const statusOf = (participant: Participant): string | undefined =>
  registrationsOf(participant).at(-1)?.registrant?.status

const registrationOf = (participants: readonly Participant[]) => {
  const all = participants.filter(each => registrationsOf(each).length > 0)
  const since = (each: Participant): number => registrationsOf(each)[0]?.occurredAt ?? 0
  const standing = all.filter(each => statusOf(each) === 'APPROVED')
  const url = (each: Participant): string => each.events.find(({ registrant }) => registrant)?.registrant?.joinUrl ?? ''
  const newest = standing.toSorted((a, b) => since(b) - since(a) || (url(a) < url(b) ? -1 : 1))[0]
  const changes = all.map(each => registrationsOf(each).at(-1)?.occurredAt ?? 0)
  return {
    isRegistered: newest !== undefined,
    registeredAt: newest ? since(newest) : all.length === 0 ? null : Math.max(...all.map(since)),
    joinUrl: newest ? url(newest) : null,
    changedAt: changes.length === 0 ? null : Math.max(...changes),
  }
}

const staysOf = ({ events }: Participant): ReadonlyMap<string, Stay> => {
  const stays = new Map<string, Stay>()
  for (const { participant, instance, kind } of events) {
    if (participant === null) continue
    const { session, joinedAt, leftAt } = participant
    const stay = stays.get(session) ?? { instance, joinedAt: null, leftAt: null, isReported: false }
    stay.joinedAt ??= joinedAt
    stay.leftAt ??= leftAt
    stay.isReported ||= kind === 'REPORTED'
    stays.set(session, stay)
  }
  return stays
}

/** Every second of the webinar counts once. */
const stayOf = (participants: readonly Participant[], runs: readonly Run[]) => {
  const all = participants.flatMap(participant => [...staysOf(participant).values()])
  const runOf = (stay: Stay): Run | undefined => runs.find(({ id }) => id === stay.instance)
  const isLost = (stay: Stay): boolean =>
    stay.leftAt === null &&
    runOf(stay)?.isReported === true &&
    all.some(other => other.isReported && other.instance === stay.instance)
  const stays = all.filter(stay => stay.joinedAt !== null && !isLost(stay))
  const closed = stays.flatMap(stay => {
    const to = stay.leftAt ?? runOf(stay)?.endedAt ?? null
    return to === null ? [] : [{ from: stay.joinedAt ?? 0, to, run: runOf(stay) }]
  })
  let attendedMs = 0
  const second = 1_000
  for (const { startedAt, endedAt } of runs) {
    for (let at = startedAt; at < (endedAt ?? latest(closed.map(({ to }) => to)) ?? 0); at += second) {
      if (closed.some(({ from, to }) => from <= at && at < to)) attendedMs += second
    }
  }
  return {
    joinedAt: stays.length === 0 ? null : Math.min(...stays.map(({ joinedAt }) => joinedAt ?? 0)),
    lastJoinAt: latest(stays.map(({ joinedAt }) => joinedAt ?? 0)),
    lastLeaveAt: latest(closed.map(({ to }) => to)),
    isOpen: closed.length < stays.length,
    isClosed: closed.length > 0,
    attendedMs,
  }
}

const latest = (times: readonly number[]): number | null => (times.length === 0 ? null : Math.max(...times))
