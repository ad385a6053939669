import { requestStarted } from '../../../http/request-metrics.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { errorsIn, type Failure } from '../answers.ts'
import { CallTransport } from './transport.ts'

export interface Success<Data> {
  readonly kind: 'success'
  readonly status: number
  readonly correlationId: string | null
  readonly data: Data
}

export interface Failed extends Failure {
  readonly kind: 'failed'
  /** As it came; never to be shown. */
  readonly body: string
}

/** Lets jsforce make one request with a transport that is watched and has a time limit. Never throws. */
export interface Exchange {
  <Data>(
    operation: string,
    signal: AbortSignal,
    request: (transport: CallTransport) => Promise<Data>,
  ): Promise<Success<Data> | Failed>
  now(): number
}

export const createExchange = (clock: Clock, timeoutMs: number, metrics?: Metrics): Exchange => {
  const exchange = async <Data>(
    operation: string,
    signal: AbortSignal,
    request: (transport: CallTransport) => Promise<Data>,
  ): Promise<Success<Data> | Failed> => {
    const ended = new AbortController()
    const late = new AbortController()
    void clock.sleep(timeoutMs, AbortSignal.any([signal, ended.signal])).then(() => {
      if (!ended.signal.aborted && !signal.aborted) late.abort()
    })
    const transport = new CallTransport(AbortSignal.any([signal, late.signal]))
    const measured = requestStarted({ vendor: 'salesforce', operation }, clock, metrics)
    try {
      const data = await request(transport)
      return { kind: 'success', status: transport.answer?.statusCode ?? 200, correlationId: idOf(transport), data }
    } catch (error) {
      return failureOf(error, transport, late.signal.aborted)
    } finally {
      ended.abort()
      measured(transport.answer?.statusCode ?? null)
    }
  }
  return Object.assign(exchange, { now: () => clock.now() })
}

/** The id by which Salesforce's edge names a request, where it gives one. */
const idOf = ({ answer }: CallTransport): string | null =>
  answer?.headers['x-sfdc-request-id'] ?? answer?.headers['x-request-id'] ?? null

const failureOf = (error: unknown, transport: CallTransport, late: boolean): Failed => {
  const { answer } = transport
  if (!answer) {
    const reason = late ? 'timeout' : 'connection'
    return { kind: 'failed', status: null, correlationId: null, errors: [], body: '', reason }
  }
  const errors = errorsIn((error as { data?: unknown }).data)
  return { kind: 'failed', status: answer.statusCode, correlationId: idOf(transport), errors, body: answer.body }
}
