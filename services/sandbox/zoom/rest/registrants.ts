import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Answer } from '../../answers.ts'
import { factsOf, type RegistrantRow, type WebinarRow } from '../model.ts'
import { type Decision, joinUrl, registrationCreated, registrationDecided } from '../webhooks.ts'
import { REGISTRATIONS_PER_DAY, STATUS_CHANGES_PER_DAY } from './limits.ts'
import { pageOf } from './paging.ts'
import { invalidFields, zoomProblem } from './problems.ts'
import type { Call, ZoomApi } from './routes.ts'
import { webinarByNumber } from './webinars.ts'

const LISTED = ['approved', 'pending', 'denied']
const SMALLEST_LIST_PAGE = 30

/** `GET /webinars/{id}/registrants` */
export const listRegistrants = ({ model, clock }: ZoomApi, { id, query }: Call): Answer => {
  const webinar = webinarByNumber(model, id)
  const status = query['status'] ?? 'approved'
  if (!LISTED.includes(status)) throw invalidFields('status')
  if (query['page_size'] !== undefined && Number(query['page_size']) < SMALLEST_LIST_PAGE)
    throw invalidFields('page_size')
  const all = [...model.registrants(id).values()].filter(row => row.status === status).sort(byCreation)
  const { items, frame, number } = pageOf(all, query, `registrants of ${webinar.id} ${status}`, clock)
  return { status: 200, body: { ...frame, page_number: number, registrants: items.map(registrantBody) } }
}

/** `GET /webinars/{id}/registrants/{registrantId}` */
export const oneRegistrant = ({ model }: ZoomApi, { id, registrantId }: Call): Answer => {
  webinarByNumber(model, id)
  const row = model.registrants(id).get(registrantId)
  if (!row) throw zoomProblem(404, 3001, `Registrant does not exist: ${registrantId}.`)
  return { status: 200, body: registrantBody(row) }
}

const answer = z.string().max(300).default('')
const newRegistrant = z.object({
  email: z.email().max(128),
  first_name: z.string().min(1).max(64),
  last_name: answer,
  address: answer,
  city: answer,
  country: answer,
  zip: answer,
  state: answer,
  phone: answer,
  industry: answer,
  org: answer,
  job_title: answer,
  purchasing_time_frame: answer,
  role_in_purchase_process: answer,
  no_of_employees: answer,
  comments: answer,
  custom_questions: z.array(z.object({ title: z.string(), value: z.string() })).default([]),
})

/** `POST /webinars/{id}/registrants`: an address that is registered already gets its registration again, and no webhook is sent. */
export const addRegistrant = (api: ZoomApi, { id, body }: Call): Answer => {
  const webinar = webinarByNumber(api.model, id)
  const answers = parsed(newRegistrant, body)
  const key = answers.email.toLowerCase()
  api.limits.takeForRegistrant('Add a webinar registrant', answers.email, `${id} ${key}`, REGISTRATIONS_PER_DAY)
  const standing = (row: RegistrantRow): boolean => row.status === 'approved' || row.status === 'pending'
  const known = [...api.model.registrants(id).values()].find(row => standing(row) && row.email.toLowerCase() === key)
  const registrantId = known?.id ?? randomBytes(16).toString('base64url')
  if (!known) {
    const registrant = { id: registrantId, ...answers }
    api.emit(registrationCreated(factsOf(webinar), registrant, 'approved', api.clock.now()))
  }
  return {
    status: 201,
    body: {
      id: Number(webinar.id),
      join_url: joinUrl({ id: Number(webinar.id) }, registrantId),
      registrant_id: registrantId,
      start_time: webinar.start_time,
      topic: webinar.topic,
    },
  }
}

const DECISIONS: Readonly<Record<'approve' | 'deny' | 'cancel', Decision>> = {
  approve: 'approved',
  deny: 'denied',
  cancel: 'cancelled',
}
const decisionRequest = z.object({
  action: z.enum(['approve', 'deny', 'cancel']),
  registrants: z
    .array(z.object({ id: z.string().optional(), email: z.string().optional() }))
    .min(1)
    .max(30),
})

/** `PUT /webinars/{id}/registrants/status`: sends a webhook for each registration whose status changes. */
export const decideRegistrants = (api: ZoomApi, { id, body }: Call): Answer => {
  const webinar = webinarByNumber(api.model, id)
  const { action, registrants } = parsed(decisionRequest, body)
  const rows = registrants.map(wanted => find(api, webinar, wanted))
  for (const row of rows) {
    api.limits.takeForRegistrant('Update webinar registrant status', row.email, row.id, STATUS_CHANGES_PER_DAY)
    if (row.status === DECISIONS[action]) continue
    api.emit(registrationDecided(factsOf(webinar), row, DECISIONS[action], api.clock.now()))
  }
  return { status: 204 }
}

const find = (
  { model }: ZoomApi,
  { id }: WebinarRow,
  wanted: { id?: string | undefined; email?: string | undefined },
) => {
  const rows = [...model.registrants(id).values()]
  const row = rows.find(one => one.id === wanted.id) ?? rows.findLast(one => sameAddress(one.email, wanted.email))
  if (!row) throw invalidFields('registrants')
  return row
}

const sameAddress = (one: string, other: string | undefined): boolean => one.toLowerCase() === other?.toLowerCase()

const parsed = <Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> => {
  const result = shape.safeParse(body ?? {})
  if (!result.success) throw invalidFields(...result.error.issues.map(issue => issue.path.join('.')))
  return result.data
}

const byCreation = (one: RegistrantRow, other: RegistrantRow): number =>
  other.create_time.localeCompare(one.create_time) || one.id.localeCompare(other.id)

/** A registration as Zoom lists it; the link is there once it is approved. */
export const registrantBody = ({ join_url, ...row }: RegistrantRow): object =>
  row.status === 'approved' ? { ...row, join_url } : row
