import { randomNumbers } from '../../random.ts'
import { instanceId, presenceId, shortId } from '../ids.ts'
import {
  type Presence,
  participantJoined,
  participantLeft,
  registrationCreated,
  type Webhook,
  type WebinarFacts,
  webinarCreated,
  webinarEnded,
  webinarStarted,
} from '../webhooks.ts'
import { type LivePerson, PEOPLE } from './people.ts'

/** An endless series of webinars of about two minutes, each with people of one bounded pool. */
export interface LiveWebinars {
  /** What happens next. `now`: epoch milliseconds; `rate`: calls per second, from which the number of people follows. */
  next(now: number, rate: number): Webhook
  /** Ends the webinar under way: everyone leaves. Empty when none has started. */
  close(now: number): Webhook[]
}

const WEBINAR_MS = 120_000
const REGISTRATION_MS = 20_000
/** Of the webhooks of a webinar, one in seven is a registration. */
const REGISTRATIONS_PER_WEBHOOK = 0.15
const FEWEST_PEOPLE = 3
const COMING = 0.75
/** The numbers of live webinars: this and the seconds since 1970, so that no two are alike. */
const FIRST_WEBINAR_NUMBER = 80_000_000_000
const LAST_WEBINAR_NUMBER = 89_999_999_999

/** Whether a webinar came from live traffic: its number says so. */
export const isLiveWebinar = (id: string): boolean =>
  Number(id) >= FIRST_WEBINAR_NUMBER && Number(id) <= LAST_WEBINAR_NUMBER

interface Webinar {
  readonly facts: WebinarFacts
  readonly startsBy: number
  readonly endsBy: number
  readonly invited: LivePerson[]
  readonly expected: LivePerson[]
  /** A guest is a presence without a person. */
  readonly inside: { person: LivePerson | undefined; presence: Presence }[]
  readonly outside: LivePerson[]
  readonly host: Presence
  /** Of the instance; undefined before. */
  started: number | undefined
  presences: number
}

/** `seed` chooses among courses of events; the same seed and the same calls give the same webhooks. */
export const createLiveWebinars = ({ account, seed }: { account: string; seed: number }): LiveWebinars => {
  const random = randomNumbers(seed)
  const queue: Webhook[] = []
  let webinar: Webinar | undefined
  let offset = Math.floor(random() * PEOPLE.length)

  const open = (now: number, rate: number): Webhook => {
    const size = Math.round((rate * WEBINAR_MS * REGISTRATIONS_PER_WEBHOOK) / 1000)
    const invited = invite(offset, Math.min(PEOPLE.length, Math.max(FEWEST_PEOPLE, size)))
    offset = (offset + invited.length) % PEOPLE.length
    webinar = newWebinar(account, now, invited)
    return webinarCreated(webinar.facts, now)
  }
  return {
    next: (now, rate) => {
      const waiting = queue.shift()
      if (waiting) return waiting
      if (!webinar) return open(now, rate)
      if (webinar.started === undefined) {
        if (now < webinar.startsBy && webinar.invited.length > 0) return register(webinar, now, random)
        queue.push(...start(webinar, now))
      } else if (isOver(webinar, now, rate)) {
        const someone = webinar.inside.length > 0 && now < webinar.endsBy
        if (someone) return leave(webinar, now)
        queue.push(...end(webinar, now))
        webinar = undefined
      } else return somethingHappens(webinar, now, random)
      return queue.shift() ?? open(now, rate)
    },
    close: now => {
      const rest = webinar?.started === undefined ? [] : end(webinar, now)
      webinar = undefined
      return [...queue.splice(0), ...rest]
    },
  }
}

const invite = (offset: number, size: number): LivePerson[] =>
  Array.from({ length: size }, (_, index) => PEOPLE[(offset + index) % PEOPLE.length]).filter(
    person => person !== undefined,
  )

const TOPICS = [
  'Kafka without Tears',
  'From Webinar to Pipeline',
  'Identity in Practice',
  'Attribution Clinic',
  'Ask the Architects',
]

const newWebinar = (account: string, now: number, invited: LivePerson[]): Webinar => {
  const id = FIRST_WEBINAR_NUMBER + Math.floor(now / 1000)
  const hostId = 'x1yCzABCDEfg23HiJKl4mN'
  const facts: WebinarFacts = {
    account,
    id,
    uuid: instanceId(`live ${id}`),
    hostId,
    hostEmail: 'nadia@tributary.example.com',
    topic: TOPICS[id % TOPICS.length] ?? '',
    type: 5,
    startTime: now + REGISTRATION_MS,
    durationMinutes: 2,
    timezone: 'Europe/Berlin',
  }
  const host = { ...presenceOf(facts, 0), name: 'Nadia Host', zoomUserId: hostId, email: facts.hostEmail }
  const startsBy = now + REGISTRATION_MS
  return {
    facts,
    startsBy,
    endsBy: now + WEBINAR_MS,
    invited,
    expected: [],
    inside: [],
    outside: [],
    host,
    started: undefined,
    presences: 0,
  }
}

/** So late that the calls left are needed for leaving. */
const isOver = ({ endsBy, inside }: Webinar, now: number, rate: number): boolean =>
  ((endsBy - now) * rate) / 1000 <= inside.length

const start = (webinar: Webinar, now: number): Webhook[] => {
  webinar.started = now
  return [webinarStarted(webinar.facts, now), participantJoined(webinar.facts, now, webinar.host, now)]
}

const end = (webinar: Webinar, now: number): Webhook[] => {
  const start = webinar.started ?? now
  const everyone = [...webinar.inside.splice(0).map(({ presence }) => presence), webinar.host]
  const left = { time: now, reason: 'Host ended the webinar' } as const
  const leaves = everyone.map(presence => participantLeft(webinar.facts, start, presence, left))
  return [webinarEnded(webinar.facts, start, now), ...leaves]
}

const somethingHappens = (webinar: Webinar, now: number, random: () => number): Webhook => {
  const { invited, expected, inside, outside } = webinar
  const chance = random()
  if (expected.length > 0 && chance < 0.6) return join(webinar, expected.shift(), now)
  if (invited.length > 0 && chance < 0.7) return register(webinar, now, random)
  if (inside.length > 1 && chance < 0.85) return leave(webinar, now)
  if (outside.length > 0) return join(webinar, outside.shift(), now)
  return join(webinar, expected.shift(), now)
}

const register = (webinar: Webinar, now: number, random: () => number): Webhook => {
  const person = webinar.invited.shift()
  if (!person) return join(webinar, undefined, now)
  if (random() < COMING) webinar.expected.push(person)
  return registrationCreated(webinar.facts, { id: registrantId(webinar.facts, person), ...person }, 'approved', now)
}

/** Without a person it is a guest whose address Zoom does not show. */
const join = (webinar: Webinar, person: LivePerson | undefined, now: number): Webhook => {
  webinar.presences += 1
  const stranger = presenceOf(webinar.facts, webinar.presences)
  const presence: Presence = person
    ? {
        ...stranger,
        name: `${person.first_name} ${person.last_name}`,
        email: person.email,
        registrantId: registrantId(webinar.facts, person),
      }
    : stranger
  webinar.inside.push({ person, presence })
  return participantJoined(webinar.facts, webinar.started ?? now, presence, now)
}

const leave = (webinar: Webinar, now: number): Webhook => {
  const first = webinar.inside.shift()
  if (!first) return join(webinar, webinar.outside.shift(), now)
  if (first.person) webinar.outside.push(first.person)
  return participantLeft(webinar.facts, webinar.started ?? now, first.presence, {
    time: now,
    reason: 'left the webinar',
  })
}

const presenceOf = ({ id }: WebinarFacts, number: number): Presence => ({
  userId: String(16_778_240 + number * 1024),
  participantUuid: presenceId(`live ${id} ${number}`),
  name: 'Guest',
  zoomUserId: '',
  email: '',
  registrantId: '',
})

const registrantId = ({ id }: WebinarFacts, { email }: LivePerson): string => shortId(`live ${id} ${email}`)
