import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { assertInputs, batchBody, parsed } from '../bodies.ts'
import { missingRecords } from '../errors.ts'
import { MARKETING_INPUTS } from '../limits.ts'
import type { Portal } from '../portal.ts'
import { momentOf } from '../properties/values.ts'
import { MARKETING } from './event-routes.ts'
import type { Marketing } from './marketing.ts'
import type { MarketingEvent } from './marketing-events.ts'
import type { Interaction, RecordedState } from './participations.ts'

/** The specification names the verbs, the guide the states; both are accepted. */
const STATES = {
  register: 'REGISTERED',
  attend: 'ATTENDED',
  cancel: 'CANCELLED',
  REGISTERED: 'REGISTERED',
  ATTENDED: 'ATTENDED',
  CANCELLED: 'CANCELLED',
} as const satisfies Record<string, RecordedState>

const subscriberState = z
  .enum(Object.keys(STATES) as (keyof typeof STATES)[], 'subscriberState must be register, attend or cancel')
  .transform(name => STATES[name])

const instant = z.string().transform((value, context) => {
  const time = momentOf(value)
  if (time !== undefined && value.includes('T')) return time
  context.addIssue('not a time in ISO 8601')
  return z.NEVER
})
const noProperties = z.strictObject({}, 'only attend takes properties')
const stay = z.strictObject({ joinedAt: instant.optional(), leftAt: instant.optional() }, 'only joinedAt and leftAt')
const interactionOf = (state: RecordedState) => ({
  interactionDateTime: z.number().int(),
  properties: (state === 'ATTENDED' ? stay : noProperties).nullish(),
})
const byContactId = (state: RecordedState) =>
  z.object({ inputs: z.array(z.object({ vid: z.number().int(), ...interactionOf(state) })) })
const byEmail = (state: RecordedState) =>
  z.object({
    inputs: z.array(
      z.object({
        email: z.string(),
        contactProperties: z.record(z.string(), z.string()).nullish(),
        ...interactionOf(state),
      }),
    ),
  })
const query = z.object({ externalAccountId: z.string().optional() })

interface AttendanceRequest {
  Params: { externalEventId: string; objectId: string; subscriberState: string }
}

/** Records who registered, came or cancelled, by contact id or by address; the answers are not in the order of the inputs. */
export const attendanceRoutes = (app: FastifyInstance, portal: Portal, marketing: Marketing): void => {
  const named = `${MARKETING}/attendance/:externalEventId/:subscriberState`
  const byObjectId = `${MARKETING}/:objectId/attendance/:subscriberState`
  const { events } = marketing
  const endpoints = { create: recordContacts, 'email-create': recordAddresses }
  for (const [name, record] of Object.entries(endpoints)) {
    app.post<AttendanceRequest>(`${named}/${name}`, ({ params, query: asked, body }) => {
      const event = events.getNamed(params.externalEventId, parsed(query, asked).externalAccountId)
      return record(portal, marketing, { event, state: parsed(subscriberState, params.subscriberState), body })
    })
    app.post<AttendanceRequest>(`${byObjectId}/${name}`, ({ params, body }) => {
      const event = events.get(params.objectId)
      return record(portal, marketing, { event, state: parsed(subscriberState, params.subscriberState), body })
    })
  }
}

interface Attendance {
  readonly event: MarketingEvent
  readonly state: RecordedState
  readonly body: unknown
}

/** A contact that is not there is left out of the results and named among the errors; the documentation does not say. */
const recordContacts = (portal: Portal, marketing: Marketing, { event, state, body }: Attendance): object => {
  const { inputs } = parsed(byContactId(state), body)
  assertInputs(inputs, MARKETING_INPUTS)
  const { records } = portal.objects('contacts')
  const absent: string[] = []
  const results: object[] = []
  for (const input of inputs) {
    const contact = records.resolve(String(input.vid))
    if (!contact) {
      absent.push(String(input.vid))
      continue
    }
    marketing.participations.record(event, contact.id, interaction(state, input))
    results.push({ vid: Number(contact.id) })
  }
  const errors = absent.length > 0 ? [missingRecords('Contact', absent)] : []
  return batchBody(portal.now(), portal.shuffled(results), errors)
}

/** Makes the contacts that are not there; `contactProperties` are for these only. */
const recordAddresses = (portal: Portal, marketing: Marketing, { event, state, body }: Attendance): object => {
  const { inputs } = parsed(byEmail(state), body)
  assertInputs(inputs, MARKETING_INPUTS)
  const { records, writing } = portal.objects('contacts')
  const draft = records.draft(portal.app)
  const found = inputs.map(input => {
    const { email, contactProperties } = input
    const contact = draft.findBy('email', email) ?? writing.create(draft, { ...contactProperties, email })
    return { input, id: contact.id }
  })
  draft.commit()
  const results = found.map(({ input, id }) => {
    marketing.participations.record(event, id, interaction(state, input))
    return { vid: Number(id), email: input.email.trim().toLowerCase() }
  })
  return batchBody(portal.now(), portal.shuffled(results))
}

const interaction = (
  state: RecordedState,
  input: {
    interactionDateTime: number
    properties?: { joinedAt?: number | undefined; leftAt?: number | undefined } | null | undefined
  },
): Omit<Interaction, 'receivedAt'> => {
  const { joinedAt, leftAt } = input.properties ?? {}
  return {
    state,
    at: input.interactionDateTime,
    ...(joinedAt === undefined ? {} : { joinedAt }),
    ...(leftAt === undefined ? {} : { leftAt }),
  }
}
