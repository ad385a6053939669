import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parsed } from '../bodies.ts'
import { isId } from '../ids.ts'
import type { Subscription } from '../model/subscription.ts'

const optionalText = z
  .string()
  .nullish()
  .transform(text => text ?? '')

const body = z.object({
  type: z.literal('track'),
  event: z.string().min(1),
  visitorId: z.string().refine(isId, 'expected the id of a visitor'),
  accountId: optionalText,
  // Milliseconds: seconds would be a day in January 1970, which Pendo accepts and does not process, as anything that old.
  timestamp: z.number().int(),
  properties: z
    .record(z.string(), z.json())
    .nullish()
    .transform(properties => properties ?? {}),
  context: z
    .object({ ip: optionalText, userAgent: optionalText, url: optionalText, title: optionalText })
    .nullish()
    .transform(context => context ?? { ip: '', userAgent: '', url: '', title: '' }),
})

/** `POST /data/track`, one event a request. What is not processed is answered like what is (facts/pendo.md §2). */
export const trackRoutes = (app: FastifyInstance, subscription: Subscription): void => {
  app.post('/data/track', (request, reply) => {
    const { event, visitorId, accountId, timestamp, properties, context } = parsed(body, request.body)
    subscription.trackFromServer({
      ...{ event, visitorId, timestamp },
      accountId: isId(accountId) ? accountId : '',
      properties,
      place: { server: hostOf(context.url), remoteIp: context.ip, userAgent: context.userAgent },
    })
    return reply.type('text/plain').send('OK')
  })
}

const hostOf = (url: string): string => URL.parse(url)?.host ?? ''
