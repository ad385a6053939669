import { hash } from 'node:crypto'
import type { IdentityClaim, Webinar } from '../../schemas/generated.ts'

/** Times of histories are milliseconds since the epoch; a history begins here and each of its commands takes one tick. */
export const beginning = Date.parse('2026-03-04T15:00:00Z')
export const tickMs = 7_000

export const names = ['ada', 'bob', 'cleo', 'dan', 'eve'] as const
export type Name = (typeof names)[number]
export type Place = 'work' | 'home'

export const email = (name: Name, place: Place): string => `${name}@${place}.example`
export const emailAlias = (name: Name, place: Place): string => `email:${email(name, place)}`
export const registrant = (name: Name, place: Place, webinar: number): string =>
  `zoom:registrant:${name}-${place}-${webinar}`

/** How somebody is in the room: by the link of a registration, or signed in with an address. */
export interface Way {
  readonly name: Name
  readonly place: Place
  readonly byLink: boolean
}

export const aliasesOf = ({ name, place, byLink }: Way, webinar: number): readonly [string, ...string[]] =>
  byLink ? [registrant(name, place, webinar), emailAlias(name, place)] : [emailAlias(name, place)]

/** Everybody registers for it at the end of a history in which people meddled with contacts, so that the sinks learn of it. */
export const closingWebinar = 9

/** The title of a webinar, its number as Zoom has it, and when it was planned to begin. */
export const topicOf = (webinar: number): string => `Webinar ${webinar}`
export const numberOf = (webinar: number): string => `9000000000${webinar}`
const plannedAt = (webinar: number): number => beginning + webinar * 600_000

/** One run of a webinar, from a start to its end. */
export interface Run {
  readonly id: string
  readonly webinar: number
  readonly startedAt: number
  endedAt: number | null
  settled: boolean
  readonly sessions: Session[]
}

/** Somebody in the room. */
export interface Session {
  readonly id: string
  readonly way: Way
  readonly joinedAt: number
  leftAt: number | null
  isReported: boolean
}

type Facts = Pick<Webinar, 'kind' | 'eventId' | 'occurredAt'> & Partial<Webinar>

/** Ids of events are hashes, as those of Zoom's webhooks are: they name nobody. */
const eventOf = (webinar: number, facts: Facts): Webinar => ({
  source: 'zoom:default',
  receivedAt: facts.occurredAt,
  account: 'default',
  number: numberOf(webinar),
  recurring: false,
  instance: null,
  topic: topicOf(webinar),
  startTime: plannedAt(webinar),
  endTime: null,
  reported: null,
  timezone: 'Europe/Berlin',
  occurrences: [],
  person: facts.aliases?.[0] ?? null,
  aliases: [],
  registrant: null,
  participant: null,
  ...facts,
  eventId: `zoom:${hash('sha256', facts.eventId).slice(0, 16)}`,
})

export const planned = (webinar: number): Webinar =>
  eventOf(webinar, { kind: 'CREATED', eventId: `CREATED:${webinar}`, occurredAt: beginning })

export const registration = (
  kind: 'REGISTERED' | 'CANCELLED' | 'APPROVED',
  { name, place, company }: { readonly name: Name; readonly place: Place; readonly company: string },
  webinar: number,
  at: number,
): Webinar => {
  const id = registrant(name, place, webinar)
  return eventOf(webinar, {
    ...{ kind, eventId: `${kind}:${id}:${at}`, occurredAt: at, aliases: [id, emailAlias(name, place)] },
    registrant: {
      ...{ id, email: email(name, place), firstName: name, lastName: null },
      status: kind === 'CANCELLED' ? 'CANCELLED' : 'APPROVED',
      joinUrl: `https://zoom.example/${name}-${place}-${webinar}`,
      answers: { org: company },
      customAnswers: {},
    },
  })
}

const ofRun = ({ id, webinar, startedAt }: Run, facts: Facts): Webinar =>
  eventOf(webinar, { instance: id, startTime: startedAt, ...facts })

export const started = (run: Run): Webinar =>
  ofRun(run, { kind: 'STARTED', eventId: `STARTED:${run.id}`, occurredAt: run.startedAt })

export const ended = (run: Run, at: number): Webinar =>
  ofRun(run, { kind: 'ENDED', eventId: `ENDED:${run.id}`, occurredAt: at, endTime: at })

export const settled = (run: Run, at: number, reported: boolean): Webinar =>
  ofRun(run, {
    ...{ kind: 'SETTLED', eventId: `SETTLED:${run.id}:${reported}`, occurredAt: at },
    ...{ endTime: run.endedAt, reported },
  })

const presence = (
  kind: 'JOINED' | 'LEFT' | 'REPORTED',
  run: Run,
  { way }: Session,
  facts: { readonly session: string; readonly joinedAt: number | null; readonly leftAt: number | null },
): Webinar =>
  ofRun(run, {
    ...{ kind, eventId: `${kind}:${facts.session}`, occurredAt: facts.leftAt ?? facts.joinedAt ?? 0 },
    aliases: aliasesOf(way, run.webinar),
    participant: { boundSession: null, name: way.name, host: false, ...facts },
  })

export const joined = (run: Run, session: Session): Webinar =>
  presence('JOINED', run, session, { session: session.id, joinedAt: session.joinedAt, leftAt: null })

export const left = (run: Run, session: Session): Webinar =>
  presence('LEFT', run, session, { session: session.id, joinedAt: null, leftAt: session.leftAt })

export const reported = (run: Run, session: Session): Webinar =>
  presence('REPORTED', run, session, {
    session: `report:${session.id}`,
    ...{ joinedAt: session.joinedAt, leftAt: session.leftAt },
  })

/** What a producer claims together with an event. */
export const claimOf = ({ eventId, occurredAt, aliases, source }: Webinar): IdentityClaim | null =>
  aliases.length === 0
    ? null
    : { id: `${eventId}:seen`, time: occurredAt, kind: 'SEEN', aliases, attributes: {}, source }
