import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { isId } from './ids.ts'
import { FIELD_TYPES, type Group } from './model/fields.ts'
import { type Happening, TAGGED } from './model/in-app.ts'
import type { Subscription } from './model/subscription.ts'
import type { Courier } from './webhooks/courier.ts'

const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))

const KINDS = [
  'page',
  'feature',
  'track',
  'guideDisplayed',
  'npsDisplayed',
  'npsSubmitted',
  'pollDisplayed',
  'pollSubmitted',
]

const usage = z.strictObject({
  kind: z.enum(KINDS as [Happening['kind'], ...Happening['kind'][]]),
  name: z.string().min(1),
  visitorId: z.string().refine(isId, 'expected the id of a visitor'),
  accountId: z.string().default(''),
  at: z.number().int().optional(),
  properties: values.default({}),
  agent: z.strictObject({ visitor: values.optional(), account: values.optional() }).default({}),
  merges: z.string().optional(),
  userAgent: z.string().default('Mozilla/5.0'),
  remoteIp: z.string().default('203.0.113.1'),
})

const WRITABLE = ['agent', 'custom'] as const satisfies readonly Group[]

const field = z.strictObject({
  kind: z.enum(['visitor', 'account']),
  group: z.enum(WRITABLE).default('custom'),
  name: z.string().regex(/^\w+$/),
  type: z.enum(FIELD_TYPES).default('string'),
})

const item = z.strictObject({
  kind: z.enum(['Page', 'Feature', 'TrackType']),
  name: z.string().min(1),
  isCoreEvent: z.boolean().default(false),
})

interface FieldRequest {
  Params: z.infer<typeof field>
}

/** What Pendo's inspection has beyond what every sandbox has: what people do in the product, and what administrators do in Pendo. */
export const subscriptionRoutes = (
  app: FastifyInstance,
  {
    subscription,
    courier,
    now,
  }: { readonly subscription: Subscription; readonly courier: Courier; readonly now: () => number },
): void => {
  const { fields, catalog } = subscription
  app.post('/_sandbox/usage', (request, reply) => {
    const happening = happeningOf(usage.parse(request.body), now())
    const tagged = TAGGED[happening.kind]?.item
    if (tagged && !catalog.find(tagged, happening.name))
      return reply
        .status(400)
        .send({ message: `There is no ${tagged} "${happening.name}": make it by POST /_sandbox/items.` })
    subscription.happen(happening)
    return reply.status(204).send()
  })
  app.get('/_sandbox/webhooks', () => courier.recent())
  app.post('/_sandbox/items', request => catalog.put(item.parse(request.body)))
  app.post('/_sandbox/fields', (request, reply) => {
    const made = field.parse(request.body)
    fields.add({ ...made, displayName: made.name })
    return reply.status(204).send()
  })
  app.delete<FieldRequest>('/_sandbox/fields/:kind/:group/:name', ({ params }, reply) =>
    fields.remove(params.kind, params.group, params.name)
      ? reply.status(204).send()
      : reply.status(404).send({ message: 'There is no such field.' }),
  )
}

const happeningOf = (
  { agent: { visitor, account }, at, merges, ...said }: z.infer<typeof usage>,
  now: number,
): Happening => ({
  ...said,
  at: at ?? now,
  merges,
  agent: { ...(visitor ? { visitor } : {}), ...(account ? { account } : {}) },
})
