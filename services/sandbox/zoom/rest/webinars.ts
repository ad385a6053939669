import type { Answer } from '../../answers.ts'
import { type InstanceRow, runningInstance, type WebinarRow, type ZoomModel } from '../model.ts'
import { pageOf } from './paging.ts'
import { noUser, noWebinar } from './problems.ts'
import type { Call, ZoomApi } from './routes.ts'

/** `GET /users/{userId}/webinars`: the user is `me`, a host's id or a host's address. */
export const listWebinars = ({ model, clock }: ZoomApi, { id, query }: Call): Answer => {
  const known = (row: WebinarRow): boolean => id === 'me' || id === row.host_id || id === row.host_email
  const hosted = model.webinars().filter(known)
  if (hosted.length === 0 && id !== 'me') throw noUser(id)
  const upcoming = query['type'] === 'upcoming'
  const chosen = hosted.filter(row => !upcoming || runningInstance(row) || Date.parse(row.start_time) > clock.now())
  const { items, frame, number } = pageOf(chosen, query, `webinars of ${id} ${query['type'] ?? ''}`, clock)
  const webinars = items.map(row => ({ ...summary(row), is_simulive: false }))
  return { status: 200, body: { ...frame, page_number: number, webinars } }
}

/** `GET /webinars/{id}` */
export const getWebinar = ({ model }: ZoomApi, { id }: Call): Answer => {
  const row = webinarByNumber(model, id)
  const settings = { approval_type: 0, registration_type: 1, alternative_hosts: '' }
  return { status: 200, body: { ...summary(row), host_email: row.host_email, settings } }
}

/** The webinar of this number. Throws Zoom's 404. */
export const webinarByNumber = (model: ZoomModel, id: string): WebinarRow => {
  const row = model.webinar(id)
  if (!row) throw noWebinar(id)
  return row
}

/**
 * The ended instance that a past-webinar call means: by uuid that one, by number the latest. A uuid that begins with a slash or holds two in a
 * row must be encoded twice, as with Zoom. `missing` makes the refusal.
 */
export const endedInstance = (
  model: ZoomModel,
  parameter: string,
  missing: (id: string) => Error,
): { readonly row: WebinarRow; readonly instance: InstanceRow } => {
  if (parameter.startsWith('/') || parameter.includes('//')) throw missing(parameter)
  const id = parameter.includes('%') ? decodeURIComponent(parameter) : parameter
  for (const row of model.webinars()) {
    const ended = row.instances.filter(instance => instance.end_time !== null)
    const instance = row.id === id ? ended.at(-1) : ended.find(({ uuid }) => uuid === id)
    if (instance) return { row, instance }
  }
  throw missing(id)
}

const summary = (row: WebinarRow) => ({
  uuid: row.uuid,
  id: Number(row.id),
  host_id: row.host_id,
  topic: row.topic,
  type: row.type,
  start_time: row.start_time,
  duration: row.duration,
  timezone: row.timezone,
  agenda: '',
  created_at: row.created_at,
  join_url: `https://example.com/j/${row.id}`,
})
