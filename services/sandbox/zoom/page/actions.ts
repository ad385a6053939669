import { randomInt, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../../runtime/clock.ts'
import { instanceId, shortId } from '../ids.ts'
import {
  factsOf,
  type InstanceRow,
  leaveOf,
  type RegistrantRow,
  runningInstance,
  type WebinarRow,
  type ZoomModel,
} from '../model.ts'
import type { Traffic } from '../traffic.ts'
import {
  type Decision,
  type Presence,
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

/** Something that cannot be done now; the message is for the person at the page. */
export class ActionProblem extends Error {
  readonly statusCode = 409
}

export interface ActionParts {
  readonly traffic: Traffic
  readonly clock: Clock
}

type Steps = (traffic: Traffic, input: Record<string, string>, now: number) => Webhook[]

/** What a person can make happen at the page: each is one or more real webhooks. */
const ACTIONS: Readonly<Record<string, Steps>> = {
  schedule: ({ accountId }, { topic = '' }, now) => [schedule(accountId, topic.trim() || 'A webinar of mine', now)],
  start: ({ model }, input, now) => start(webinarOf(model, input), now),
  end: ({ model }, input, now) => end(model, webinarOf(model, input), now),
  register: ({ model }, input, now) => register(model, webinarOf(model, input), input, now),
  join: ({ model }, input, now) => join(model, webinarOf(model, input), input, now),
  leave: ({ model }, input, now) => leave(model, webinarOf(model, input), input, now),
  approve: ({ model }, input, now) => decide(model, webinarOf(model, input), input, 'approved', now),
  cancel: ({ model }, input, now) => decide(model, webinarOf(model, input), input, 'cancelled', now),
}

export const ACTION_NAMES = Object.keys(ACTIONS)
const inputShape = z.record(z.string(), z.string())

/** Does it and gives the webinar to look at. Throws `ActionProblem` when it is not possible, a ZodError when the input is not text. */
export const act = ({ traffic, clock }: ActionParts, action: string, body: unknown): { webinar: string } => {
  const steps = ACTIONS[action]
  if (!steps) throw new ActionProblem(`There is no action ${action}; there are ${ACTION_NAMES.join(', ')}.`)
  const webhooks = steps(traffic, inputShape.parse(body ?? {}), clock.now())
  for (const webhook of webhooks) void traffic.emit(webhook)
  return { webinar: String(webhooks[0]?.payload.object['id'] ?? '') }
}

const HOST = { id: 'x1yCzABCDEfg23HiJKl4mN', email: 'nadia@tributary.example.com' }
const FIRST_NUMBER = 90_000_000_000

const schedule = (account: string, topic: string, now: number): Webhook => {
  const id = FIRST_NUMBER + randomInt(1_000_000_000)
  const facts: WebinarFacts = {
    account,
    id,
    uuid: instanceId(randomUUID()),
    hostId: HOST.id,
    hostEmail: HOST.email,
    topic,
    type: 5,
    startTime: now + 10 * 60_000,
    durationMinutes: 60,
    timezone: 'Europe/Berlin',
  }
  return webinarCreated(facts, now)
}

const start = (row: WebinarRow, now: number): Webhook[] => {
  if (runningInstance(row)) throw new ActionProblem('The webinar is running already.')
  const uuid = row.instances.length === 0 ? row.uuid : instanceId(randomUUID())
  return [webinarStarted({ ...factsOf(row), uuid }, now)]
}

const end = (model: ZoomModel, row: WebinarRow, now: number): Webhook[] => {
  const instance = running(row)
  const facts = { ...factsOf(row), uuid: instance.uuid }
  const began = Date.parse(instance.start_time)
  const leaves = presentIn(model, row).map(presence =>
    participantLeft(facts, began, presence, { time: now, reason: 'Host ended the webinar' }),
  )
  return [webinarEnded(facts, began, now), ...leaves]
}

const address = z.email()

const register = (model: ZoomModel, row: WebinarRow, input: Record<string, string>, now: number): Webhook[] => {
  const email = (input['email'] ?? '').trim()
  if (!address.safeParse(email).success) throw new ActionProblem('Expected an address like ada@example.com.')
  const known = [...model.registrants(row.id).values()].find(one => isStanding(one) && sameText(one.email, email))
  if (known) throw new ActionProblem('This address is registered for the webinar already.')
  const [first_name = '', ...rest] = (input['name'] ?? '').trim().split(/\s+/)
  const unanswered = { address: '', city: '', country: '', zip: '', state: '', phone: '', industry: '', org: '' }
  const more = { job_title: '', purchasing_time_frame: '', role_in_purchase_process: '', no_of_employees: '' }
  const registrant = {
    id: shortId(randomUUID()),
    first_name: first_name || (email.split('@')[0] ?? ''),
    last_name: rest.join(' '),
    email,
    ...unanswered,
    ...more,
    comments: '',
    custom_questions: [],
  }
  return [registrationCreated(factsOf(row), registrant, 'approved', now)]
}

/** By registration, or, without one, as somebody whom Zoom shows with this address, or with none. */
const join = (model: ZoomModel, row: WebinarRow, input: Record<string, string>, now: number): Webhook[] => {
  const instance = running(row)
  const registrant = model.registrants(row.id).get(input['registrant'] ?? '')
  const email = registrant?.email ?? (input['email'] ?? '').trim()
  const registered = registrant ? `${registrant.first_name} ${registrant.last_name}`.trim() : ''
  const presence: Presence = {
    userId: String(16_778_240 + randomInt(1_000_000)),
    participantUuid: randomUUID().toUpperCase(),
    name: registered || (input['name'] ?? '').trim() || 'Guest',
    zoomUserId: '',
    email,
    registrantId: registrant && isStanding(registrant) ? registrant.id : '',
  }
  return [participantJoined({ ...factsOf(row), uuid: instance.uuid }, Date.parse(instance.start_time), presence, now)]
}

/** Everyone in the room who is meant by `presences`, a list of their uuids with commas between. */
const leave = (model: ZoomModel, row: WebinarRow, input: Record<string, string>, now: number): Webhook[] => {
  const instance = running(row)
  const wanted = new Set((input['presences'] ?? '').split(','))
  const present = presentIn(model, row).filter(presence => wanted.has(presence.participantUuid))
  if (present.length === 0) throw new ActionProblem('This person is not in the room.')
  const facts = { ...factsOf(row), uuid: instance.uuid }
  return present.map(presence =>
    participantLeft(facts, Date.parse(instance.start_time), presence, { time: now, reason: 'left the webinar' }),
  )
}

const decide = (
  model: ZoomModel,
  row: WebinarRow,
  input: Record<string, string>,
  decision: Decision,
  now: number,
): Webhook[] => {
  const registrant = model.registrants(row.id).get(input['registrant'] ?? '')
  if (!registrant) throw new ActionProblem('This registration does not exist.')
  return [registrationDecided(factsOf(row), registrant, decision, now)]
}

const webinarOf = (model: ZoomModel, input: Record<string, string>): WebinarRow => {
  const row = model.webinar(input['webinar'] ?? '')
  if (!row) throw new ActionProblem('This webinar does not exist any more.')
  return row
}

const running = (row: WebinarRow): InstanceRow => {
  const instance = runningInstance(row)
  if (!instance) throw new ActionProblem('The webinar is not running. Start it first.')
  return instance
}

const presentIn = (model: ZoomModel, row: WebinarRow): Presence[] =>
  [...model.participants(row.id).values()]
    .filter(one => one.join_time !== null && leaveOf(row, one) === undefined)
    .map(one => ({
      userId: one.user_id,
      participantUuid: one.participant_uuid,
      name: one.user_name,
      zoomUserId: one.id,
      email: one.email,
      registrantId: one.registrant_id,
      ...(one.phone_number === '' ? {} : { phoneNumber: one.phone_number }),
    }))

const isStanding = ({ status }: RegistrantRow): boolean => status === 'approved' || status === 'pending'
const sameText = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
