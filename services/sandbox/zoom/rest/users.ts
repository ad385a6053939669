import type { Answer } from '../../answers.ts'
import { pageOf } from './paging.ts'
import { invalidFields } from './problems.ts'
import type { Call, ZoomApi } from './routes.ts'

const STATUSES = ['active', 'inactive', 'pending']
/** Of a user with a licence, as a host of webinars has one. */
const LICENSED = 2

/** `GET /users`: every host of the account's webinars, all of them active. */
export const listUsers = ({ model, clock }: ZoomApi, { query }: Call): Answer => {
  const status = query['status'] ?? 'active'
  if (!STATUSES.includes(status)) throw invalidFields('status')
  const hosts = new Map(model.webinars().map(row => [row.host_id, row]))
  const users = [...hosts.values()].map(row => ({
    id: row.host_id,
    first_name: '',
    last_name: '',
    display_name: row.host_email,
    email: row.host_email,
    type: LICENSED,
    pmi: 0,
    timezone: row.timezone,
    verified: 1,
    dept: '',
    created_at: row.created_at,
    last_login_time: row.created_at,
    language: 'en-US',
    status: 'active',
    role_id: '2',
  }))
  const { items, frame, number } = pageOf(status === 'active' ? users : [], query, `users ${status}`, clock)
  return { status: 200, body: { ...frame, page_number: number, users: items } }
}
