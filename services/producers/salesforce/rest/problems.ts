import { type ErrorClass, TributaryError } from '../../../runtime/errors.ts'
import { queryRefused, unknownColumnOf, unreadableAnswer } from '../../../sinks/salesforce/answers.ts'
import type { Refused } from '../../../sinks/salesforce/api/client.ts'

/** What came of reading Salesforce when it did not succeed. Its code is the one that the sink would tell; its message never names a person. */
export class SalesforceError extends TributaryError {
  /** Whether only what was asked for is refused: another object may be read all the same. */
  readonly isOfQuery: boolean
  /** The column that was asked for and that the org does not have, or does not show to the integration user. */
  readonly unknownColumn: string | undefined

  constructor(
    { code, message }: { readonly code: string; readonly message: string },
    errorClass: ErrorClass,
    query: { readonly unknownColumn?: string | undefined } | undefined = undefined,
  ) {
    super(code, message, { errorClass })
    this.isOfQuery = query !== undefined
    this.unknownColumn = query?.unknownColumn
  }
}

export const isSalesforceError = (error: unknown): error is SalesforceError => error instanceof SalesforceError

/** The error for a request that was refused. */
export const refusalOf = ({ problem, failure }: Refused): SalesforceError => {
  if (problem.code === cursorUnknown) return new SalesforceError(cursorLost, 'retryable')
  const { kind, ...said } = queryRefused(problem)
  const errorClass = kind === 'retry' ? 'retryable' : 'needs-person'
  const isOfQuery = failure && (statusesOfQueries.has(failure.status) || failure.reason === 'timeout')
  if (!isOfQuery) return new SalesforceError(said, errorClass)
  return new SalesforceError(said, errorClass, { unknownColumn: unknownColumnOf(failure) })
}

/** An answer that is none to a query. @param expected in place of what came */
export const unreadable = (expected: string): SalesforceError =>
  new SalesforceError(
    {
      code: unreadableAnswer({ status: null, correlationId: null }).code,
      message: `Expected ${expected} in an answer of Salesforce, came something else.`,
    },
    'retryable',
    {},
  )

/** A query that is wrong, and one that fails within Salesforce: the next one may not. */
const statusesOfQueries: ReadonlySet<number | null> = new Set([400, 404, 500])

/** Salesforce keeps the last ten cursors of a user, for two days at most. */
const cursorUnknown = 'INVALID_QUERY_LOCATOR'
const cursorLost = {
  code: 'SALESFORCE_CURSOR_LOST',
  message: 'Salesforce has forgotten a query between two of its pages. It is asked again.',
}
