import type { Participation } from '../../schemas/generated.ts'
import { stands, stoodAt } from './registrations.ts'

/**
 * Several participants of one webinar may be one person, and often are known to be only later. What is made once per person and webinar is named after one of them:
 * the one of whom we were first told that for which it is made. So it has the name that it got before the others turned out to be the same person.
 */
export interface NamedAfter {
  /** The participant who was told of first. */
  readonly participant: string
  /** Whose join was told first; null when none is known. Also one that the report supersedes counts, for it was told. */
  readonly joined: string | null
  /** Whose registration was first told to stand, cancelled afterwards or not; null when none was seen so. */
  readonly registered: string | null
  /** Likewise, among those whose registration stands: the others were not missed. */
  readonly missed: string | null
}

/** @param participations all participants of one webinar that are one person; at least one */
export const namedAfter = (participations: readonly [Participation, ...Participation[]]): NamedAfter => {
  const registrations = participations.flatMap(({ participant, registration }) => {
    const at = registration && stoodAt(registration)
    return registration === null || at === null
      ? []
      : [{ participant, receivedAt: registration.stoodReceivedAt, at, stands: stands(registration) }]
  })
  const joins = participations.flatMap(({ participant, sessions }) =>
    sessions.flatMap(({ joinedAt: at, joinReceivedAt: receivedAt }) =>
      at === null ? [] : [{ participant, receivedAt, at }],
    ),
  )
  return {
    participant: participations.reduce((first, each) => (isEarlier(mention(each), mention(first)) ? each : first))
      .participant,
    joined: firstOf(joins),
    registered: firstOf(registrations),
    missed: firstOf(registrations.filter(each => each.stands)),
  }
}

/** That something happened, and when we were told of it. Milliseconds since the epoch; `receivedAt` is 0 when it was before that was kept. */
interface Told {
  readonly participant: string
  readonly receivedAt: number
  readonly at: number
}

const mention = ({ participant, firstReceivedAt }: Participation): Told => ({
  participant,
  receivedAt: firstReceivedAt,
  at: 0,
})

const firstOf = (all: readonly Told[]): string | null => {
  const [some, ...others] = all
  return some ? others.reduce((first, each) => (isEarlier(each, first) ? each : first), some).participant : null
}

/** Many are told at one moment, as the rows of a report are: they are told in the order in which they happened. */
const isEarlier = (a: Told, b: Told): boolean =>
  (a.receivedAt - b.receivedAt || a.at - b.at || (a.participant < b.participant ? -1 : 1)) < 0
