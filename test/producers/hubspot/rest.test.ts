import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { objectTypes } from '../../../services/producers/hubspot/object-types.ts'
import { createHubSpotReader, type Search } from '../../../services/producers/hubspot/rest/client.ts'
import type { Clock } from '../../../services/runtime/clock.ts'
import { createMetrics } from '../../../services/runtime/metrics.ts'

const [type] = objectTypes
assert.ok(type)
const search: Search = { filters: [], sortedBy: 'lastmodifieddate', properties: ['email'], limit: 200 }
const record = { id: '501', properties: { email: 'ada@example.com' } }
const page = { total: 3, results: [record], paging: { next: { after: '1' } } }

type Given = Response | Error
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })

/** A reader of what is answered in turn, the last for ever. Sleeps pass at once and are kept. */
const readerOf = (...answers: readonly (() => Given)[]) => {
  let now = 1_000_000
  const slept: number[] = []
  const asked: { readonly url: string; readonly init: RequestInit; readonly at: number }[] = []
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) => {
      // The deadline of a request.
      if (ms === 60_000) return new Promise(resolve => signal?.addEventListener('abort', () => resolve()))
      slept.push(ms)
      now += ms
      return Promise.resolve()
    },
  }
  const reader = createHubSpotReader({
    ...{ baseUrl: 'http://127.0.0.1:9', accessToken: 'pat-1', clock, metrics: createMetrics(), random: () => 1 },
    fetch: (url, init) => {
      const answer = (answers[asked.length] ?? answers.at(-1))?.() ?? new Error('none')
      asked.push({ url: String(url), init: init ?? {}, at: now })
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
  })
  const find = (signal = new AbortController().signal) => reader.search(type, search, signal)
  return { find, slept, asked }
}

describe('a search of HubSpot', () => {
  it('P7 gives the records, how many there are, and whether these are all', async () => {
    const { find, asked } = readerOf(
      () => json(200, page),
      () => json(200, { ...page, paging: null }),
    )
    assert.deepEqual(await find(), { records: [record], total: 3, isAll: false })
    assert.equal((await find()).isAll, true)
    const { url, init } = asked[0] ?? assert.fail()
    assert.equal(url, 'http://127.0.0.1:9/crm/v3/objects/contacts/search')
    assert.deepEqual([init.method, init.redirect], ['POST', 'error'])
    assert.equal(new Headers(init.headers).get('authorization'), 'Bearer pat-1')
    assert.deepEqual(JSON.parse(String(init.body)), {
      ...{ filterGroups: [{ filters: [] }], properties: ['email'], limit: 200, after: '0' },
      sorts: [{ propertyName: 'lastmodifieddate', direction: 'ASCENDING' }],
    })
  })

  it('P7 takes at most three of the five searches that an account has in a second', async () => {
    const { find, asked } = readerOf(() => json(200, page))
    for (let number = 0; number < 10; number++) await find()
    const first = asked[0]?.at ?? 0
    for (const { at } of asked)
      assert.ok(asked.filter(other => other.at >= at && other.at < at + 1_000).length <= 3, `from ${at - first}`)
  })

  const limits: readonly (readonly [status: number, headers: Record<string, string>, waitMs: number])[] = [
    [429, { 'retry-after': '7' }, 7_000],
    [429, { 'retry-after': '0' }, 1_000],
    [429, {}, 10_000],
    [423, {}, 10_000],
    [477, { 'retry-after': '59' }, 59_000],
  ]
  for (const [status, headers, waitMs] of limits)
    it(`P7 waits when it is refused with ${status} and ${JSON.stringify(headers)}`, async () => {
      const { find, slept } = readerOf(
        () => json(status, { policyName: 'SECONDLY' }, headers),
        () => json(200, page),
      )
      assert.equal((await find()).total, 3)
      assert.equal(slept[0], waitMs)
    })

  const refusals: readonly (readonly [what: string, answer: () => Given, code: string, asked: number])[] = [
    ['by the daily limit', () => json(429, { policyName: 'DAILY' }), 'HUBSPOT_RATE_LIMIT', 1],
    ['for hours', () => json(477, {}, { 'retry-after': '7200' }), 'HUBSPOT_RATE_LIMIT', 1],
    ['again and again', () => json(429, {}), 'HUBSPOT_RATE_LIMIT', 20],
    ['for its token', () => json(401, { message: 'x' }), 'HUBSPOT_TOKEN_REFUSED', 1],
    ['for want of a scope', () => json(403, {}), 'HUBSPOT_SCOPES_MISSING', 1],
    ['for itself', () => json(400, { message: 'ada@example.com' }), 'HUBSPOT_REQUEST_REFUSED', 1],
    ['by a failure of HubSpot', () => json(502, {}), 'HUBSPOT_UNREACHABLE', 5],
    ['by no answer', () => new Error('reset'), 'HUBSPOT_UNREACHABLE', 5],
    ['by a page for people', () => new Response('<html>'), 'HUBSPOT_ANSWER_UNREADABLE', 5],
    ['by another answer', () => json(200, { total: 'x', results: [] }), 'HUBSPOT_ANSWER_UNREADABLE', 5],
  ]
  for (const [what, answer, code, times] of refusals)
    it(`P7 that is refused ${what} is asked ${times} times and fails with ${code}`, async () => {
      const { find, asked } = readerOf(answer)
      await assert.rejects(find(), (error: Error & { code?: string }) => {
        assert.equal(error.code, code)
        assert.doesNotMatch(error.message, /ada@|pat-1/)
        return true
      })
      assert.equal(asked.length, times)
    })

  it('P7 that failed once is asked again', async () => {
    const { find, slept } = readerOf(
      () => json(503, {}),
      () => new Error('reset'),
      () => json(200, page),
    )
    assert.equal((await find()).total, 3)
    assert.ok(slept.includes(1_000) && slept.includes(2_000))
  })

  it('P7 is given up when the signal aborts', async () => {
    const { find, asked } = readerOf(() => json(429, {}))
    await assert.rejects(find(AbortSignal.abort()), { code: 'HUBSPOT_INTERRUPTED' })
    assert.equal(asked.length, 0)
    const ending = new AbortController()
    const refusedThenEnded = readerOf(() => {
      ending.abort()
      return json(429, {})
    })
    await assert.rejects(refusedThenEnded.find(ending.signal), { code: 'HUBSPOT_INTERRUPTED' })
    assert.equal(refusedThenEnded.asked.length, 1)
  })
})
