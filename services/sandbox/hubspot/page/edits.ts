import type { FastifyInstance } from 'fastify'
import { HubSpotRefusal, invalid, notFound } from '../errors.ts'
import type { Writer } from '../objects/records.ts'
import type { Portal } from '../portal.ts'
import { ACTIVITY_EDITS, createActivity } from './activity-edits.ts'
import { type Edit, existing } from './edit.ts'

/** Who edits on the pages. */
const PERSON: Writer = { source: 'CRM_UI', id: 'userId:1' }

interface EditRequest {
  Params: { objectType: string; id: string }
  Body: Record<string, string> | undefined
}

const EDITS: readonly Edit[] = [
  {
    path: '',
    work: asked => {
      const { objects, draft, fields } = asked
      return objects.type.isActivity ? createActivity(asked) : objects.writing.create(draft, fields).id
    },
  },
  {
    path: '/:id',
    work: ({ objects: { writing }, draft, id, fields }) => {
      const record = existing(draft, id)
      const differing = Object.entries(fields).filter(([name, value]) => (record.properties[name] ?? '') !== value)
      if (differing.length > 0) writing.update(draft, record, Object.fromEntries(differing))
      return id
    },
  },
  {
    path: '/:id/delete',
    work: ({ objects: { writing }, draft, id }) => {
      writing.archive(draft, existing(draft, id))
      return undefined
    },
  },
  {
    path: '/:id/restore',
    work: ({ objects: { records, writing }, draft, id }) => {
      const record = records.get(id)
      if (record?.archivedAt === undefined) throw notFound(`There is no deleted record ${id}.`)
      return writing.restore(draft, record).id
    },
  },
  {
    path: '/:id/privacy-delete',
    work: ({ objects: { type, writing }, draft, id }) => {
      if (!type.gdprDelete) throw invalid(`${type.singular} records are not deleted for privacy.`)
      writing.erase(draft, existing(draft, id))
      return undefined
    },
  },
  {
    path: '/:id/merge',
    work: ({ objects: { type, writing }, draft, id, fields: { other = '' } }) => {
      if (!type.canMerge) throw invalid(`${type.singular} records cannot be merged.`)
      const [primary, secondary] = [existing(draft, id), existing(draft, other.trim())]
      if (primary.id === secondary.id) throw invalid('A record cannot be merged with itself.')
      return writing.merge(draft, primary, secondary).id
    },
  },
  ...ACTIVITY_EDITS,
]

/** What the forms of the records send. They are writes of a person; a refusal comes back to the page with its reason. */
export const editRoutes = (app: FastifyInstance, portal: Portal): void => {
  for (const { path, work } of EDITS) {
    app.post<EditRequest>(`/records/:objectType${path}`, ({ params: { objectType, id }, body }, reply) => {
      const objects = portal.objects(objectType)
      const list = `/records/${objects.type.name}`
      try {
        const draft = objects.records.draft(PERSON)
        const shown = work({ portal, objects, draft, id, fields: body ?? {} })
        draft.commit()
        return reply.redirect(shown === undefined ? list : `${list}/${shown}`, 303)
      } catch (error) {
        if (!(error instanceof HubSpotRefusal)) throw error
        const isRecord = objects.records.resolve(id) !== undefined
        return reply.redirect(
          `${isRecord ? `${list}/${id}` : list}?problem=${encodeURIComponent(problemText(error))}`,
          303,
        )
      }
    })
  }
}

/** Why HubSpot refused, for people. */
export const problemText = ({ problem }: HubSpotRefusal): string =>
  problem.errors?.map(({ message }) => message).join(' ') ?? problem.message
