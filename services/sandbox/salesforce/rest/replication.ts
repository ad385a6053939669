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
  const rows = (name: string, fits: (row: Row) => boolean): Row[] =>
    [...org.records.all(objectOf(org, name))].filter(fits)
  app.get<ReplicationRequest>(`${DATA}/sobjects/:object/deleted`, ({ params, query }) => {
    const { earliest, to, covers } = timespan(query, now(), DELETED_DAYS)
    const deleted = rows(params.object, row => !isLive(row) && covers(row))
    return {
      deletedRecords: deleted.map(row => ({ id: row.Id, deletedDate: row['SystemModstamp'] })),
      earliestDateAvailable: earliest,
      latestDateCovered: to,
    }
  })
  app.get<ReplicationRequest>(`${DATA}/sobjects/:object/updated`, ({ params, query }) => {
    const { to, covers } = timespan(query, now(), UPDATED_DAYS)
    const updated = rows(params.object, row => isLive(row) && covers(row))
    return { ids: updated.map(({ Id }) => Id), latestDateCovered: to }
  })
}

interface Timespan {
  readonly earliest: string
  readonly to: string
  /** Whether the last change of a record is within it. */
  covers(row: Row): boolean
}

/** Salesforce ignores the seconds of both ends. */
const timespan = (query: ReplicationRequest['Querystring'], now: number, days: number): Timespan => {
  const [start = Number.NaN, end = Number.NaN] = [query.start, query.end].map(time => wholeMinutes(time ?? ''))
  if (Number.isNaN(start) || Number.isNaN(end))
    throw refused('MALFORMED_QUERY', 'start and end must be given as dates with times and offsets')
  const earliest = now - days * DAY_MS
  if (start >= end || start < wholeMinutesOf(earliest))
    throw refused('INVALID_REPLICATION_DATE', `start must be before end and at most ${days} days ago`)
  const [from, to] = [salesforceTime(start), salesforceTime(Math.min(end, now))]
  return {
    earliest: salesforceTime(earliest),
    to,
    covers: row => {
      const changed = String(row['SystemModstamp'])
      return changed >= from && changed <= to
    },
  }
}

const wholeMinutes = (time: string): number => wholeMinutesOf(millisecondsOf(time) ?? Number.NaN)
const wholeMinutesOf = (milliseconds: number): number => Math.floor(milliseconds / MINUTE_MS) * MINUTE_MS
