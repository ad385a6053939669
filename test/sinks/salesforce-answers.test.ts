import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Failure,
  problemOf,
  problemOfRow,
  type SalesforceError,
  unknownColumnOf,
} from '../../services/sinks/salesforce/answers.ts'

const failure = (status: number | null, error: SalesforceError = {}, reason?: Failure['reason']): Failure => ({
  ...{ status, correlationId: 'req-1', errors: [error] },
  ...(reason ? { reason } : {}),
})

/** Bodies of facts/specs/salesforce/error-and-result-bodies.json. */
describe('what a failed request means', () => {
  for (const [what, given, kind, code, limited] of [
    ['no answer in time', failure(null, {}, 'timeout'), 'retry', 'SALESFORCE_TIMEOUT', undefined],
    ['no connection', failure(null, {}, 'connection'), 'retry', 'SALESFORCE_UNREACHABLE', undefined],
    ['503', failure(503, { errorCode: 'SERVER_UNAVAILABLE' }), 'retry', 'SERVER_UNAVAILABLE', undefined],
    ['502 that is no JSON', failure(502, { errorCode: 'ERROR_HTTP_502' }), 'retry', 'SALESFORCE_502', undefined],
    ['429', failure(429), 'retry', 'SALESFORCE_429', undefined],
    [
      'a token refused again',
      failure(401, { errorCode: 'INVALID_SESSION_ID' }),
      'needs-person',
      'SALESFORCE_SESSION_REFUSED',
      undefined,
    ],
    [
      'the daily allowance',
      failure(403, { errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }),
      'needs-person',
      'SALESFORCE_ALLOWANCE_USED_UP',
      undefined,
    ],
    [
      'too many at once',
      failure(403, {
        errorCode: 'REQUEST_LIMIT_EXCEEDED',
        message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
      }),
      'retry',
      'SALESFORCE_TOO_MANY_AT_ONCE',
      true,
    ],
    [
      'no API for the org',
      failure(403, { errorCode: 'API_DISABLED_FOR_ORG' }),
      'needs-person',
      'API_DISABLED_FOR_ORG',
      undefined,
    ],
    ['403 of another kind', failure(403), 'needs-person', 'SALESFORCE_FORBIDDEN', undefined],
    ['no such API', failure(404, { errorCode: 'NOT_FOUND' }), 'needs-person', 'SALESFORCE_API_MISSING', undefined],
    ['a lock', failure(400, { errorCode: 'UNABLE_TO_LOCK_ROW' }), 'retry', 'UNABLE_TO_LOCK_ROW', true],
    [
      'an unreadable request',
      failure(400, { errorCode: 'JSON_PARSER_ERROR' }),
      'rejected',
      'JSON_PARSER_ERROR',
      undefined,
    ],
  ] as const) {
    it(`${what}: ${kind}`, () => {
      const problem = problemOf(given)
      assert.deepEqual([problem.kind, problem.code], [kind, code])
      assert.equal(problem.kind === 'retry' ? problem.limited : undefined, limited)
      assert.equal(problem.correlationId, 'req-1')
    })
  }

  it('names the column that the org does not know', () => {
    const error = { errorCode: 'INVALID_FIELD', message: "No such column 'Foo__c' on sobject of type Task" }
    assert.equal(unknownColumnOf(failure(400, error)), 'Foo__c')
    assert.equal(unknownColumnOf(failure(400, { ...error, errorCode: 'MALFORMED_QUERY' })), undefined)
  })
})

describe('what the error of one row means', () => {
  const answer = { status: 200, correlationId: null }
  const hidden = 'trigger failed: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access to this record'

  for (const [statusCode, kind, error] of [
    ['UNABLE_TO_LOCK_ROW', 'retry', {}],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'retry', { message: hidden }],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'rejected', { message: 'trigger failed: System.NullPointerException' }],
    ['DUPLICATE_VALUE', 'retry', { fields: ['Tributary_Id__c'] }],
    ['DUPLICATE_VALUE', 'retry', {}],
    ['DUPLICATE_VALUE', 'rejected', { fields: ['Their_Key__c'] }],
    ['DUPLICATE_VALUE', 'rejected', { message: 'duplicate value found: Their_Key__c duplicates value on record' }],
    ['DUPLICATE_VALUE', 'retry', { message: 'duplicate value found: <unknown> duplicates value on record' }],
    ['DUPLICATE_VALUE', 'retry', { message: 'duplicate value found: Tributary_Id__c duplicates value on record' }],
    ['CANNOT_UPDATE_CONVERTED_LEAD', 'perhaps-orphaned', {}],
    ['ENTITY_IS_DELETED', 'perhaps-orphaned', {}],
    ['INVALID_CROSS_REFERENCE_KEY', 'perhaps-orphaned', {}],
    ['DUPLICATES_DETECTED', 'rejected', {}],
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'rejected', {}],
    ['STRING_TOO_LONG', 'rejected', { fields: ['Subject'] }],
    ['INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'rejected', {}],
    ['INSUFFICIENT_ACCESS_OR_READONLY', 'rejected', {}],
    ['STORAGE_LIMIT_EXCEEDED', 'needs-person', {}],
    ['SOMETHING_NEW', 'rejected', {}],
  ] as const) {
    it(`Z12 ${statusCode}${'message' in error ? ` (${error.message.slice(0, 32)} …)` : JSON.stringify(error)}: ${kind}`, () => {
      const problem = problemOfRow([{ statusCode, ...error }], answer)
      assert.equal(problem.kind, kind)
      if (problem.kind === 'retry') assert.equal(problem.limited, true)
    })
  }

  it('names the fields, and never what Salesforce says of their values', () => {
    const message = 'Subject: data value too large: Ada Lovelace (max length=255)'
    const problem = problemOfRow(
      [{ statusCode: 'STRING_TOO_LONG', message, fields: ['Subject', 'Ada Lovelace'] }],
      answer,
    )
    assert.ok(problem.kind === 'rejected')
    assert.match(problem.message, /STRING_TOO_LONG \(Subject\)/)
    assert.doesNotMatch(problem.message, /Ada|Lovelace/)
  })

  it('takes no code from what is none', () => {
    const problem = problemOfRow([{ statusCode: 'ada@example.com' }], answer)
    assert.ok(problem.kind === 'rejected')
    assert.equal(problem.code, 'SALESFORCE_ROW_REFUSED')
  })
})
