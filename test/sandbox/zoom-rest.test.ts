import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type Clock, systemClock } from '../../services/runtime/clock.ts'
import type { Refusal } from '../../services/sandbox/answers.ts'
import { createLimits } from '../../services/sandbox/zoom/rest/limits.ts'
import { startZoomSandbox } from '../../services/sandbox/zoom/zoom-sandbox.ts'
import { startReceiver } from './zoom-receiver.ts'

const ID = '93498765432'
const FIRST_INSTANCE = 'Kq7mP0ZsQ1y9uW3nVbT4Lw=='
const SECOND_INSTANCE = '/Tr4c//9Rk2xHn5GfYdE8A=='
const twice = (text: string): string => encodeURIComponent(encodeURIComponent(text))

interface List {
  readonly next_page_token: string
  readonly page_count: number
  readonly page_size: number
  readonly total_records: number
  readonly registrants: { id: string; email: string; status: string; first_name: string; join_url?: string }[]
  readonly participants: Record<string, unknown>[]
  readonly webinars: Record<string, unknown>[]
}

/** When the recorded webinar ended for good. */
const ENDED = Date.parse('2026-10-14T16:04:20Z')
const EVENING = Date.parse('2026-10-14T20:00:00Z')
const folder = mkdtempSync(join(tmpdir(), 'zoom-rest-'))
const playedJournal = join(folder, 'played.jsonl')

before(async () => {
  const context = { after: (end: () => void) => after(end) } as TestContext
  const receiver = await startReceiver(context)
  const clock: Clock = { now: () => ENDED, sleep: systemClock.sleep }
  const sandbox = await startZoomSandbox({
    ingestUrl: receiver.url,
    journalFile: playedJournal,
    timeoutMs: 120_000,
    clock,
  })
  await sandbox.playRecording({ file: 'product-webinar', speed: Number.POSITIVE_INFINITY })
  await sandbox.close()
})
after(() => rmSync(folder, { recursive: true }))

/** A sandbox on whose clock it is the evening of the recorded webinar, and which has played it. */
const setUp = async (context: TestContext, { played = true }: { played?: boolean } = {}) => {
  let now = EVENING
  const clock: Clock = { now: () => now, sleep: () => Promise.resolve() }
  const receiver = await startReceiver(context)
  const journalFile = join(folder, `${context.name.replaceAll(/\W/g, '-')}-${played}.jsonl`)
  if (played) copyFileSync(playedJournal, journalFile)
  const sandbox = await startZoomSandbox({ ingestUrl: receiver.url, clock, journalFile })
  context.after(sandbox.close)
  const call = async (method: string, path: string, body?: unknown, token = 'sandbox') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const text = body === undefined ? null : JSON.stringify(body)
    const answer = await fetch(`${sandbox.url}${path}`, { method, headers, body: text })
    const content = await answer.text()
    return { status: answer.status, headers: answer.headers, body: content === '' ? undefined : JSON.parse(content) }
  }
  const get = (path: string): ReturnType<typeof call> => call('GET', `/v2${path}`)
  const pass = (ms: number): void => {
    now += ms
  }
  return { receiver, sandbox, call, get, pass }
}

const everyPage = async (
  get: (path: string) => Promise<{ status: number; body: List }>,
  path: string,
): Promise<{ pages: List[] }> => {
  const pages: List[] = []
  let token = ''
  do {
    const { status, body } = await get(`${path}${token === '' ? '' : `&next_page_token=${token}`}`)
    assert.equal(status, 200)
    pages.push(body)
    token = body.next_page_token
  } while (token !== '')
  return { pages }
}

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

describe('registrants', () => {
  test('come in pages with a token, to the last, each once', async context => {
    const { get } = await setUp(context)
    const { pages } = await everyPage(get, `/webinars/${ID}/registrants?page_size=60`)
    assert.deepEqual(
      pages.map(page => page.registrants.length),
      [60, 60, 60, 14],
    )
    const registrants = pages.flatMap(page => page.registrants)
    assert.equal(new Set(registrants.map(({ id }) => id)).size, 194)
    assert.deepEqual([pages[0]?.total_records, pages[0]?.page_count, pages[0]?.page_size], [194, 4, 60])
    assert.ok(registrants.every(({ status, join_url }) => status === 'approved' && join_url !== undefined))
    const denied = await get(`/webinars/${ID}/registrants?status=denied`)
    assert.deepEqual(
      denied.body.registrants.map((one: { first_name: string }) => one.first_name),
      ['Imran'],
    )
  })

  test('a page token is refused when it is forged, serves other filters, or is 15 minutes old', async context => {
    const { get, pass } = await setUp(context)
    const first = await get(`/webinars/${ID}/registrants?page_size=60`)
    const token = first.body.next_page_token
    const refused = { code: 300, message: 'The next page token is invalid or expired.' }
    assert.deepEqual((await get(`/webinars/${ID}/registrants?page_size=60&next_page_token=forged`)).body, refused)
    assert.deepEqual((await get(`/webinars/${ID}/registrants?page_size=90&next_page_token=${token}`)).body, refused)
    assert.equal((await get(`/webinars/${ID}/registrants?page_size=60&next_page_token=${token}`)).status, 200)
    pass(15 * 60_000)
    assert.deepEqual((await get(`/webinars/${ID}/registrants?page_size=60&next_page_token=${token}`)).body, refused)
  })

  test('pages are at most 300 long', async context => {
    const { get } = await setUp(context)
    const { status, body } = await get(`/webinars/${ID}/registrants?page_size=301`)
    assert.deepEqual([status, body.code, body.errors], [400, 300, [{ field: 'page_size', message: 'Invalid field.' }]])
  })

  test('are added once per address; the webhook follows', async context => {
    const { call, receiver } = await setUp(context)
    const earlier = receiver.received.length
    const path = `/v2/webinars/${ID}/registrants`
    const added = await call('POST', path, { email: 'new@example.com', first_name: 'Newton', last_name: 'Isaac' })
    assert.equal(added.status, 201)
    assert.deepEqual([added.body.id, typeof added.body.registrant_id], [Number(ID), 'string'])
    const again = await call('POST', path, { email: 'New@Example.com', first_name: 'Newton' })
    assert.deepEqual(again.body, added.body)
    assert.equal((await call('GET', `${path}/${added.body.registrant_id}`)).body.email, 'new@example.com')
    const webhooks = receiver.received.slice(earlier).map(({ webhook }) => webhook.event)
    assert.deepEqual(webhooks, ['webinar.registration_created'])
  })

  test('are refused without an address or a first name, naming the fields', async context => {
    const { call } = await setUp(context)
    const { status, body } = await call('POST', `/v2/webinars/${ID}/registrants`, { email: 'not an address' })
    assert.deepEqual([status, body.code, body.message], [400, 300, 'Validation Failed.'])
    assert.deepEqual(body.errors.map((error: { field: string }) => error.field).sort(), ['email', 'first_name'])
  })

  test('register three times a day at most', async context => {
    const { call, pass } = await setUp(context)
    const add = () =>
      call('POST', `/v2/webinars/${ID}/registrants`, { email: 'eager@example.com', first_name: 'Eager' })
    for (let time = 0; time < 3; time += 1) assert.equal((await add()).status, 201)
    const { status, body, headers } = await add()
    assert.equal(status, 429)
    assert.match(
      body.message,
      /^You have exceeded the daily rate limit of \(3\) .* resume these API requests at GMT 00:00:00\.$/,
    )
    assert.deepEqual([headers.get('retry-after'), headers.get('x-ratelimit-category')], [null, 'Light'])
    pass(4 * 3_600_000)
    assert.equal((await add()).status, 201)
  })

  test('are cancelled and approved again, each with its webhook', async context => {
    const { call, get, receiver } = await setUp(context)
    const [someone] = (await get(`/webinars/${ID}/registrants`)).body.registrants
    const earlier = receiver.received.length
    const decide = (action: string) =>
      call('PUT', `/v2/webinars/${ID}/registrants/status`, {
        action,
        registrants: [{ id: someone.id, email: someone.email }],
      })
    assert.equal((await decide('cancel')).status, 204)
    assert.equal((await decide('cancel')).status, 204)
    assert.equal((await decide('approve')).status, 204)
    assert.equal((await decide('explode')).status, 400)
    const seen = async () =>
      receiver.received
        .slice(earlier)
        .map(({ webhook }) => webhook.event)
        .sort()
    assert.deepEqual(await seen(), ['webinar.registration_approved', 'webinar.registration_cancelled'])
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
