import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Refusal } from '../../services/sandbox/answers.ts'
import { createLimits } from '../../services/sandbox/zoom/rest/limits.ts'
import { afterTheWebinar, EVENING, everyPage, ID } from './zoom-rest.ts'

const FIRST_INSTANCE = 'Kq7mP0ZsQ1y9uW3nVbT4Lw=='
const SECOND_INSTANCE = '/Tr4c//9Rk2xHn5GfYdE8A=='
const twice = (text: string): string => encodeURIComponent(encodeURIComponent(text))
const setUp = afterTheWebinar()

describe('OAuth', () => {
  const ask = (url: string, form: Record<string, string>, client = 'sandbox:sandbox') =>
    fetch(`${url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(client).toString('base64')}` },
      body: new URLSearchParams(form),
    })

  test('gives a token for an hour to the client sandbox, for any account id', async context => {
    const { sandbox, call, pass } = await setUp(context)
    const answer = await ask(sandbox.url, { grant_type: 'account_credentials', account_id: 'any' })
    assert.equal(answer.status, 200)
    const token = (await answer.json()) as {
      access_token: string
      token_type: string
      expires_in: number
      scope: string
    }
    assert.deepEqual([token.token_type, token.expires_in, typeof token.scope], ['bearer', 3600, 'string'])
    assert.equal((await call('GET', `/v2/webinars/${ID}`, undefined, token.access_token)).status, 200)
    pass(3_600_000)
    const late = await call('GET', `/v2/webinars/${ID}`, undefined, token.access_token)
    assert.deepEqual([late.status, late.body], [401, { code: 124, message: 'Access token is expired.' }])
  })

  test('refuses what is not so with Zoom’s errors', async context => {
    const { sandbox, call } = await setUp(context, { played: false })
    const good = { grant_type: 'account_credentials', account_id: 'any' }
    const refusals = [
      [await ask(sandbox.url, good, 'sandbox:wrong'), 401, 'invalid_client'],
      [await ask(sandbox.url, { ...good, grant_type: 'password' }), 400, 'unsupported_grant_type'],
      [await ask(sandbox.url, { grant_type: 'account_credentials' }), 400, 'invalid_request'],
    ] as const
    for (const [answer, status, error] of refusals) {
      const body = (await answer.json()) as { error: string; reason: string }
      assert.deepEqual([answer.status, body.error, typeof body.reason], [status, error, 'string'])
    }
    const { status, body } = await call('GET', '/v2/users/me/webinars', undefined, 'forged')
    assert.deepEqual([status, body], [401, { code: 124, message: 'Invalid access token.' }])
  })
})

describe('webinars', () => {
  test('are listed by host and read by number, which is a number', async context => {
    const { get } = await setUp(context)
    for (const user of ['me', 'x1yCzABCDEfg23HiJKl4mN', 'nadia@tributary.example.com']) {
      const { body } = await get(`/users/${user}/webinars`)
      assert.deepEqual([body.total_records, body.webinars[0].id], [1, Number(ID)])
    }
    const { status, body, headers } = await get(`/webinars/${ID}`)
    assert.deepEqual([status, body.topic, body.start_time], [200, 'Tributary in Production', '2026-10-14T15:00:00Z'])
    assert.match(headers.get('x-zm-trackingid') ?? '', /^v=2\.0;clid=us06;rid=WEB_[0-9a-f]+$/)
    assert.equal((await get('/users/me/webinars?type=upcoming')).body.total_records, 0)
  })

  test('and users that do not exist are refused with 404', async context => {
    const { get } = await setUp(context)
    assert.deepEqual((await get('/webinars/123')).body, { code: 3001, message: 'Webinar does not exist: 123.' })
    const nobody = await get('/users/nobody/webinars')
    assert.deepEqual([nobody.status, nobody.body.code], [404, 1001])
    assert.equal((await get('/nothing/here')).status, 404)
  })
})

describe('reports', () => {
  test('list one row a presence of the latest instance, with seconds, to the last page', async context => {
    const { get, pass } = await setUp(context)
    const { pages } = await everyPage(path => {
      pass(1000)
      return get(path)
    }, `/report/webinars/${ID}/participants?page_size=30&include_fields=registrant_id`)
    const rows = pages.flatMap(page => page.participants)
    assert.equal(rows.length, pages[0]?.total_records)
    assert.ok(rows.every(row => String(row['join_time']) >= '2026-10-14T15:34:25'))
    const ken = rows.find(row => row['user_email'] === 'ken.sato@mail.example.net')
    assert.deepEqual(
      [ken?.['join_time'], ken?.['leave_time'], ken?.['duration'], typeof ken?.['registrant_id']],
      ['2026-10-14T15:37:20.000Z', '2026-10-14T16:04:20.000Z', 1620, 'string'],
      'the leave that no webhook told is in the report',
    )
  })

  test('name the registrant only when asked', async context => {
    const { get } = await setUp(context)
    const { body } = await get(`/report/webinars/${ID}/participants`)
    assert.ok(body.participants.every((row: object) => !('registrant_id' in row)))
  })

  test('are found by the uuid of an instance, encoded twice where it has slashes', async context => {
    const { get } = await setUp(context)
    const first = await get(`/past_webinars/${encodeURIComponent(FIRST_INSTANCE)}/participants?page_size=300`)
    const second = await get(`/past_webinars/${twice(SECOND_INSTANCE)}/participants?page_size=300`)
    const latest = await get(`/past_webinars/${ID}/participants?page_size=300`)
    assert.deepEqual(second.body, latest.body)
    assert.notEqual(first.body.total_records, second.body.total_records)
    const once = await get(`/past_webinars/${encodeURIComponent(SECOND_INSTANCE)}/participants`)
    assert.deepEqual([once.status, once.body.code], [404, 3001])
    const { body } = await get(`/past_webinars/${ID}/instances`)
    assert.deepEqual(
      body.webinars.map(({ uuid }: { uuid: string }) => uuid),
      [FIRST_INSTANCE, SECOND_INSTANCE],
    )
  })

  test('list who registered and was not there', async context => {
    const { get } = await setUp(context)
    const { body } = await get(`/past_webinars/${encodeURIComponent(FIRST_INSTANCE)}/absentees?page_size=300`)
    const absent = body.registrants.map(({ email }: { email: string }) => email)
    assert.ok(absent.includes('ken.sato@mail.example.net'), 'came after the restart only')
    assert.ok(!absent.includes('msuzuki@wattle.example.com'), 'was there')
  })

  test('end with the six months, and are not there before the end', async context => {
    const { get, pass } = await setUp(context)
    const live = await setUp(context, { played: false })
    assert.equal((await live.get(`/report/webinars/${ID}/participants`)).status, 404)
    pass(184 * 86_400_000)
    const late = await get(`/report/webinars/${ID}/participants`)
    assert.deepEqual([late.status, late.body.message], [404, `Webinar ${ID} not found or has expired.`])
    pass(200 * 86_400_000)
    const later = await get(`/past_webinars/${ID}/participants`)
    assert.deepEqual([later.status, later.body.code], [400, 12702])
  })
})

describe('rate limits', () => {
  test('allow so many requests a second by label, and say so in the headers', async context => {
    const { get, pass } = await setUp(context)
    for (let left = 9; left >= 0; left -= 1) {
      const { status, headers } = await get(`/report/webinars/${ID}/participants`)
      assert.deepEqual(
        [status, headers.get('x-ratelimit-category'), headers.get('x-ratelimit-limit')],
        [200, 'Heavy', '30000'],
      )
    }
    const { status, headers, body } = await get(`/report/webinars/${ID}/participants`)
    assert.equal(status, 429)
    assert.deepEqual(body, {
      code: 429,
      message: 'You have reached the maximum per-second rate limit for this API. Try again later.',
    })
    assert.deepEqual(
      ['type', 'category', 'limit', 'remaining'].map(name => headers.get(`x-ratelimit-${name}`)),
      ['QPS', 'Heavy', '10', '0'],
    )
    assert.equal((await get(`/webinars/${ID}`)).status, 200, 'another label is not concerned')
    pass(1000)
    assert.equal((await get(`/report/webinars/${ID}/participants`)).status, 200)
  })

  test('allow so many requests a day; Retry-After is then a date', () => {
    let now = EVENING
    const limits = createLimits('free', { now: () => now, sleep: () => Promise.resolve() })
    for (let request = 0; request < 1_000; request += 1) {
      now += 1000
      assert.equal(limits.take('Heavy')['x-ratelimit-limit'], '1000')
    }
    now += 1000
    assert.throws(
      () => limits.take('Heavy'),
      ({ answer: { status, headers = {}, body } }: Refusal) => {
        assert.deepEqual([status, headers['x-ratelimit-type']], [429, 'Daily-limit'])
        assert.equal(headers['retry-after'], '2026-10-15T00:00:00Z')
        assert.match((body as { message: string }).message, /maximum daily rate limit/)
        return true
      },
    )
    now += 4 * 3_600_000
    assert.equal(limits.take('Heavy')['x-ratelimit-remaining'], '999')
  })
})
