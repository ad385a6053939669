import type { FastifyInstance } from 'fastify'
import { Refusal } from '../../answers.ts'
import { badRequest, notFound } from '../errors.ts'
import { isId } from '../ids.ts'
import { type FieldType, fits, type Group, type Kind, type Value, type Values } from '../model/fields.ts'
import type { Happening } from '../model/in-app.ts'
import type { PageParts } from './parts.ts'
import { profilePath, profilesPath } from './profiles.ts'

type Texts = Readonly<Record<string, string>>

interface EditRequest {
  Params: Record<string, string>
  Body: Texts | undefined
}

interface Edit {
  readonly path: string
  /** Where a refusal is shown. */
  from(params: Texts): string
  /** Makes the change and says where to go. */
  work(parts: PageParts, params: Texts, texts: Texts): string
}

/** What a text in a form means, by the type of its field; an empty one is no value. */
const PARSED: Readonly<Record<FieldType, (text: string) => Value>> = {
  string: text => text,
  integer: Number,
  float: Number,
  boolean: text => ({ true: true, false: false })[text] ?? text,
  time: text => (/^\d+$/.test(text) ? Number(text) : text),
  list: text => JSON.parse(text) as Value,
}

const EDITS: readonly Edit[] = [
  {
    path: '/traffic',
    from: () => '/',
    work: ({ traffic }, _, { rate }) => {
      traffic.setRate(Math.max(0, Number(rate) || 0))
      return '/'
    },
  },
  {
    path: '/profiles/:kind',
    from: params => profilesPath(kindOf(params)),
    work: ({ subscription: { profiles } }, params, { id = '' }) => {
      const kind = kindOf(params)
      profiles.write(kind, idIn(id), 'custom', {})
      return profilePath(kind, id)
    },
  },
  {
    path: '/profiles/:kind/:id',
    from: params => profilePath(kindOf(params), params['id'] ?? ''),
    work: (parts, params, texts) => {
      const [kind, id] = [kindOf(params), idIn(params['id'])]
      const groups = Map.groupBy(Object.entries(texts), ([key]) => key.split('.')[0] as Group)
      for (const [group, entries] of groups)
        parts.subscription.profiles.write(kind, id, group, valuesIn(parts, kind, group, entries))
      return profilePath(kind, id)
    },
  },
  {
    path: '/profiles/:kind/:id/delete',
    from: params => profilesPath(kindOf(params)),
    work: ({ subscription: { profiles } }, params) => {
      const kind = kindOf(params)
      profiles.remove(kind, idIn(params['id']))
      return profilesPath(kind)
    },
  },
  {
    path: '/events',
    from: () => '/events',
    work: ({ subscription, now }, _, texts) => {
      subscription.happen(happeningIn(texts, subscription.catalog.get(texts['item'] ?? ''), now()))
      return '/events'
    },
  },
  {
    path: '/product',
    from: () => '/product',
    work: ({ subscription: { catalog } }, _, { kind = '', name = '' }) => {
      if (name.trim() === '') throw badRequest('A name is needed.')
      catalog.put({ kind: kind === 'Page' || kind === 'Feature' ? kind : 'TrackType', name, isCoreEvent: false })
      return '/product'
    },
  },
  {
    path: '/product/:id/core',
    from: () => '/product',
    work: ({ subscription: { catalog } }, { id = '' }) => {
      const item = catalog.get(id)
      if (!item) throw notFound('item')
      catalog.put({ ...item, isCoreEvent: !item.isCoreEvent })
      return '/product'
    },
  },
]

/** What the forms of the pages send. A refusal comes back to the page with its reason. */
export const editRoutes = (app: FastifyInstance, parts: PageParts): void => {
  for (const { path, from, work } of EDITS) {
    app.post<EditRequest>(path, ({ params, body }, reply) => {
      try {
        return reply.redirect(work(parts, params, body ?? {}), 303)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return reply.redirect(`${from(params)}?problem=${encodeURIComponent(String(error.answer.body))}`, 303)
      }
    })
  }
}

const kindOf = ({ kind }: Texts): Kind => {
  if (kind === 'visitor' || kind === 'account') return kind
  throw notFound('kind')
}

const idIn = (id: string | undefined): string => {
  if (id !== undefined && isId(id)) return id
  throw badRequest('An id is needed.')
}

const valuesIn = (
  { subscription: { fields } }: PageParts,
  kind: Kind,
  group: Group,
  entries: readonly (readonly [key: string, text: string])[],
): Values =>
  Object.fromEntries(
    entries.map(([key, text]) => {
      const field = fields.get(kind, group, key.slice(group.length + 1))
      if (!field || group === 'auto') throw badRequest(`There is no field ${key}.`)
      const value = text.trim() === '' ? null : attempt(() => PARSED[field.type](text))
      if (value === undefined || !fits(field, value))
        throw badRequest(`${key}: expected a value of type ${field.type}.`)
      return [field.name, value]
    }),
  )

const attempt = <Result>(work: () => Result): Result | undefined => {
  try {
    return work()
  } catch {
    return undefined
  }
}

const USES = { Page: 'page', Feature: 'feature', TrackType: 'track' } as const

const happeningIn = (
  texts: Texts,
  item: { kind: keyof typeof USES; name: string } | undefined,
  at: number,
): Happening => {
  if (!item) throw notFound('item')
  const { accountId = '', properties = '' } = texts
  const parsed = properties.trim() === '' ? {} : attempt(() => JSON.parse(properties) as Values)
  if (typeof parsed !== 'object' || parsed === null) throw badRequest('Properties are an object in JSON.')
  return {
    ...{ kind: USES[item.kind], name: item.name, visitorId: idIn(texts['visitorId']), accountId, at },
    properties: parsed,
    ...{ agent: {}, merges: undefined, userAgent: 'Mozilla/5.0', remoteIp: '203.0.113.1' },
  }
}
