import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { assertInputs, parsed } from '../bodies.ts'
import { EVENT_BATCH_INPUTS } from '../limits.ts'
import type { CustomEvents } from './custom-events.ts'

const text = z
  .string()
  .nullish()
  .transform(value => value ?? undefined)
const completion = z.object({
  eventName: z.string(),
  objectId: text,
  email: text,
  utk: text,
  // The specification says date-time; the guide allows milliseconds too.
  occurredAt: z
    .union([z.string(), z.number().transform(String)])
    .nullish()
    .transform(value => value ?? undefined),
  uuid: z
    .guid()
    .nullish()
    .transform(value => value ?? undefined),
  properties: z
    .record(z.string(), z.string())
    .nullish()
    .transform(value => value ?? {}),
})
const batch = z.object({ inputs: z.array(completion) })

const SEND_ROUTE = '/events/v3/send'

/** Whether a route sends custom events, and so has its own limit of requests in time. */
export const isEventSend = (route: string): boolean => route.startsWith(SEND_ROUTE)

/** `/events/v3/send` and its batch. HubSpot answers 204 and processes afterwards; a batch in which one input is wrong is refused as a whole. */
export const sendRoutes = (app: FastifyInstance, { occurrences }: CustomEvents): void => {
  app.post(SEND_ROUTE, ({ body }, reply) => {
    occurrences.accept([parsed(completion, body)])
    return reply.status(204).send()
  })
  app.post(`${SEND_ROUTE}/batch`, ({ body }, reply) => {
    const { inputs } = parsed(batch, body)
    assertInputs(inputs, EVENT_BATCH_INPUTS)
    occurrences.accept(inputs)
    return reply.status(204).send()
  })
}
