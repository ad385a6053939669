import type { FastifyInstance } from 'fastify'
import { aggregate } from '../aggregation/pipeline.ts'
import { presentItem } from '../aggregation/sources.ts'
import type { Choices } from '../choices.ts'
import { notFound } from '../errors.ts'
import type { ItemKind } from '../model/catalog.ts'
import type { Kind } from '../model/fields.ts'
import type { Subscription } from '../model/subscription.ts'

const LISTS: Readonly<Record<string, ItemKind>> = { page: 'Page', feature: 'Feature', tracktype: 'TrackType' }
const KINDS: readonly Kind[] = ['visitor', 'account']

/** Visitors, accounts, what is tagged, and aggregations over all of it: facts/pendo.md §3 and §4. */
export const readRoutes = (
  app: FastifyInstance,
  subscription: Subscription,
  { choices, now }: { readonly choices: Choices; readonly now: () => number },
): void => {
  for (const kind of KINDS) {
    app.get<{ Params: { id: string } }>(`/api/v1/${kind}/:id`, ({ params }) => {
      const profile = subscription.profiles.get(kind, params.id)
      if (!profile) throw notFound(kind)
      const { accountids } = profile.metadata.auto
      return { ...profile, ...(kind === 'visitor' ? { accountIds: accountids ?? [] } : {}) }
    })
  }
  for (const [path, kind] of Object.entries(LISTS))
    app.get(`/api/v1/${path}`, () => subscription.catalog.all(kind).map(presentItem))
  app.post('/api/v1/aggregation', ({ body }) => {
    const results = aggregate(subscription, body, now())
    return { results: results.length === 0 && choices.emptyResults === 'null' ? null : results }
  })
}
