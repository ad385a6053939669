import assert from 'node:assert/strict'
import { it } from 'node:test'
import { retryAfterOf } from '../../services/http/retry-after.ts'

it('K3 Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-10-14T12:00:00Z')
  assert.equal(retryAfterOf(null, now), null)
  assert.equal(retryAfterOf('2', now), 2_000)
  assert.equal(retryAfterOf('Wed, 14 Oct 2026 12:00:05 GMT', now), 5_000)
  assert.equal(retryAfterOf('Wed, 14 Oct 2026 11:00:00 GMT', now), 0)
  assert.equal(retryAfterOf('soon', now), null)
})

it('K3 Retry-After that no vendor means is none, or a day', () => {
  for (const given of [undefined, '', '-5', '1e3', '2026']) {
    const expected = given === '2026' ? 2_026_000 : null
    assert.equal(retryAfterOf(given, 0), expected, given)
  }
  assert.equal(retryAfterOf('999999999', 0), 86_400_000)
})
