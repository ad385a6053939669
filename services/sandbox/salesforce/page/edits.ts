import type { FastifyInstance } from 'fastify'
import { notFound, SalesforceRefusal } from '../errors.ts'
import type { Org } from '../org.ts'
import { type Draft, isLive, type Row, type Values } from '../records/records.ts'
import { valuesOf } from '../records/values.ts'
import type { SObjectType } from '../schema/objects.ts'
import { TRIBUTARY_ID } from '../schema/schema.ts'
import { authorOf, EDITOR_FIELD } from './editor.ts'
import { fieldValues } from './form-values.ts'
import { addPerson } from './people.ts'

type Fields = Record<string, string>

interface Params {
  readonly object: string
  readonly id: string
}

interface EditRequest {
  Params: Params
  Body: Fields | undefined
}

interface Edit {
  readonly path: string
  /** Where a refusal is shown. */
  from(params: Params): string
  /** Makes the change and says where to go. */
  work(request: { readonly org: Org; readonly params: Params; readonly fields: Fields; readonly draft: Draft }): string
}

const list = ({ object }: Pick<Params, 'object'>): string => `/records/${object}`
const page = ({ object, id }: Params): string => `/records/${object}/${id}`

/** A person is warned of a duplicate and may save it. */
const PERSON = { allowDuplicates: true }

const EDITS: readonly Edit[] = [
  {
    path: '/people',
    from: () => '/',
    work: ({ org, fields, draft }) => {
      addPerson(org, draft, fields)
      return '/'
    },
  },
  {
    path: '/records/:object',
    from: list,
    work: ({ org, params, fields, draft }) => {
      const object = typeOf(org, params.object)
      const given = Object.entries(valuesIn(org, object, fields)).filter(([, value]) => value !== null)
      const { Id } = org.writing.create(draft, object, Object.fromEntries(given), PERSON)
      return page({ object: object.name, id: Id })
    },
  },
  {
    path: '/records/:object/:id',
    from: page,
    work: ({ org, params, fields, draft }) => {
      const object = typeOf(org, params.object)
      const differing = differences(valuesIn(org, object, fields), draft.get(params.id))
      if (Object.keys(differing).length > 0) org.writing.update(draft, object, params.id, differing, PERSON)
      return page(params)
    },
  },
  {
    path: '/records/:object/:id/complete',
    from: page,
    work: ({ org, params, draft }) => {
      org.writing.update(draft, typeOf(org, params.object), params.id, { Status: 'Completed' })
      return page(params)
    },
  },
  {
    path: '/records/:object/:id/restore',
    from: page,
    work: ({ org, params, draft }) => {
      org.writing.restore(draft, typeOf(org, params.object), params.id)
      return page(params)
    },
  },
  {
    path: '/records/:object/:id/delete',
    from: page,
    work: ({ org, params, draft }) => {
      org.writing.remove(draft, typeOf(org, params.object), params.id)
      return list(params)
    },
  },
  {
    path: '/records/:object/:id/merge',
    from: page,
    work: ({ org, params, fields, draft }) => {
      org.lifecycle.merge(draft, params.id, [fields['other'] ?? ''])
      return page(params)
    },
  },
  {
    path: '/records/:object/:id/convert',
    from: page,
    work: ({ org, params, fields, draft }) => {
      const { Id } = org.lifecycle.convert(draft, params.id, fields['contact'])
      return page({ object: 'Contact', id: Id })
    },
  },
  {
    path: '/fields/tributary',
    from: () => '/fields',
    work: ({ org }) => {
      const task = typeOf(org, 'Task')
      if (org.schema.field(task, TRIBUTARY_ID.name)) org.removeField(task.name, TRIBUTARY_ID.name)
      else org.addField(task.name, TRIBUTARY_ID)
      return '/fields'
    },
  },
]

/** What the forms of the pages send. A refusal comes back to its page with the reason. */
export const editRoutes = (app: FastifyInstance, org: Org): void => {
  for (const { path, from, work } of EDITS) {
    app.post<EditRequest>(path, (request, reply) => {
      const { params, body } = request
      const { [EDITOR_FIELD]: _, ...fields } = body ?? {}
      try {
        const to = org.change(draft => work({ org, params, fields, draft }), authorOf(org, request))
        return reply.redirect(to, 303)
      } catch (error) {
        if (!(error instanceof SalesforceRefusal)) throw error
        return reply.redirect(`${from(params)}?problem=${encodeURIComponent(error.error.message)}`, 303)
      }
    })
  }
}

/** The object that an address of a page names. */
export const typeOf = (org: Org, name: string): SObjectType => {
  const object = org.schema.object(name)
  if (!object) throw Object.assign(notFound(), { statusCode: 404 })
  return object
}

const valuesIn = (org: Org, object: SObjectType, fields: Fields): Values =>
  valuesOf(org.schema, object, fieldValues(org, object, fields))

const differences = (values: Values, before: Row | undefined): Values =>
  before && isLive(before)
    ? Object.fromEntries(Object.entries(values).filter(([name, value]) => (before[name] ?? null) !== value))
    : values
