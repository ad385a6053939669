import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { CHANGE_TYPES, type EventBus } from './bus.ts'
import type { PubSubServer } from './server.ts'

const fault = z.strictObject({
  /** Ends all streams. */
  cut: z.literal(true).optional(),
  /** So many calls are refused as if their session were over. */
  refuse: z.number().int().positive().optional(),
  /** No event is kept any more. */
  expire: z.literal(true).optional(),
  /** So many of the last events come again. */
  repeat: z.number().int().positive().optional(),
  /** So many transactions bring about no event. */
  lose: z.number().int().positive().optional(),
  publish: z
    .strictObject({
      entity: z.string(),
      changeType: z.enum(CHANGE_TYPES),
      recordIds: z.array(z.string()),
    })
    .optional(),
})

/** `/_sandbox/change-events`: what the Pub/Sub API does and was asked, and faults of it on demand. */
export const eventInspectionRoutes = (app: FastifyInstance, bus: EventBus, server: PubSubServer): void => {
  app.get('/_sandbox/change-events', () => server.state())
  app.post('/_sandbox/change-events', (request, reply) => {
    const { cut, refuse, expire, repeat, lose, publish } = fault.parse(request.body)
    if (refuse) server.refuse(refuse)
    if (lose) bus.lose(lose)
    if (publish) bus.publish(publish)
    if (repeat) bus.repeat(repeat)
    if (expire) bus.expire()
    if (cut) server.cut()
    return reply.status(204).send()
  })
}
