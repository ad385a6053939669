import { typeBetween } from '../associations/association-types.ts'
import type { End } from '../associations/associations.ts'
import { invalid, notFound } from '../errors.ts'
import type { Portal } from '../portal.ts'
import { type Asked, type Edit, existing } from './edit.ts'

const DAY_MS = 86_400_000
/** When a new activity is due unless the person says so. */
const DUE_AFTER_MS = 3 * DAY_MS
/** As a form's field of a date and a time gives it; the page shows all times in UTC. */
const FORM_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/

/** Makes an activity of the fields that were filled in, on the contact that `contact` names. */
export const createActivity = ({ portal, objects, draft, fields }: Asked): string => {
  const { contact = '', hs_timestamp: due = '', ...others } = fields
  const filled = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== ''))
  const dueAt = due === '' ? String(Date.parse(portal.now()) + DUE_AFTER_MS) : FORM_TIME.test(due) ? `${due}Z` : due
  const on = contact.trim() === '' ? undefined : named(portal, 'contacts', contact)
  const { id } = objects.writing.create(draft, { ...filled, hs_timestamp: dueAt })
  if (on) draft.onCommit(() => portal.associations.add({ type: objects.type.name, id }, on, draft.writer))
  return id
}

const setStatus =
  (status: string): Edit['work'] =>
  ({ objects, draft, id }) =>
    objects.writing.update(draft, existing(draft, id), { hs_task_status: status }).id

/** What a person can do with activities besides what can be done with every record. */
export const ACTIVITY_EDITS: readonly Edit[] = [
  { path: '/:id/complete', work: setStatus('COMPLETED') },
  { path: '/:id/reopen', work: setStatus('NOT_STARTED') },
  {
    path: '/:id/associate',
    work: ({ portal, objects, draft, id, fields: { type = 'contacts', record = '' } }) => {
      const [from, to] = [{ type: objects.type.name, id: existing(draft, id).id }, named(portal, type, record)]
      if (!typeBetween(from.type, to.type)) throw invalid(`${from.type} cannot belong to ${to.type}.`)
      draft.onCommit(() => portal.associations.add(from, to, draft.writer))
      return id
    },
  },
  {
    path: '/:id/dissociate',
    work: ({ portal, objects, draft, id, fields: { record = '' } }) => {
      const [type = '', other = ''] = record.split(' ')
      draft.onCommit(() =>
        portal.associations.remove({ type: objects.type.name, id }, { type, id: other }, draft.writer),
      )
      return id
    },
  },
]

/** The record that a person names by its id, or a contact by its address. */
const named = (portal: Portal, objectType: string, text: string): End => {
  const { type, records } = portal.objects(objectType)
  const key = text.trim()
  const byIdentity = type.identity ? records.findBy(type.identity.property, key) : undefined
  const record = records.resolve(key) ?? byIdentity
  if (!record) throw notFound(`There is no ${type.singular.toLowerCase()} ${key}.`)
  return { type: type.name, id: record.id }
}
