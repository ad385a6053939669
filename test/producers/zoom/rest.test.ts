import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { ZoomCalls } from '../../../services/producers/zoom/rest/calls.ts'
import { encodedUuid } from '../../../services/producers/zoom/rest/client.ts'
import { connectZoom } from '../../../services/producers/zoom/rest/connect.ts'
import { createZoomLimits } from '../../../services/producers/zoom/rest/limits.ts'
import { createMetrics } from '../../../services/runtime/metrics.ts'
import { registrationCreated, type WebinarFacts, webinarCreated } from '../../../services/sandbox/zoom/webhooks.ts'
import { startZoomSandbox, type ZoomSandbox } from '../../../services/sandbox/zoom/zoom-sandbox.ts'
import { manualClock } from '../../clock.ts'
import { countedTraffic, minute } from './reporting.ts'

const facts: WebinarFacts = {
  ...{ account: 'a', id: 97_000_000_001, uuid: 'bGF0ZXIgdGhpcyB3ZWVrIQ==', type: 5, topic: 'Pages' },
  ...{ hostId: 'x1yCzABCDEfg23HiJKl4mN', hostEmail: 'nadia@tributary.example.com', timezone: 'UTC' },
  ...{ startTime: Date.UTC(2026, 9, 15, 12), durationMinutes: 30 },
}
const number = String(facts.id)
const registrantsPath = `/v2/webinars/${number}/registrants`
const approved = { status: 'approved', occurrence: null } as const

const register = (zoom: ZoomSandbox, count: number): void => {
  for (let index = 0; index < count; index++) {
    const registrant = {
      ...{ id: `r-${index}`, first_name: 'P', last_name: String(index), email: `p${index}@example.com` },
      ...{ address: '', city: '', country: '', zip: '', state: '', phone: '', industry: '', org: '', job_title: '' },
      ...{ purchasing_time_frame: '', role_in_purchase_process: '', no_of_employees: '', comments: '' },
      custom_questions: [],
    }
    zoom.happened(registrationCreated(facts, registrant, 'approved', Date.UTC(2026, 9, 14) + index * 1_000))
  }
}

/** An emulated Zoom with one webinar, its client, and a clock that runs while a call waits. */
const setUp = async (context: TestContext, { clientSecret = 'sandbox' } = {}) => {
  const clock = manualClock()
  const zoom = await startZoomSandbox({ ingestUrl: 'http://127.0.0.1:9', clock })
  context.after(zoom.close)
  zoom.happened(webinarCreated(facts, clock.now()))
  const traffic = countedTraffic()
  const account = {
    ...{ name: 'default', accountId: 'an-account', oauth: { clientId: 'sandbox', clientSecret } },
    ...{ baseUrl: `${zoom.url}/v2`, tokenUrl: `${zoom.url}/oauth/token` },
  }
  const calls = connectZoom(account, { clock, metrics: createMetrics(), random: () => 0.5, fetch: traffic.fetch })
  assert.ok(calls)
  const never = new AbortController().signal
  /** Runs a call to its end, the clock moving on whenever nothing is under way. */
  const run = async <Value>(
    call: (calls: ZoomCalls, signal: AbortSignal) => Promise<Value>,
    signal: AbortSignal = never,
  ): Promise<Value> => {
    let over = false
    const running = call(calls, signal).finally(() => {
      over = true
    })
    running.catch(() => undefined)
    while (!over) {
      await new Promise(resolve => setTimeout(resolve, 1))
      if (!over && traffic.inFlight() === 0) clock.advance(100)
    }
    return running
  }
  const requests = async (): Promise<readonly { path: string; method: string; status: number }[]> =>
    (await fetch(`${zoom.url}/_sandbox/requests`)).json() as Promise<{ path: string; method: string; status: number }[]>
  const fault = async (path: string, answer: unknown, times = 1): Promise<void> => {
    const body = JSON.stringify({ match: { path }, times, answer })
    await fetch(`${zoom.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
  }
  const tokens = async (): Promise<number> => (await requests()).filter(({ path }) => path === '/oauth/token').length
  return { zoom, clock, calls, never, run, requests, fault, tokens }
}

describe('tokens', () => {
  test('are shared by calls at the same time and renewed before they end', async context => {
    const { run, tokens, clock } = await setUp(context)
    await run((calls, signal) => Promise.all([1, 2, 3, 4].map(() => calls.webinar(number, signal))))
    assert.equal(await tokens(), 1)
    clock.advance(58 * minute)
    await run((calls, signal) => calls.webinar(number, signal))
    assert.equal(await tokens(), 1)
    clock.advance(2 * minute)
    await run((calls, signal) => calls.webinar(number, signal))
    assert.equal(await tokens(), 2)
  })

  test('are renewed once when Zoom refuses one', async context => {
    const { run, tokens, fault } = await setUp(context)
    const refused = { status: 401, body: { code: 124, message: 'Invalid access token.' } }
    await fault(`/v2/webinars/${number}`, refused)
    assert.equal((await run((calls, signal) => calls.webinar(number, signal))).topic, 'Pages')
    assert.equal(await tokens(), 2)
    await fault(`/v2/webinars/${number}`, refused, 2)
    await assert.rejects(
      run((calls, signal) => calls.webinar(number, signal)),
      { code: 'ZOOM_CREDENTIALS_REFUSED', errorClass: 'needs-person' },
    )
  })

  test('that are not given to these credentials need a person, who is not told the secret', async context => {
    const { run } = await setUp(context, { clientSecret: 'wrong-secret' })
    await assert.rejects(
      run((calls, signal) => calls.users(signal)),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'ZOOM_CREDENTIALS_REFUSED')
        assert.doesNotMatch(error.message, /wrong-secret/)
        return true
      },
    )
  })
})

describe('lists', () => {
  test('are read page by page, the largest pages there are', async context => {
    const { zoom, run, requests } = await setUp(context)
    register(zoom, 750)
    const listed = await run((calls, signal) => calls.registrants(number, approved, signal))
    assert.equal(new Set(listed.map(({ id }) => id)).size, 750)
    const pages = (await requests()).filter(({ path }) => path.startsWith(registrantsPath))
    assert.equal(pages.length, 3)
    assert.ok(pages.every(({ path }) => path.includes('page_size=300') && path.includes('status=approved')))
  })

  test('begin again when a page token has expired', async context => {
    const { zoom, run, fault, requests } = await setUp(context)
    register(zoom, 650)
    const expired = { status: 400, body: { code: 300, message: 'The next page token is invalid or expired.' } }
    await fault(`${registrantsPath}?status=approved&page_size=300&next_page_token`, expired)
    const listed = await run((calls, signal) => calls.registrants(number, approved, signal))
    assert.equal(listed.length, 650)
    assert.equal(new Set(listed.map(({ id }) => id)).size, 650)
    assert.equal((await requests()).filter(({ path }) => path.startsWith(registrantsPath)).length, 5)
  })

  test('may lack what Zoom leaves out now and then', async context => {
    const { run, fault } = await setUp(context)
    await fault('/v2/users', { status: 200, body: { users: [{ id: 'u1' }, { email: 'pending@example.com' }] } })
    assert.deepEqual(await run((calls, signal) => calls.users(signal)), [{ id: 'u1' }])
  })
})

describe('failures', () => {
  test('that pass are tried again: Zoom’s own errors, a cut connection, an answer that is no JSON', async context => {
    const { run, fault } = await setUp(context)
    const path = `/v2/webinars/${number}`
    await fault(path, { status: 502, body: 'Bad gateway' })
    await fault(path, 'reset')
    await fault(path, { status: 200, body: '<html>' })
    assert.equal((await run((calls, signal) => calls.webinar(number, signal))).topic, 'Pages')
  })

  test('that stay are thrown after five attempts', async context => {
    const { run, fault, requests } = await setUp(context)
    await fault('/v2/webinars', { status: 500, body: {} }, 100)
    await assert.rejects(
      run((calls, signal) => calls.webinar(number, signal)),
      { code: 'ZOOM_UNREACHABLE', errorClass: 'retryable', status: 500 },
    )
    assert.equal((await requests()).filter(({ status }) => status === 500).length, 5)
  })

  test('that would come again are thrown at once, each with its code', async context => {
    const { run, fault, requests } = await setUp(context)
    await assert.rejects(
      run((calls, signal) => calls.webinar('123', signal)),
      { code: 'ZOOM_NOT_FOUND', zoomCode: 3001 },
    )
    await fault('/v2/users', { status: 400, body: { code: 200, message: 'Webinar plan is missing.' } })
    await assert.rejects(
      run((calls, signal) => calls.users(signal)),
      { code: 'ZOOM_NOT_PERMITTED', zoomCode: 200 },
    )
    await fault('/v2/users', { status: 400, body: { code: 300, message: 'Validation Failed.' } })
    await assert.rejects(
      run((calls, signal) => calls.users(signal)),
      { code: 'ZOOM_REQUEST_REFUSED', zoomCode: 300 },
    )
    assert.equal((await requests()).filter(({ path }) => path.startsWith('/v2')).length, 3)
  })

  test('do not keep anyone who is told to end', async context => {
    const { run, fault } = await setUp(context)
    await fault('/v2/webinars', { status: 500, body: {} }, 100)
    const ending = new AbortController()
    const running = run((calls, signal) => calls.webinar(number, signal), ending.signal)
    ending.abort()
    await assert.rejects(running, { code: 'ZOOM_INTERRUPTED' })
  })
})

test('a request for a token does not keep anyone who is told to end', async () => {
  const silent: typeof fetch = () => new Promise(() => undefined)
  const account = { name: 'default', accountId: 'a', oauth: { clientId: 'c', clientSecret: 's' } }
  const urls = { baseUrl: 'http://127.0.0.1:9/v2', tokenUrl: 'http://127.0.0.1:9/oauth/token' }
  const parts = { clock: manualClock(), metrics: createMetrics(), fetch: silent }
  const ending = new AbortController()
  const calls = connectZoom({ ...account, ...urls }, parts)
  assert.ok(calls)
  const asked = calls.webinar(number, ending.signal)
  ending.abort()
  await assert.rejects(asked, { code: 'ZOOM_INTERRUPTED' })
  await assert.rejects(calls.webinar(number, ending.signal), { code: 'ZOOM_INTERRUPTED' })
})

describe('limits', () => {
  test('of a second are kept without a refusal', async context => {
    const { run, requests } = await setUp(context)
    await run((calls, signal) =>
      Promise.all(Array.from({ length: 40 }, () => calls.reportedRun('none', signal).catch((error: Error) => error))),
    )
    const answered = (await requests()).filter(({ path }) => path.startsWith('/v2/report'))
    assert.equal(answered.length, 40)
    assert.ok(answered.every(({ status }) => status === 404))
  })

  test('of a second that others use up are waited for', async context => {
    const { run, fault, clock } = await setUp(context)
    const body = {
      code: 429,
      message: 'You have reached the maximum per-second rate limit for this API. Try again later.',
    }
    const headers = { 'x-ratelimit-category': 'Light', 'x-ratelimit-type': 'QPS', 'x-ratelimit-limit': '4' }
    await fault(`/v2/webinars/${number}`, { status: 429, headers, body }, 3)
    const began = clock.now()
    assert.equal((await run((calls, signal) => calls.webinar(number, signal))).topic, 'Pages')
    assert.ok(clock.now() - began >= 3_000 && clock.now() - began < 10_000)
  })

  test('of a day are waited for until the moment that Zoom names', async context => {
    const { run, fault, clock } = await setUp(context)
    const body = {
      code: 429,
      message:
        'You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make another request.',
    }
    const until = clock.now() + minute
    const headers = {
      'x-ratelimit-type': 'Daily-limit',
      'retry-after': `${new Date(until).toISOString().slice(0, 19)}Z`,
    }
    await fault('/v2/users', { status: 429, headers, body })
    await run((calls, signal) => calls.users(signal))
    assert.ok(clock.now() >= until && clock.now() < until + minute)
  })

  test('of a day that end later than in a minute are told at once, so that nothing else waits for them', async context => {
    const { run, fault, clock, requests } = await setUp(context)
    const headers = {
      'x-ratelimit-type': 'Daily-limit',
      'retry-after': new Date(clock.now() + 60 * minute).toISOString(),
    }
    await fault('/v2/users', { status: 429, headers, body: { code: 429, message: 'daily rate limit' } })
    const began = clock.now()
    for (let call = 0; call < 2; call++)
      await assert.rejects(
        run((calls, signal) => calls.users(signal)),
        { code: 'ZOOM_RATE_LIMIT', message: /Medium is used up until \d{4}-/ },
      )
    assert.ok(clock.now() - began < minute)
    assert.equal((await requests()).filter(({ path }) => path.startsWith('/v2/users')).length, 1)
    assert.equal((await run((calls, signal) => calls.webinar(number, signal))).topic, 'Pages')
  })

  test('that end at GMT 00:00:00 hold their label back until midnight UTC, and no other', () => {
    const clock = manualClock(Date.UTC(2026, 9, 14, 21))
    const limits = createZoomLimits(clock)
    const message =
      'You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this particular user. You may resume these requests at GMT 00:00:00.'
    assert.equal(limits.refused('Light', new Headers(), message), 3 * 3_600_000)
    assert.ok(limits.waitMs('Light') >= 3 * 3_600_000)
    assert.equal(limits.waitMs('Heavy'), 0)
  })

  test('become smaller when the headers say so', () => {
    const clock = manualClock()
    const limits = createZoomLimits(clock)
    limits.learn('Medium', new Headers({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1' }))
    let requests = 0
    for (let ms = 0; ms < 10_000; ms += 50) {
      while (limits.waitMs('Medium') === 0) {
        limits.take('Medium')
        requests += 1
      }
      clock.advance(50)
    }
    assert.ok(requests <= 20, `${requests} requests in 10 s`)
    limits.learn('Heavy', new Headers({ 'x-ratelimit-limit': '30000', 'x-ratelimit-remaining': '29999' }))
    assert.equal(limits.waitMs('Heavy'), 0)
  })
})

test('a uuid is encoded twice when it begins with a slash or holds two in a row', () => {
  assert.equal(encodedUuid('Kq7m/P0ZsQ1y+w=='), 'Kq7m%2FP0ZsQ1y%2Bw%3D%3D')
  assert.equal(encodedUuid('/Tr4c9Rk=='), '%252FTr4c9Rk%253D%253D')
  assert.equal(encodedUuid('Tr4c//9Rk=='), 'Tr4c%252F%252F9Rk%253D%253D')
})
