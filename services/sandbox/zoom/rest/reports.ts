import type { Answer } from '../../answers.ts'
import { ageOf, leaveOf, type ParticipantRow, type WebinarRow, type ZoomModel } from '../model.ts'
import { pageOf } from './paging.ts'
import { noReport, noWebinar, zoomProblem } from './problems.ts'
import { registrantBody } from './registrants.ts'
import type { Call, ZoomApi } from './routes.ts'
import { endedInstance, webinarByNumber } from './webinars.ts'

/** Reports reach back six months, the past_webinars calls a year: facts/zoom.md §5 and §6. */
const REPORTED_MS = 183 * 86_400_000
const KEPT_MS = 365 * 86_400_000

/** `GET /report/webinars/{id}/participants`: one row a presence, the host's and unknown guests' too; `duration` in seconds. */
export const reportParticipants = (api: ZoomApi, { id, query }: Call): Answer => {
  const { model, clock } = api
  const { row, instance } = reportedInstance(api, id)
  const fields = query['include_fields'] ?? ''
  const { items, frame } = pageOf(
    presencesIn(model, row, instance.uuid),
    query,
    `report ${instance.uuid} ${fields}`,
    clock,
  )
  const participants = items.map(presence => ({
    customer_key: '',
    ...timesOf(row, presence),
    failover: false,
    id: presence.id,
    name: presence.user_name,
    ...(fields.split(',').includes('registrant_id') ? { registrant_id: presence.registrant_id } : {}),
    status: 'in_meeting',
    user_email: presence.email,
    user_id: presence.user_id,
    participant_user_id: presence.id,
    bo_mtg_id: '',
  }))
  return { status: 200, body: { ...frame, participants } }
}

/** `GET /report/webinars/{id}` */
export const reportWebinar = (api: ZoomApi, { id }: Call): Answer => {
  const { row, instance } = reportedInstance(api, id)
  const presences = presencesIn(api.model, row, instance.uuid)
  const seconds = presences.reduce((sum, presence) => sum + timesOf(row, presence).duration, 0)
  const [start, end] = [Date.parse(instance.start_time), Date.parse(instance.end_time ?? '')]
  return {
    status: 200,
    body: {
      custom_keys: [],
      dept: '',
      duration: Math.ceil((end - start) / 60_000),
      end_time: instance.end_time,
      id: Number(row.id),
      participants_count: presences.length,
      start_time: instance.start_time,
      topic: row.topic,
      total_minutes: Math.ceil(seconds / 60),
      tracking_fields: [],
      type: row.type,
      user_email: row.host_email,
      user_name: '',
      uuid: instance.uuid,
    },
  }
}

/** `GET /past_webinars/{id}/participants` */
export const pastParticipants = ({ model, clock }: ZoomApi, { id, query }: Call): Answer => {
  const { row, instance } = pastInstance(model, id, clock.now())
  const { items, frame } = pageOf(presencesIn(model, row, instance.uuid), query, `past ${instance.uuid}`, clock)
  const participants = items.map(presence => ({
    id: presence.id,
    name: presence.user_name,
    user_id: presence.user_id,
    registrant_id: presence.registrant_id,
    user_email: presence.email,
    ...timesOf(row, presence),
    failover: false,
    status: 'in_meeting',
    internal_user: false,
  }))
  return { status: 200, body: { ...frame, participants } }
}

/** `GET /past_webinars/{id}/absentees`: registrations that stood, of people who were not in this instance. */
export const absentees = ({ model, clock }: ZoomApi, { id, query }: Call): Answer => {
  const { row, instance } = pastInstance(model, id, clock.now())
  const came = new Set(presencesIn(model, row, instance.uuid).map(presence => presence.registrant_id))
  const absent = [...model.registrants(row.id).values()].filter(one => one.status === 'approved' && !came.has(one.id))
  const { items, frame, number } = pageOf(absent, query, `absent ${instance.uuid}`, clock)
  return { status: 200, body: { ...frame, page_number: number, registrants: items.map(registrantBody) } }
}

/** `GET /past_webinars/{id}/instances` */
export const instances = ({ model }: ZoomApi, { id }: Call): Answer => {
  const ended = webinarByNumber(model, id).instances.filter(instance => instance.end_time !== null)
  return { status: 200, body: { webinars: ended.map(({ start_time, uuid }) => ({ start_time, uuid })) } }
}

/** Zoom says the same of a report that is not there yet as of one that has expired. */
const reportedInstance = ({ model, clock, reportAfterMs }: ZoomApi, id: string): ReturnType<typeof endedInstance> => {
  const found = endedInstance(model, id, noReport)
  const age = ageOf(found.instance, clock.now())
  if (age < reportAfterMs || age > REPORTED_MS) throw noReport(id)
  return found
}

const pastInstance = (model: ZoomModel, id: string, now: number): ReturnType<typeof endedInstance> => {
  const found = endedInstance(model, id, noWebinar)
  if (ageOf(found.instance, now) > KEPT_MS) throw zoomProblem(400, 12702, 'Can not access a webinar a year ago.')
  return found
}

const presencesIn = (model: ZoomModel, { id }: WebinarRow, uuid: string): ParticipantRow[] =>
  [...model.participants(id).values()]
    .filter(presence => presence.uuid === uuid && presence.join_time !== null)
    .sort(
      (one, other) =>
        (one.join_time ?? '').localeCompare(other.join_time ?? '') || one.user_id.localeCompare(other.user_id),
    )

/** Zoom knows when everyone left, also where no webhook said so. */
const timesOf = (row: WebinarRow, presence: ParticipantRow) => {
  const joined = Date.parse(presence.join_time ?? '')
  const left = Date.parse(leaveOf(row, presence) ?? '')
  return {
    duration: Math.round((left - joined) / 1000),
    join_time: new Date(joined).toISOString(),
    leave_time: new Date(left).toISOString(),
  }
}
