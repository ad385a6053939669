/** What a failure means for the work in hand: try again, set the one record aside, or wait for a person. */
export type ErrorClass = 'retryable' | 'rejected' | 'needs-person'

/**
 * An error that people meet: a stable code to search for, and a message that says what was expected, what came and what to do.
 * Messages never carry a person's data or a secret, so they may be logged and put into headers.
 */
export class TributaryError extends Error {
  readonly code: string
  readonly errorClass: ErrorClass

  constructor(code: string, message: string, options: { errorClass?: ErrorClass; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TributaryError'
    this.code = code
    this.errorClass = options.errorClass ?? 'needs-person'
  }
}
