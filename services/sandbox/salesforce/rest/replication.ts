import type { FastifyInstance } from 'fastify'
import { refused } from '../errors.ts'
import type { Org } from '../org.ts'
import { isLive, type Row } from '../records/records.ts'
import { millisecondsOf, salesforceTime } from '../records/times.ts'
import { DATA, objectOf } from './requests.ts'

interface ReplicationRequest {
  Params: { object: string }
  Querystring: { start?: string; end?: string }
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** How far back `start` may be; facts/salesforce.md §5 and Salesforce's page of sObject Get Updated. */
const DELETED_DAYS = 15
const UPDATED_DAYS = 30

/** The ids of records that were deleted, or added and changed, within a time. */
export const replicationRoutes = (app: FastifyInstance, org: Org, now: () => number): void => {
  const within = (name: string, { from, to }: Timespan): Row[] =>
    org.records.since(objectOf(org, name), from).filter(row => String(row['SystemModstamp']) <= to)
  app.get<ReplicationRequest>(`${DATA}/sobjects/:object/deleted`, ({ params, query }) => {
    const span = timespan(query, now(), DELETED_DAYS)
    const deleted = within(params.object, span).filter(row => !isLive(row))
    return {
      deletedRecords: deleted.map(row => ({ id: row.Id, deletedDate: row['SystemModstamp'] })),
      earliestDateAvailable: span.earliest,
      latestDateCovered: span.to,
    }
  })
  app.get<ReplicationRequest>(`${DATA}/sobjects/:object/updated`, ({ params, query }) => {
    const span = timespan(query, now(), UPDATED_DAYS)
    const updated = within(params.object, span).filter(isLive)
    return { ids: updated.map(({ Id }) => Id), latestDateCovered: span.to }
  })
}

interface Timespan {
  readonly earliest: string
  readonly from: string
  readonly to: string
}

/** Salesforce ignores the seconds of both ends. */
const timespan = (query: ReplicationRequest['Querystring'], now: number, days: number): Timespan => {
  const [start = Number.NaN, end = Number.NaN] = [query.start, query.end].map(time => wholeMinutes(time ?? ''))
  if (Number.isNaN(start) || Number.isNaN(end))
    throw refused('MALFORMED_QUERY', 'start and end must be given as dates with times and offsets')
  const earliest = now - days * DAY_MS
  if (start >= end || start < wholeMinutesOf(earliest))
    throw refused('INVALID_REPLICATION_DATE', `start must be before end and at most ${days} days ago`)
  return { earliest: salesforceTime(earliest), from: salesforceTime(start), to: salesforceTime(Math.min(end, now)) }
}

const wholeMinutes = (time: string): number => wholeMinutesOf(millisecondsOf(time) ?? Number.NaN)
const wholeMinutesOf = (milliseconds: number): number => Math.floor(milliseconds / MINUTE_MS) * MINUTE_MS
