import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { afterTheWebinar, everyPage, ID } from './zoom-rest.ts'

const setUp = afterTheWebinar()

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
