import type { IdentityClaim, Webinar } from '../../schemas/generated.ts'
import type { OutgoingRecord } from '../../services/kafka/kafka.ts'
import type { Codec } from '../../services/runtime/codec.ts'
import { randomNumbers } from '../../services/sandbox/random.ts'
import { identityClaims, webinars as webinarStream } from '../../topology/topics.ts'

/** Webinars that never were, as producers tell them, and what CRMs must hold when all of it is through. The same options give the same traffic. */
export interface Traffic {
  readonly webinars: number
  /** In the order in which they are told: some twice, some late. */
  readonly events: readonly Webinar[]
  readonly expected: ExpectedTraffic
}

/** Reckoned from who was where and when, apart from our consumers. */
export interface ExpectedTraffic {
  /** Properties that the contact must have, by address. */
  readonly contacts: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** Custom events, each once: `<event> <address> <webinar>`, sorted. */
  readonly events: readonly string[]
}

export interface TrafficOptions {
  readonly webinars: number
  /** Each registers for every webinar. */
  readonly people: number
  readonly seed?: number
}

const MINUTE = 60_000
const FIRST_START = Date.UTC(2026, 8, 1, 8)
const APART = 3 * 60 * MINUTE
const LENGTH = 60 * MINUTE
/** In each hundred. */
const SHARES = { attends: 70, comesBack: 30, toldTwice: 3, late: 5 }
const LATE_BY = 40

export const makeTraffic = ({ webinars, people, seed = 1 }: TrafficOptions): Traffic => {
  const random = randomNumbers(seed)
  const chance = (percent: number): boolean => random() * 100 < percent
  const events: Webinar[] = []
  const visits: Visit[] = []
  for (let webinar = 0; webinar < webinars; webinar++) {
    const here = Array.from({ length: people }, (_, person) => visitOf({ webinar, person }, chance, random))
    visits.push(...here)
    const told = here.flatMap(eventsOf).sort((a, b) => a.occurredAt - b.occurredAt)
    events.push(
      about(webinar, 'STARTED', 0),
      ...oddly(told, chance),
      about(webinar, 'ENDED', 60),
      about(webinar, 'SETTLED', 70),
    )
  }
  return { webinars, events, expected: expectedOf(visits) }
}

/** Records as the producer of webhooks makes them of these events: each event with the claim that its aliases are one person. */
export const recordsOf = (codec: Codec, events: readonly Webinar[]): readonly OutgoingRecord[] =>
  events.flatMap(event => [
    ...(event.aliases.length === 0
      ? []
      : [
          {
            topic: identityClaims.name,
            partition: 0,
            key: event.aliases[0] ?? '',
            value: codec.encode(identityClaims, claimOf(event)),
          },
        ]),
    { topic: webinarStream.name, key: event.number, value: codec.encode(webinarStream, event) },
  ])

const claimOf = ({ eventId, occurredAt, aliases, source }: Webinar): IdentityClaim => ({
  ...{ id: `${eventId}:seen`, time: occurredAt, kind: 'SEEN', aliases, attributes: {}, source },
})

/** One person's part in one webinar. Sessions are minutes from its start and do not overlap. */
interface Visit {
  readonly webinar: number
  readonly person: number
  readonly sessions: readonly (readonly [from: number, to: number])[]
}

const visitOf = (who: Omit<Visit, 'sessions'>, chance: (percent: number) => boolean, random: () => number): Visit => {
  if (!chance(SHARES.attends)) return { ...who, sessions: [] }
  const first = [Math.floor(random() * 15), 20 + Math.floor(random() * 15)] as const
  if (!chance(SHARES.comesBack)) return { ...who, sessions: [first] }
  return { ...who, sessions: [first, [36 + Math.floor(random() * 4), 45 + Math.floor(random() * 15)]] }
}

export const addressOf = (person: number): string => `person${person}@traffic.example.com`
const numberOf = (webinar: number): string => String(81_000_000_000 + webinar)
const startOf = (webinar: number): number => FIRST_START + webinar * APART

const eventsOf = ({ webinar, person, sessions }: Visit): readonly Webinar[] => {
  const aliases = [`zoom:registrant:r${webinar}-${person}`, `email:${addressOf(person)}`] as const
  const whose = { person: aliases[0], aliases }
  const registrant = {
    ...{ id: `r${webinar}-${person}`, email: addressOf(person), firstName: 'Person', lastName: `Number ${person}` },
    ...{
      status: 'APPROVED' as const,
      joinUrl: `https://zoom.example/w/${webinar}/${person}`,
      answers: {},
      customAnswers: {},
    },
  } satisfies Webinar['registrant']
  const registered = eventAt(webinar, 'REGISTERED', -1_000 + (person % 900), String(person), { ...whose, registrant })
  const presences = sessions.flatMap(([from, to], index) => {
    const session = `s${webinar}-${person}-${index}`
    const facts = { session, boundSession: null, name: `Person ${person}`, host: false }
    const at = (minute: number) => startOf(webinar) + minute * MINUTE
    return [
      eventAt(webinar, 'JOINED', from, session, {
        ...whose,
        participant: { ...facts, joinedAt: at(from), leftAt: null },
      }),
      eventAt(webinar, 'LEFT', to, session, {
        ...whose,
        participant: { ...facts, joinedAt: at(from), leftAt: at(to) },
      }),
    ]
  })
  return [registered, ...presences]
}

const about = (webinar: number, kind: 'STARTED' | 'ENDED' | 'SETTLED', minute: number): Webinar =>
  eventAt(webinar, kind, minute, 'webinar', {
    endTime: kind === 'STARTED' ? null : startOf(webinar) + LENGTH,
    reported: kind === 'SETTLED' ? true : null,
  })

const eventAt = (
  webinar: number,
  kind: Webinar['kind'],
  minute: number,
  what: string,
  over: Partial<Webinar>,
): Webinar => {
  const occurredAt = startOf(webinar) + minute * MINUTE
  return {
    ...{ eventId: `zoom:${kind}:${webinar}:${what}`, source: 'zoom:default', account: 'default' },
    ...{ occurredAt, receivedAt: occurredAt + 500, kind, number: numberOf(webinar), recurring: false },
    ...{
      instance: kind === 'REGISTERED' ? null : `run-${webinar}`,
      topic: `Webinar ${webinar}`,
      startTime: startOf(webinar),
    },
    ...{ endTime: null, reported: null, timezone: 'Europe/Berlin', occurrences: [], person: null, aliases: [] },
    ...{ registrant: null, participant: null },
    ...over,
  }
}

/** Some are told again at once, some after others that happened later. */
const oddly = (events: readonly Webinar[], chance: (percent: number) => boolean): readonly Webinar[] =>
  events
    .flatMap((event, index) => {
      const place = chance(SHARES.late) ? index + LATE_BY : index
      const once = { event, place }
      return chance(SHARES.toldTwice) ? [once, { event, place: place + 1 }] : [once]
    })
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event)

const expectedOf = (visits: readonly Visit[]): ExpectedTraffic => {
  const byPerson = Map.groupBy(visits, ({ person }) => addressOf(person))
  const contacts = [...byPerson].map(([address, own]) => [address, contactOf(own)] as const)
  const events = visits.flatMap(({ webinar, person, sessions }) =>
    (sessions.length > 0 ? ['registered', 'joined', 'attended'] : ['registered', 'missed']).map(
      kind => `zoom_webinar_${kind} ${addressOf(person)} ${numberOf(webinar)}`,
    ),
  )
  return { contacts: new Map(contacts), events: events.sort() }
}

const contactOf = (visits: readonly Visit[]): Readonly<Record<string, string>> => {
  const attended = visits.filter(({ sessions }) => sessions.length > 0)
  const last = attended.at(-1)
  const always = {
    zoom_webinar_registration_count: String(visits.length),
    zoom_webinar_attendance_count: String(attended.length),
  }
  if (!last) return always
  const minutes = last.sessions.reduce((sum, [from, to]) => sum + to - from, 0)
  return {
    ...always,
    zoom_webinar_last_attended: `Webinar ${last.webinar}`,
    zoom_webinar_last_attended_minutes: String(minutes),
  }
}
