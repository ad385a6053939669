import type { Clock } from '../../../runtime/clock.ts'
import type { Logger } from '../../../runtime/log.ts'
import {
  type ListedRegistrant,
  type ReportedParticipant,
  type ReportedRun,
  registrantStatuses,
  type WebinarDetail,
  type ZoomCalls,
} from '../rest/calls.ts'
import { isZoomError, type ZoomError } from '../rest/problems.ts'
import { happenedAt, plannedAt, zoomTime } from '../times.ts'
import type { KnownWebinar } from './known.ts'
import { type Hosting, reportedSessions, settled, type Told } from './records.ts'
import { type ListedFor, untoldRegistrations } from './registrations.ts'
import type { RunFacts } from './runs.ts'

/** An account as the reports of its webinars are read. */
export interface ReportsAccount {
  /** In our configuration. */
  readonly name: string
  /** Null without OAuth credentials: then nothing can be read. */
  readonly calls: ZoomCalls | null
  /** Addresses of people who are no attendees, in lower case. */
  readonly panelists: ReadonlySet<string>
}

/** All that Zoom tells of a run after its end. */
interface RunReport {
  readonly rows: readonly ReportedParticipant[]
  readonly run: ReportedRun
  /** Null when the webinar is gone. */
  readonly webinar: WebinarDetail | null
  /** Null when they could not be listed. */
  readonly registrants: { readonly of: ListedFor; readonly listed: readonly ListedRegistrant[] } | null
}

export interface Reading {
  readonly clock: Clock
  readonly logger: Logger
  /** What the topic tells of the run's webinar; asked for before Zoom is, so that what Zoom lists is never older. */
  known(): Promise<KnownWebinar | undefined>
}

/**
 * Reads the report of a run and says what is to be told of it, SETTLED last. Undefined while the report is not there yet. Rejects with a `ZoomError`.
 */
export const readRun = async (
  account: ReportsAccount & { readonly calls: ZoomCalls },
  facts: RunFacts,
  reading: Reading,
  signal: AbortSignal,
): Promise<Told | undefined> => {
  const { calls } = account
  const rows = await whenThere(calls.reportedParticipants(facts.instance, signal))
  // Whoever hosts is in every report, so an empty one is not finished.
  if (!rows || rows.length === 0) return undefined
  const run = await whenThere(calls.reportedRun(facts.instance, signal))
  if (!run) return undefined
  const known = await reading.known()
  const webinar = await whenThere(calls.webinar(facts.number, signal))
  const registrants = await listRegistrants(calls, facts, webinar, reading, signal)
  return toldOf(account, facts, { rows, run, webinar: webinar ?? null, registrants }, known, reading.clock.now())
}

const toldOf = (
  account: ReportsAccount,
  facts: RunFacts,
  { rows, run, webinar, registrants }: RunReport,
  known: KnownWebinar | undefined,
  now: number,
): Told => {
  const actual: RunFacts = {
    ...facts,
    topic: facts.topic ?? run.topic,
    startTime: zoomTime(run.start_time) === null ? facts.startTime : happenedAt([run.start_time], now),
    // A webhook's end and the report's may differ by a second; the later one is the end.
    endTime: latest(zoomTime(run.end_time), facts.endTime),
  }
  const sessions = reportedSessions(actual, rows, hostingOf(account, run, webinar), now)
  const registrations = registrants
    ? untoldRegistrations(registrants.of, registrants.listed, known)
    : { records: [], claims: [] }
  return {
    records: [...registrations.records, ...sessions.records, settled(actual, true, now)],
    claims: [...registrations.claims, ...sessions.claims],
  }
}

const hostingOf = ({ panelists }: ReportsAccount, run: ReportedRun, webinar: WebinarDetail | null): Hosting => ({
  hostId: webinar?.host_id ?? null,
  addresses: new Set([...panelists, ...[run.user_email, webinar?.host_email].filter(address => address != null)]),
})

/** Registrations matter less than the report: without them it is told all the same. */
const listRegistrants = async (
  calls: ZoomCalls,
  facts: RunFacts,
  webinar: WebinarDetail | undefined,
  { clock, logger }: Reading,
  signal: AbortSignal,
): Promise<RunReport['registrants']> => {
  const of: ListedFor = {
    ...facts,
    topic: webinar?.topic ?? facts.topic,
    ...plannedFor(webinar, facts),
    decidedBy: facts.startTime ?? clock.now(),
    receivedAt: clock.now(),
  }
  const listed = await listedRegistrants(calls, facts, of.occurrence?.id ?? null, logger, signal)
  return listed && { of, listed }
}

/** Registrations of every status; null when Zoom refuses to list them, for example because the webinar has no registration or is gone. */
export const listedRegistrants = async (
  calls: ZoomCalls,
  { account, number }: { readonly account: string; readonly number: string },
  occurrence: string | null,
  logger: Logger,
  signal: AbortSignal,
): Promise<readonly ListedRegistrant[] | null> => {
  try {
    const lists = []
    for (const status of registrantStatuses) lists.push(await calls.registrants(number, { status, occurrence }, signal))
    return lists.flat()
  } catch (error) {
    if (!isZoomError(error) || error.code === 'ZOOM_INTERRUPTED') throw error
    if (!saysThereAreNone(error))
      logger.warn(
        { vendor: 'zoom', account, error },
        'Registrations could not be listed; those that no webhook told stay unknown',
      )
    return null
  }
}

const saysThereAreNone = ({ code }: ZoomError): boolean => code === 'ZOOM_NOT_FOUND' || code === 'ZOOM_REQUEST_REFUSED'

/** The date of a series that the run belongs to: that with the nearest start. */
const plannedFor = (
  webinar: WebinarDetail | undefined,
  { recurring, startTime }: RunFacts,
): Pick<ListedFor, 'startTime' | 'occurrence'> => {
  if (!recurring) return { startTime: plannedAt(webinar?.start_time), occurrence: null }
  const dates = occurrencesOf(webinar).toSorted(
    (a, b) => Math.abs(a.startTime - (startTime ?? 0)) - Math.abs(b.startTime - (startTime ?? 0)),
  )
  return { startTime: dates[0]?.startTime ?? null, occurrence: dates[0] ?? null }
}

/** The dates of a series that have a start. */
export const occurrencesOf = (webinar: WebinarDetail | undefined): readonly { id: string; startTime: number }[] =>
  (webinar?.occurrences ?? []).flatMap(({ occurrence_id, start_time }) => {
    const startTime = plannedAt(start_time)
    return startTime === null ? [] : [{ id: occurrence_id, startTime }]
  })

/** What a call gives; undefined when Zoom says that there is no such thing. */
export const whenThere = async <Value>(call: Promise<Value>): Promise<Value | undefined> => {
  try {
    return await call
  } catch (error) {
    if (isZoomError(error, 'ZOOM_NOT_FOUND')) return undefined
    throw error
  }
}

const latest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b)
