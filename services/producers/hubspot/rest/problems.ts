import { type ErrorClass, TributaryError } from '../../../runtime/errors.ts'

/** Codes of what can go wrong between us and what is read of HubSpot. */
export type HubSpotProblemCode =
  /** No answer, an answer too late, or one of HubSpot's own failures (5xx). */
  | 'HUBSPOT_UNREACHABLE'
  /** More requests than the account may make, for longer than a call waits. */
  | 'HUBSPOT_RATE_LIMIT'
  | 'HUBSPOT_TOKEN_REFUSED'
  /** The app may not read records of this type. */
  | 'HUBSPOT_SCOPES_MISSING'
  | 'HUBSPOT_REQUEST_REFUSED'
  | 'HUBSPOT_ANSWER_UNREADABLE'
  | 'HUBSPOT_ANSWER_TOO_LARGE'
  /** The caller's signal aborted. */
  | 'HUBSPOT_INTERRUPTED'

/** What came of a read of HubSpot's API when it did not succeed. Its message names what was asked, never a person. */
export class HubSpotError extends TributaryError {
  declare readonly code: HubSpotProblemCode
  /** Of the answer; null when there was none, or it was a success that could not be read. */
  readonly status: number | null
  /** The scope without which what was asked for is refused; null when nothing is known of it. */
  readonly scope: string | null

  constructor(code: HubSpotProblemCode, message: string, cause?: unknown, refusal?: Refusal) {
    super(code, message, { errorClass: errorClasses[code], cause })
    this.status = refusal?.status ?? null
    this.scope = refusal?.scope ?? null
  }
}

/** An answer that was no success. */
interface Refusal {
  readonly status: number
  readonly scope: string
}

const errorClasses: Readonly<Record<HubSpotProblemCode, ErrorClass>> = {
  HUBSPOT_UNREACHABLE: 'retryable',
  HUBSPOT_RATE_LIMIT: 'retryable',
  HUBSPOT_TOKEN_REFUSED: 'needs-person',
  HUBSPOT_SCOPES_MISSING: 'needs-person',
  HUBSPOT_REQUEST_REFUSED: 'rejected',
  HUBSPOT_ANSWER_UNREADABLE: 'retryable',
  HUBSPOT_ANSWER_TOO_LARGE: 'rejected',
  HUBSPOT_INTERRUPTED: 'retryable',
}

export const isHubSpotError = (error: unknown, ...codes: readonly HubSpotProblemCode[]): error is HubSpotError =>
  error instanceof HubSpotError && (codes.length === 0 || codes.includes(error.code))

export const interrupted = (operation: string): HubSpotError =>
  new HubSpotError('HUBSPOT_INTERRUPTED', `${operation} was given up before HubSpot answered.`)

export const limited = (operation: string): HubSpotError =>
  new HubSpotError('HUBSPOT_RATE_LIMIT', `HubSpot refused ${operation} because of its limits: it is asked again later.`)

export const unreadable = (operation: string, what: string): HubSpotError =>
  new HubSpotError(
    'HUBSPOT_ANSWER_UNREADABLE',
    `Expected ${what} in HubSpot's answer to ${operation}, came something else.`,
  )

/** The error for an answer that is neither a success nor a limit. The body of a refusal is not repeated: it may quote what was asked for. */
export const problemOf = (operation: string, status: number, scope: string): HubSpotError => {
  const said = `HubSpot answered ${operation} with ${status}`
  const problem = (code: HubSpotProblemCode, advice: string): HubSpotError =>
    new HubSpotError(code, said + advice, undefined, { status, scope })
  if (status >= 500 || status === 408) return problem('HUBSPOT_UNREACHABLE', '. It is asked again.')
  if (status === 401)
    return problem('HUBSPOT_TOKEN_REFUSED', '. Set HUBSPOT_ACCESS_TOKEN to a valid token of the app and restart.')
  if (status === 403) return problem('HUBSPOT_SCOPES_MISSING', `. Grant the app the scope ${scope}.`)
  return problem('HUBSPOT_REQUEST_REFUSED', '.')
}
