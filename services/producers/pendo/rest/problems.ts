import { type ErrorClass, TributaryError } from '../../../runtime/errors.ts'

/** Codes of what can go wrong between us and what is read of Pendo. */
export type PendoProblemCode =
  /** No answer, an answer too late, or one of Pendo's own failures (5xx). */
  | 'PENDO_UNREACHABLE'
  /** More requests than the subscription may make, for longer than a call waits. */
  | 'PENDO_RATE_LIMIT'
  /** The integration key is not one of this subscription, or that of another API. */
  | 'PENDO_KEY_REFUSED'
  | 'PENDO_REQUEST_REFUSED'
  | 'PENDO_ANSWER_UNREADABLE'
  | 'PENDO_ANSWER_TOO_LARGE'
  /** The caller's signal aborted. */
  | 'PENDO_INTERRUPTED'

/** What came of a read of Pendo's API when it did not succeed. Its message names what was asked, never a person. */
export class PendoError extends TributaryError {
  declare readonly code: PendoProblemCode

  constructor(code: PendoProblemCode, message: string, cause?: unknown) {
    super(code, message, { errorClass: errorClasses[code], cause })
  }
}

const errorClasses: Readonly<Record<PendoProblemCode, ErrorClass>> = {
  PENDO_UNREACHABLE: 'retryable',
  PENDO_RATE_LIMIT: 'retryable',
  PENDO_KEY_REFUSED: 'needs-person',
  PENDO_REQUEST_REFUSED: 'rejected',
  PENDO_ANSWER_UNREADABLE: 'retryable',
  PENDO_ANSWER_TOO_LARGE: 'rejected',
  PENDO_INTERRUPTED: 'retryable',
}

export const isPendoError = (error: unknown, ...codes: readonly PendoProblemCode[]): error is PendoError =>
  error instanceof PendoError && (codes.length === 0 || codes.includes(error.code))

export const interrupted = (operation: string): PendoError =>
  new PendoError('PENDO_INTERRUPTED', `${operation} was given up before Pendo answered.`)

/** The error for an answer that is neither a success nor a limit. The body of a refusal is not repeated: it may quote what was asked for. */
export const problemOf = (operation: string, status: number): PendoError => {
  const said = `Pendo answered ${operation} with ${status}`
  if (status >= 500 || status === 408) return new PendoError('PENDO_UNREACHABLE', `${said}. It is asked again.`)
  if (status === 401 || status === 403)
    return new PendoError(
      'PENDO_KEY_REFUSED',
      `${said}. PENDO_INTEGRATION_KEY must be an integration key of the subscription (Settings, Integrations, Integration keys); the shared secret of track events is another.`,
    )
  return new PendoError('PENDO_REQUEST_REFUSED', `${said}.`)
}
