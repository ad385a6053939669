import { z } from 'zod'
import { type ErrorClass, TributaryError } from '../../../runtime/errors.ts'

/** Codes of what can go wrong between us and Zoom's REST API. */
export type ZoomProblemCode =
  /** No answer, an answer too late, or one of Zoom's own failures (5xx). */
  | 'ZOOM_UNREACHABLE'
  /** More requests than the account may make, for longer than a call waits. */
  | 'ZOOM_RATE_LIMIT'
  /** The client id, its secret or the account id are not those of a server-to-server app. */
  | 'ZOOM_CREDENTIALS_REFUSED'
  /** The app lacks a scope, or the licence the feature. */
  | 'ZOOM_NOT_PERMITTED'
  /** There is no such thing, or it has expired, or a report is not there yet: Zoom says the same of all three. */
  | 'ZOOM_NOT_FOUND'
  | 'ZOOM_REQUEST_REFUSED'
  | 'ZOOM_ANSWER_UNREADABLE'
  /** The caller's signal aborted. */
  | 'ZOOM_INTERRUPTED'

/** What came of a call of Zoom's REST API when it did not succeed. */
export class ZoomError extends TributaryError {
  declare readonly code: ZoomProblemCode
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null
  /** Zoom's own code; null when the answer had none. */
  readonly zoomCode: number | null

  constructor(
    code: ZoomProblemCode,
    message: string,
    facts: { status?: number | null; zoomCode?: number | null; cause?: unknown } = {},
  ) {
    super(code, message, { errorClass: errorClasses[code], cause: facts.cause })
    this.name = 'TributaryError'
    this.status = facts.status ?? null
    this.zoomCode = facts.zoomCode ?? null
  }
}

const errorClasses: Readonly<Record<ZoomProblemCode, ErrorClass>> = {
  ZOOM_UNREACHABLE: 'retryable',
  ZOOM_RATE_LIMIT: 'retryable',
  ZOOM_CREDENTIALS_REFUSED: 'needs-person',
  ZOOM_NOT_PERMITTED: 'needs-person',
  ZOOM_NOT_FOUND: 'rejected',
  ZOOM_REQUEST_REFUSED: 'rejected',
  ZOOM_ANSWER_UNREADABLE: 'retryable',
  ZOOM_INTERRUPTED: 'retryable',
}

export const isZoomError = (error: unknown, ...codes: readonly ZoomProblemCode[]): error is ZoomError =>
  error instanceof ZoomError && (codes.length === 0 || codes.includes(error.code))

/** Zoom's error body; a text that is none counts as empty. */
export const errorBody = z.object({
  code: z.number().nullable().catch(null),
  message: z.string().catch(''),
})
export type ZoomErrorBody = z.output<typeof errorBody>

/** Zoom's codes that mean more than their status (facts/zoom.md §6). */
const zoomCodes = { tokenRefused: 124, validation: 300, notPermitted: 200, scopeMissing: 4711, tooOld: 12702 } as const

export const isTokenRefused = (status: number, { code }: ZoomErrorBody): boolean =>
  status === 401 && (code === zoomCodes.tokenRefused || code === null)

/** A page token lives 15 minutes; then the list must be read from its beginning. */
export const isPageTokenRefused = ({ status, zoomCode, message }: ZoomError): boolean =>
  status === 400 && zoomCode === zoomCodes.validation && isPageTokenMessage(message)

/** The error for an answer that is neither a success nor a limit. Its message names what was called, never a person. */
export const problemOf = (operation: string, status: number, body: ZoomErrorBody): ZoomError => {
  const facts = { status, zoomCode: body.code }
  const said = `Zoom answered ${operation} with ${status}${body.code === null ? '' : ` (code ${body.code})`}`
  if (status >= 500 || status === 408) return new ZoomError('ZOOM_UNREACHABLE', `${said}. It is asked again.`, facts)
  if (body.code === zoomCodes.scopeMissing) {
    const what = `Give the server-to-server app ${scopesIn(body.message)}, and activate it.`
    return new ZoomError('ZOOM_NOT_PERMITTED', `${said}. ${what}`, facts)
  }
  if (status === 401)
    return new ZoomError('ZOOM_CREDENTIALS_REFUSED', `${said} although the token was new. Is the app active?`, facts)
  if (status === 403 || body.code === zoomCodes.notPermitted)
    return new ZoomError(
      'ZOOM_NOT_PERMITTED',
      `${said}: the account's plan or the app's role does not allow it.`,
      facts,
    )
  if (status === 404 || body.code === zoomCodes.tooOld)
    return new ZoomError('ZOOM_NOT_FOUND', `${said}: it does not exist, is not there yet or has expired.`, facts)
  const why = isPageTokenMessage(body.message) ? ': the page token is invalid or expired' : ''
  return new ZoomError('ZOOM_REQUEST_REFUSED', `${said}${why}.`, facts)
}

const isPageTokenMessage = (message: string): boolean => /page token/i.test(message)

/** Zoom names the missing scopes in brackets. */
const scopesIn = (message: string): string => {
  const scopes = /\[([a-z_:, ]+)\]/.exec(message)?.[1]
  return scopes === undefined ? 'the scope that is missing' : `the scope ${scopes}`
}
