/** Writes product-webinar.jsonl from the scenario. Run it after changing people.csv or webinar.json: `node services/sandbox/zoom/recordings/make-recording.ts` */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { presenceId } from '../ids.ts'
import {
  type Presence,
  participantBound,
  participantJoined,
  participantLeft,
  registrationCreated,
  registrationDecided,
  type Webhook,
  type WebinarFacts,
  webinarCreated,
  webinarEnded,
  webinarStarted,
} from '../webhooks.ts'
import { registrantOf } from './answers.ts'
import { type DeliveryOddity, type Person, readScenario, type Scenario, type Session } from './scenario.ts'

/** A webhook and when Zoom sends it, epoch milliseconds of the webinar's own time. */
interface Sending {
  readonly sent: number
  readonly webhook: Webhook
}

interface Instance {
  readonly facts: WebinarFacts
  readonly start: number
  readonly end: number
}

const SECOND = 1000

/** The recording as text: one line `{"at", "body"}` per webhook, in order; the same text at every call. */
export const recordingText = (scenario: Scenario = readScenario()): string => {
  const instances = instancesOf(scenario)
  const sendings = [
    ...aboutTheWebinar(scenario, instances),
    ...scenario.people.flatMap(person => [...registration(person, instances), ...presence(person, instances)]),
  ].sort((one, other) => one.sent - other.sent)
  const squeeze = squeezer(sendings, instances)
  return sendings
    .map((sending, index) => `${JSON.stringify({ at: squeeze(sending, index), body: sending.webhook })}\n`)
    .join('')
}

const instancesOf = ({ webinar }: Scenario): Instance[] =>
  webinar.instances.map(({ uuid, start, end }) => ({
    facts: {
      account: webinar.account,
      id: webinar.id,
      uuid,
      hostId: webinar.host.id,
      hostEmail: webinar.host.email,
      topic: webinar.topic,
      type: webinar.type,
      startTime: Date.parse(webinar.scheduled),
      durationMinutes: webinar.durationMinutes,
      timezone: webinar.timezone,
    },
    start: Date.parse(start),
    end: Date.parse(end),
  }))

const aboutTheWebinar = ({ webinar }: Scenario, instances: readonly Instance[]): Sending[] => {
  const host: Presence = {
    userId: '16778240',
    participantUuid: '',
    name: webinar.host.name,
    zoomUserId: webinar.host.id,
    email: webinar.host.email,
    registrantId: '',
  }
  const created = occurrence('created', Date.parse(webinar.created))
  return [
    ...instances.slice(0, 1).map(({ facts }) => soon(webinarCreated(facts, created))),
    ...instances.flatMap(({ facts, start, end }, index) => {
      const present = { ...host, participantUuid: presenceId(`recorded host ${index}`) }
      const started = soon(webinarStarted(facts, start))
      const ended = soon(webinarEnded(facts, start, end))
      return [
        started,
        ended,
        { ...(index === 0 ? started : ended), sent: (index === 0 ? started : ended).sent + 30 * SECOND },
        soon(participantJoined(facts, start, present, start)),
        soon(participantLeft(facts, start, present, { time: end, reason: 'Host ended the webinar' })),
      ]
    }),
  ]
}

const registration = (person: Person, instances: readonly Instance[]): Sending[] => {
  const { registeredAt, decision } = person
  if (registeredAt === undefined) return []
  const { facts } = instances.find(({ end }) => registeredAt < end) ?? lastOf(instances)
  const registrant = registrantOf(person)
  const status = decision && decision.kind !== 'cancelled' ? 'pending' : 'approved'
  const created = registrationCreated(
    facts,
    registrant,
    status,
    occurrence(`registered ${person.number}`, registeredAt),
  )
  return [
    ...oddly(soon(created), person.deliveries, 'registration', 1),
    ...(decision
      ? [
          soon(
            registrationDecided(facts, registrant, decision.kind, occurrence(`decided ${person.number}`, decision.at)),
          ),
        ]
      : []),
  ]
}

const presence = (person: Person, instances: readonly Instance[]): Sending[] =>
  person.sessions.flatMap((session, index) => {
    const number = index + 1
    const { facts, start, end } = instances.findLast(one => one.start <= session.joined) ?? lastOf(instances)
    const present = presenceOf(person, session, number)
    const joined = participantJoined(
      facts,
      start,
      present,
      session.joined,
      occurrence(`joined ${present.userId}`, session.joined),
    )
    const sendings = oddly(soon(joined), person.deliveries, 'join', number)
    if (session.phone) sendings.push(soon(bound(person, present, session.joined, { facts, start, end })))
    if (session.left === undefined) return sendings
    const reason = session.left === end ? 'Host ended the webinar' : 'left the webinar'
    const at = occurrence(`left ${present.userId}`, session.left)
    const left = participantLeft(facts, start, present, { time: session.left, reason }, at)
    return [...sendings, ...oddly(soon(left), person.deliveries, 'leave', number)]
  })

const presenceOf = (person: Person, session: Session, number: number): Presence => {
  const seed = `recorded ${person.number} ${number}`
  const common = {
    userId: String(16_779_264 + person.number * 8192 + number * 1024),
    participantUuid: presenceId(seed),
  }
  if (session.phone) {
    const phoneNumber = `1555010${String(person.number).padStart(4, '0')}`
    const masked = `${phoneNumber.slice(0, 4)}****${phoneNumber.slice(-3)}`
    return { ...common, name: masked, zoomUserId: '', email: '', registrantId: '', phoneNumber }
  }
  const registered = person.registeredAt !== undefined && person.decision?.kind !== 'cancelled'
  return {
    ...common,
    name: `${person.firstName} ${person.lastName}`.trim(),
    zoomUserId: person.zoomUser,
    email: person.joinsAs,
    registrantId: registered ? registrantOf(person).id : '',
  }
}

/** The phone is bound to the person's session at the computer, 20 s after it rang in. */
const bound = (person: Person, phone: Presence, phoneJoined: number, { facts, start }: Instance): Webhook => {
  const computer = presenceOf(person, lastOf(person.sessions.slice(0, 1)), 1)
  const at = occurrence(`bound ${person.number}`, phoneJoined + 20 * SECOND)
  return participantBound(facts, start, { phone, phoneJoined, computer }, at)
}

const REPEATED_AFTER = 45 * SECOND

const oddly = (
  sending: Sending,
  oddities: readonly DeliveryOddity[],
  what: DeliveryOddity['what'],
  session: number,
): Sending[] => {
  const mine = oddities.filter(one => one.what === what && one.session === session)
  const late = mine.find(one => one.kind === 'delay')?.seconds ?? 0
  const first = { ...sending, sent: sending.sent + late * SECOND }
  const repeats = mine.filter(one => one.kind === 'repeat')
  return [first, ...repeats.map((_, index) => ({ ...first, sent: first.sent + (index + 1) * REPEATED_AFTER }))]
}

/** Zoom sends within three seconds of the occurrence. */
const soon = (webhook: Webhook): Sending => ({
  webhook,
  sent: webhook.event_ts + (fingerprint(JSON.stringify(webhook)).readUInt16BE(0) % (3 * SECOND)),
})

/** Fields carry whole seconds, `event_ts` the millisecond within. */
const occurrence = (seed: string, second: number): number => second + (fingerprint(seed).readUInt16BE(0) % SECOND)

const REGISTRATIONS_MS = { from: 300, to: 9_500 }
const ROOM_MS = { from: 10_500, to: 55_000 }

/** The days before pass in ten seconds, one webhook as long as the other; from the first start on, time is only made shorter. */
const squeezer = (sendings: readonly Sending[], instances: readonly Instance[]) => {
  const began = instances[0]?.start ?? 0
  const scale = (ROOM_MS.to - ROOM_MS.from) / (lastOf(instances).end - began)
  const before = sendings.filter(({ sent }) => sent < began).length
  const step = (REGISTRATIONS_MS.to - REGISTRATIONS_MS.from) / Math.max(1, before - 1)
  return ({ sent }: Sending, index: number): number => {
    if (sent >= began) return Math.round(ROOM_MS.from + (sent - began) * scale)
    return index === 0 ? 0 : Math.round(REGISTRATIONS_MS.from + index * step)
  }
}

const lastOf = <Item>(items: readonly Item[]): Item => {
  const last = items.at(-1)
  if (last === undefined) throw new Error('webinar.json: expected at least one instance')
  return last
}

const fingerprint = (seed: string): Buffer => createHash('sha256').update(seed).digest()

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(new URL('./product-webinar.jsonl', import.meta.url), recordingText())
