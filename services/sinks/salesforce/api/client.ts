import { Connection } from 'jsforce'
import { z } from 'zod'
import type { Problem } from '../../../delivery/destination.ts'
import { createRateLimit, type PublishedLimit, type RateLimit } from '../../../delivery/requests/rate-limit.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { allowanceUsedUp, problemOf, unreadableAnswer } from '../answers.ts'
import {
  allowanceLookMs,
  allowanceWindowMs,
  apiVersion,
  concurrentRefusalMs,
  pace,
  requestTimeoutMs,
  scarceShare,
} from '../limits.ts'
import type { Login } from './assertion.ts'
import { createExchange, type Failed, type Success } from './exchange.ts'
import { createSessions, type Session } from './session.ts'

export interface SalesforceClientOptions extends Login {
  readonly clock: Clock
  readonly metrics?: Metrics
  /** How fast requests may follow one another; two requests a second unless given. */
  readonly pace?: PublishedLimit
  readonly timeoutMs?: number
}

/** A request that failed: what it means, and what Salesforce said, for those who can do something about it. */
export interface Refused {
  readonly kind: 'refused'
  readonly problem: Problem
  readonly failure: Failed | undefined
}

export type SalesforceAnswer<Data> = Success<Data> | Refused

/** The user whose session it is. Id: with 18 characters; null when Salesforce did not tell it. */
export interface ActingUser {
  readonly kind: 'user'
  readonly id: string | null
}

/** A record as a query gives it. */
export type Row = Readonly<Record<string, unknown>>

/** Salesforce's REST API within its allowance. Nothing throws: what a request came to is in its answer. */
export interface SalesforceClient {
  /** Milliseconds until another request may be made. */
  waitMs(): number
  /** Whether the last request succeeded and another one may be made. */
  isWell(): boolean
  /** As whom we act; logs in where needed. */
  user(signal: AbortSignal): Promise<ActingUser | Problem>
  /** By what other APIs of Salesforce know us; logs in where needed. @param refused the session that was refused: there is a login unless somebody has logged in meanwhile */
  session(signal: AbortSignal, refused?: Session): Promise<Session | Problem>
  /** Makes a request as soon as it may be made; logs in where needed, and once more when the session is refused. @param operation its name in the metrics */
  call<Data>(
    operation: string,
    request: (connection: Connection) => Promise<Data>,
    signal: AbortSignal,
  ): Promise<SalesforceAnswer<Data>>
  /** All rows of a query. @param scope `all` has deleted, merged and archived records too; `tooling` asks for what the org is made of */
  query(
    operation: string,
    soql: string,
    scope: keyof typeof queryPaths,
    signal: AbortSignal,
  ): Promise<SalesforceAnswer<readonly Row[]>>
}

/** Says in change events who wrote: our own changes are told from others by it. */
const callOptions = { client: 'tributary' }

export const createSalesforceClient = (options: SalesforceClientOptions): SalesforceClient => {
  const { clock } = options
  const exchange = createExchange(clock, options.timeoutMs ?? requestTimeoutMs, options.metrics)
  const sessions = createSessions(options, exchange)
  const limit = createRateLimit(options.pace ?? pace, clock)
  const allowance = watchAllowance(limit, clock)
  let succeeded = true

  const attempt = async <Data>(
    session: Session,
    operation: string,
    request: (connection: Connection) => Promise<Data>,
    signal: AbortSignal,
  ): Promise<Success<Data> | Failed> => {
    for (let waitMs = limit.waitMs(); waitMs > 0 && !signal.aborted; waitMs = limit.waitMs())
      await clock.sleep(waitMs, signal)
    limit.take()
    const connection = new Connection({ ...session, version: apiVersion, callOptions })
    const answer = await exchange(operation, signal, transport => {
      connection._transport = transport
      return request(connection)
    })
    allowance.learn(connection)
    return answer
  }
  const callOnce: SalesforceClient['call'] = async (operation, request, signal) => {
    const usedUp = allowance.usedUp()
    if (usedUp) return refusedBy(usedUp)
    const session = await sessions.current(signal)
    if (session.kind !== 'session') return refusedBy(session)
    let answer = await attempt(session, operation, request, signal)
    if (answer.kind === 'failed' && sessionIsOver(answer)) {
      const next = await sessions.after(session, signal)
      if (next.kind !== 'session') return refusedBy(next)
      answer = await attempt(next, operation, request, signal)
    }
    if (answer.kind === 'success') return answer
    const problem = problemOf(answer)
    if (problem.code === 'SALESFORCE_TOO_MANY_AT_ONCE') limit.refused(concurrentRefusalMs)
    return { kind: 'refused', problem, failure: answer }
  }
  const call: SalesforceClient['call'] = async (operation, request, signal) => {
    const answer = await callOnce(operation, request, signal)
    succeeded = answer.kind === 'success'
    return answer
  }
  const isWell = (): boolean => succeeded && !allowance.usedUp()
  const user: SalesforceClient['user'] = async signal => {
    const session = await sessions.current(signal)
    return session.kind === 'session' ? { kind: 'user', id: session.userId } : session
  }
  const session: SalesforceClient['session'] = (signal, refused) =>
    refused ? sessions.after(refused, signal) : sessions.current(signal)
  return { waitMs: () => limit.waitMs(), isWell, user, session, call, query: queryBy(call) }
}

const refusedBy = (problem: Problem): Refused => ({ kind: 'refused', problem, failure: undefined })

/** Spreads what is left of the allowance when it becomes scarce, and knows when it is used up, as far as the last answer told. */
const watchAllowance = (limit: RateLimit, clock: Clock) => {
  let usage: { readonly used: number; readonly limit: number; readonly seenAt: number } | undefined
  return {
    learn: ({ limitInfo: { apiUsage } }: Connection): void => {
      if (!apiUsage) return
      usage = { ...apiUsage, seenAt: clock.now() }
      const left = apiUsage.limit - apiUsage.used
      if (left > 0 && left < apiUsage.limit * scarceShare)
        limit.refused(Math.min(allowanceLookMs, allowanceWindowMs / left))
    },
    usedUp: (): Problem | undefined =>
      usage && usage.used >= usage.limit && clock.now() - usage.seenAt < allowanceLookMs
        ? allowanceUsedUp(noAnswer, usage)
        : undefined,
  }
}

const queryPaths = { live: 'query', all: 'queryAll', tooling: 'tooling/query' } as const

/** Follows the pages of a query. */
const queryBy =
  (call: SalesforceClient['call']): SalesforceClient['query'] =>
  async (operation, soql, scope, signal) => {
    const rows: Row[] = []
    const seen = new Set<string>()
    let next: string | undefined = `/${queryPaths[scope]}?q=${encodeURIComponent(soql)}`
    for (;;) {
      const url: string = next
      const answer: SalesforceAnswer<unknown> = await call(operation, connection => connection.request(url), signal)
      if (answer.kind !== 'success') return answer
      const { success, data: page } = pageShape.safeParse(answer.data)
      // A page that was read already would lead round and round.
      if (!success || seen.has(url)) return refusedBy(unreadableAnswer(answer))
      seen.add(url)
      for (const row of page.records) rows.push(row)
      next = page.done ? undefined : page.nextRecordsUrl
      if (next === undefined) return { ...answer, data: rows }
    }
  }

/** The next page is of the same org: its address is a path. */
const pageShape = z.object({
  records: z.array(z.record(z.string(), z.unknown())),
  done: z.boolean().default(true),
  nextRecordsUrl: z.string().startsWith('/').optional(),
})

const noAnswer = { status: null, correlationId: null }

/** A refused token, or an org that moved: a login says where it is now. */
const sessionIsOver = ({ status }: Failed): boolean => status === 401
