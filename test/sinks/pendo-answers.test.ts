import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type PendoSecret, problemOf } from '../../services/sinks/pendo/answers.ts'

const secret: PendoSecret = 'PENDO_INTEGRATION_KEY'
const told = (status: number | null, retryAfterMs: number | null = null) => {
  const problem = problemOf({ status, retryAfterMs }, secret)
  const { afterMs, limited } = problem.kind === 'retry' ? problem : { afterMs: undefined, limited: undefined }
  return [problem.kind, problem.code, afterMs, limited === true]
}

describe('what an answer of Pendo means', () => {
  const rows: { status: number | null; retryAfterMs?: number; means: readonly unknown[] }[] = [
    { status: null, means: ['retry', 'PENDO_UNREACHABLE', undefined, false] },
    { status: 408, means: ['retry', 'PENDO_BUSY', undefined, false] },
    { status: 409, means: ['retry', 'PENDO_BUSY', undefined, false] },
    { status: 429, means: ['retry', 'PENDO_RATE_LIMIT', 30_000, true] },
    { status: 429, retryAfterMs: 2_000, means: ['retry', 'PENDO_RATE_LIMIT', 2_000, true] },
    { status: 500, means: ['retry', 'PENDO_BUSY', undefined, false] },
    { status: 503, retryAfterMs: 7_000, means: ['retry', 'PENDO_BUSY', 7_000, false] },
    { status: 401, means: ['needs-person', 'PENDO_KEY_REFUSED', undefined, false] },
    { status: 403, means: ['needs-person', 'PENDO_KEY_REFUSED', undefined, false] },
    { status: 302, means: ['needs-person', 'PENDO_API_MISSING', undefined, false] },
    { status: 404, means: ['needs-person', 'PENDO_API_MISSING', undefined, false] },
    { status: 400, means: ['rejected', 'PENDO_REFUSED', undefined, false] },
    { status: 413, means: ['rejected', 'PENDO_REFUSED', undefined, false] },
  ]
  for (const { status, retryAfterMs = null, means } of rows) {
    it(`K3 ${status ?? 'none'}${retryAfterMs === null ? '' : ' with Retry-After'} is ${means[0]}`, () =>
      assert.deepEqual(told(status, retryAfterMs), means))
  }

  it('K3 names the setting that holds the refused secret', () => {
    for (const name of ['PENDO_INTEGRATION_KEY', 'PENDO_TRACK_SECRET'] as const)
      assert.match(problemOf({ status: 403, retryAfterMs: null }, name).message, new RegExp(`Set ${name} `))
  })
})
