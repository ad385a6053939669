import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Failure, type HubSpotErrorBody, problemOf } from '../../services/sinks/hubspot/answers.ts'

const failure = (status: number | null, body: HubSpotErrorBody = {}, retryAfterMs: number | null = null): Failure => ({
  ...{ status, body, retryAfterMs, correlationId: 'c-1' },
})

describe('what an answer of HubSpot means', () => {
  const rows: [string, Failure, Record<string, unknown>][] = [
    ['no answer: later', failure(null), { kind: 'retry', code: 'HUBSPOT_UNREACHABLE' }],
    ['500: later', failure(500), { kind: 'retry', code: 'HUBSPOT_500' }],
    ['524, the gateway gave up: later', failure(524), { kind: 'retry' }],
    ['408: later', failure(408), { kind: 'retry' }],
    ['503 with Retry-After: then', failure(503, {}, 7_000), { kind: 'retry', afterMs: 7_000 }],
    ['477, the account moves: when it says', failure(477, {}, 3_600_000), { kind: 'retry', afterMs: 3_600_000 }],
    ['423, locked: after 2 s at least', failure(423, {}, 500), { kind: 'retry', afterMs: 2_000, limited: true }],
    [
      '429 per ten seconds: slower',
      failure(429, { policyName: 'TEN_SECONDLY_ROLLING' }),
      { kind: 'retry', limited: true },
    ],
    ['429 per second: slower', failure(429, { policyName: 'SECONDLY' }), { kind: 'retry', limited: true }],
    ['429 of the edge, without a body: slower', failure(429), { kind: 'retry', limited: true }],
    [
      '429 per day: a person, or midnight',
      failure(429, { policyName: 'DAILY' }),
      { kind: 'needs-person', code: 'HUBSPOT_DAILY_LIMIT' },
    ],
    ['401: a person', failure(401), { kind: 'needs-person', code: 'HUBSPOT_TOKEN_REFUSED' }],
    [
      '403 without scopes: a person',
      failure(403, { category: 'MISSING_SCOPES' }),
      { kind: 'needs-person', code: 'HUBSPOT_SCOPES_MISSING' },
    ],
    ['403: a person', failure(403), { kind: 'needs-person', code: 'HUBSPOT_FORBIDDEN' }],
    ['400: never', failure(400, { category: 'VALIDATION_ERROR' }), { kind: 'rejected', code: 'VALIDATION_ERROR' }],
    ['409: never', failure(409, { category: 'CONFLICT' }), { kind: 'rejected', code: 'CONFLICT' }],
  ]
  for (const [name, given, expected] of rows) {
    it(name, () => {
      const problem: Record<string, unknown> = { ...problemOf(given) }
      for (const [key, value] of Object.entries(expected)) assert.equal(problem[key], value, key)
      assert.equal(problem['correlationId'], 'c-1')
    })
  }

  it('names the scopes that HubSpot asks for', () => {
    const problem = problemOf(
      failure(403, {
        category: 'MISSING_SCOPES',
        errors: [{ context: { requiredGranularScopes: ['crm.objects.marketing_events.write'] } }],
      }),
    )
    assert.match(problem.message, /asks for crm\.objects\.marketing_events\.write\. /)
  })

  it('takes no code and no name from what is none', () => {
    const errors = [{ code: 'ada@example.com is taken', context: { propertyName: ['ada@example.com'] } }]
    for (const body of [{ errors }, { category: 'of ada@example.com' }, { category: 'VALIDATION_ERROR', errors }]) {
      const problem = problemOf(failure(400, body))
      assert.match(problem.code, /^(HUBSPOT_400|VALIDATION_ERROR)$/)
      assert.doesNotMatch(problem.message, /ada@/)
    }
  })

  it('names the property and the code of a refused value, and nothing that was sent', () => {
    const packed = [{ isValid: false, message: 'ada@example was not valid', error: 'INVALID_EMAIL', name: 'email' }]
    const bodies: HubSpotErrorBody[] = [
      { category: 'VALIDATION_ERROR', message: `Property values were not valid: ${JSON.stringify(packed)}` },
      {
        category: 'VALIDATION_ERROR',
        message: 'ada@example',
        errors: [{ code: 'INVALID_EMAIL', context: { propertyName: ['email'] } }],
      },
    ]
    for (const body of bodies) {
      const problem = problemOf(failure(400, body))
      assert.equal(problem.code, 'INVALID_EMAIL')
      assert.match(problem.message, /email \(INVALID_EMAIL\)/)
      assert.doesNotMatch(problem.message, /ada@example/)
    }
  })
})
