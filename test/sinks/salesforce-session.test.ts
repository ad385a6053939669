import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { Connection } from 'jsforce'
import { systemClock } from '../../services/runtime/clock.ts'
import { createExchange } from '../../services/sinks/salesforce/api/exchange.ts'
import { manualClock } from '../clock.ts'
import { contact, openOrg, paths, person, put, signal, taskOf } from './salesforce-org.ts'

const expired = { status: 401, body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }] }
const usedUp = {
  status: 403,
  body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
}
const people = (count: number) => Array.from({ length: count }, (_, n) => person(`p${n}@example.com`))

describe('the session', () => {
  it('Z12 is one, however many calls need it', async context => {
    const org = await openOrg(context)
    const calls = people(20).map(one => org.destination.resolve(['contact', 'lead'], [one], signal))
    for (const [result] of await Promise.all(calls)) assert.equal(result?.kind, 'missing')
    assert.equal((await org.requests(paths.token)).length, 1)
  })

  it('Z12 is renewed by one login when 100 calls under way find it over', async context => {
    const clock = manualClock()
    const org = await openOrg(context, { clock, sandbox: { sessionMs: 60_000 } })
    await org.destination.prepare(signal)
    clock.advance(60_000)
    const calls = people(100).map(one => org.destination.resolve(['contact'], [one], signal))
    for (const [result] of await Promise.all(calls)) assert.equal(result?.kind, 'missing')
    const logins = await org.requests(paths.token)
    assert.equal(logins.length, 2)
    assert.deepEqual(new Set((await org.requests(paths.query)).map(({ status }) => status)), new Set([401, 200]))
  })

  it('Z12 is not renewed without end when a new one is refused too: a person is needed', async context => {
    const org = await openOrg(context)
    await org.disturb(paths.api, expired, 50)
    const [result] = await org.destination.resolve(['contact'], people(1), signal)
    assert.ok(result?.kind === 'needs-person')
    assert.equal(result.code, 'SALESFORCE_SESSION_REFUSED')
    assert.equal((await org.requests(paths.token)).length, 2)
    assert.equal((await org.requests(paths.query)).length, 2)
  })

  for (const [error, error_description, code, pattern] of [
    ['invalid_grant', "user hasn't approved this consumer", 'SALESFORCE_APP_NOT_APPROVED', /pre-authorized/],
    [
      'invalid_app_access',
      'user is not admin approved to access this app',
      'SALESFORCE_APP_NOT_APPROVED',
      /pre-authorized/,
    ],
    ['invalid_grant', 'authentication failure', 'SALESFORCE_LOGIN_REFUSED', /Use digital signatures/],
    ['invalid_client_id', 'client identifier invalid', 'SALESFORCE_CLIENT_UNKNOWN', /SALESFORCE_CLIENT_ID/],
    ['inactive_user', 'user is inactive', 'SALESFORCE_USER_INACTIVE', /activate/],
    ['something_else', 'of ada@example.com', 'SALESFORCE_LOGIN_FAILED', /SALESFORCE_LOGIN_URL/],
  ] as const) {
    it(`needs a person who knows what to do when the login is refused with ${error}: ${error_description}`, async context => {
      const org = await openOrg(context)
      await org.disturb(paths.token, { status: 400, body: { error, error_description } })
      const prepared = await org.destination.prepare(signal)
      assert.ok(prepared.kind === 'needs-person')
      assert.equal(prepared.code, code)
      assert.match(prepared.message, pattern)
      assert.doesNotMatch(prepared.message, /ada@/)
      assert.equal((await org.destination.prepare(signal)).kind, 'ready')
    })
  }

  it('is tried again when the login has no answer, or one that passes', async context => {
    const org = await openOrg(context)
    for (const answer of ['reset', { status: 503, body: '<html>busy</html>' }, { status: 429, body: {} }]) {
      await org.disturb(paths.token, answer)
      assert.equal((await org.destination.prepare(signal)).kind, 'retry', JSON.stringify(answer))
    }
    assert.equal((await org.destination.prepare(signal)).kind, 'ready')
  })

  it('needs a person when the key cannot sign', async context => {
    const org = await openOrg(context, { client: { privateKey: 'no key' } })
    const prepared = await org.destination.prepare(signal)
    assert.ok(prepared.kind === 'needs-person')
    assert.equal(prepared.code, 'SALESFORCE_KEY_UNUSABLE')
  })

  it('Z12 says in every request who writes', async context => {
    const seen: string[] = []
    const org = await openOrg(context)
    const fetched = globalThis.fetch
    context.mock.method(globalThis, 'fetch', (...given: Parameters<typeof fetch>) => {
      seen.push(new Headers(given[1]?.headers).get('sforce-call-options') ?? '')
      return fetched(...given)
    })
    await org.destination.prepare(signal)
    assert.deepEqual(seen, ['', 'client=tributary'])
  })
})

describe('the transport', () => {
  it('survives a connection that is cut, and says so', async context => {
    const org = await openOrg(context)
    await org.destination.prepare(signal)
    await org.disturb(paths.query, 'reset')
    const [result] = await org.destination.resolve(['contact'], people(1), signal)
    assert.ok(result?.kind === 'retry')
    assert.equal(result.code, 'SALESFORCE_UNREACHABLE')
  })

  it('survives what is no answer of the API, wherever it comes', async context => {
    const org = await openOrg(context)
    for (const answer of [
      { status: 200, body: '<html>maintenance</html>' },
      { status: 200, body: {} },
      { status: 204 },
    ]) {
      await org.disturb(paths.api, answer, 3)
      const prepared = await org.destination.prepare(signal)
      const [resolved] = await org.destination.resolve(['contact'], people(1), signal)
      const [result] = await put(org, taskOf(contact('0035g00000AbCdE'), 'attended:1:ada'))
      for (const one of [prepared, resolved, result]) {
        assert.ok(one?.kind === 'retry', `${JSON.stringify(answer)}: ${one?.kind}`)
        assert.equal(one.code, 'SALESFORCE_ANSWER_UNREADABLE')
      }
    }
  })

  it('survives an answer that is cut in the middle', async context => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"records":', () => response.socket?.resetAndDestroy())
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    context.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const exchange = createExchange(systemClock, 10_000)
    const connection = new Connection({ instanceUrl: `http://127.0.0.1:${port}`, accessToken: 'any', version: '60.0' })
    const answer = await exchange('any', signal, transport => {
      connection._transport = transport
      return connection.request('/query')
    })
    assert.ok(answer.kind === 'failed')
    assert.deepEqual([answer.status, answer.reason], [null, 'connection'])
  })

  it('gives up an answer that does not come in time, and repeats nothing by itself', async context => {
    const clock = manualClock()
    const org = await openOrg(context, { clock, client: { timeoutMs: 5_000 } })
    await org.destination.prepare(signal)
    await org.disturb(paths.query, { delayMs: 60_000 })
    const answer = org.destination.resolve(['contact'], people(1), signal)
    while ((await org.requests(paths.query)).length === 0) await new Promise(setImmediate)
    clock.advance(5_000)
    const [result] = await answer
    assert.ok(result?.kind === 'retry')
    assert.equal(result.code, 'SALESFORCE_TIMEOUT')
    assert.equal((await org.requests(paths.query)).length, 1)
  })

  it('repeats no request by itself when Salesforce is unwell', async context => {
    const org = await openOrg(context)
    await org.destination.prepare(signal)
    await org.disturb(paths.query, {
      status: 503,
      body: [{ message: 'Server Unavailable', errorCode: 'SERVER_UNAVAILABLE' }],
    })
    const [result] = await org.destination.resolve(['contact'], people(1), signal)
    assert.ok(result?.kind === 'retry')
    assert.equal((await org.requests(paths.query)).length, 1)
  })

  it('ends at once when the sink ends', async context => {
    const org = await openOrg(context, { clock: manualClock() })
    await org.destination.prepare(signal)
    await org.disturb(paths.query, { delayMs: 60_000 })
    const ending = new AbortController()
    const answer = org.destination.resolve(['contact'], people(1), ending.signal)
    while ((await org.requests(paths.query)).length === 0) await new Promise(setImmediate)
    ending.abort()
    assert.equal((await answer)[0]?.kind, 'retry')
  })
})

describe('the allowance of requests', () => {
  it('Z12 that is used up pauses: no request is made until it may have come back', async context => {
    const clock = manualClock()
    const org = await openOrg(context, { sandbox: { dailyCalls: 3 }, clock })
    await org.destination.prepare(signal)
    for (let n = 0; n < 2; n++) await org.destination.resolve(['contact'], people(1), signal)
    const made = (await org.requests(paths.api)).length
    const [result] = await org.destination.resolve(['contact'], people(1), signal)
    assert.ok(result?.kind === 'needs-person')
    assert.equal(result.code, 'SALESFORCE_ALLOWANCE_USED_UP')
    assert.match(result.message, /3 of 3/)
    assert.equal((await org.requests(paths.api)).length, made)
    clock.advance(15 * 60 * 1000)
    assert.equal((await org.destination.resolve(['contact'], people(1), signal))[0]?.kind, 'needs-person')
    assert.equal((await org.requests(paths.api)).length, made + 1)
    clock.advance(24 * 60 * 60 * 1000)
    assert.equal((await org.destination.resolve(['contact'], people(1), signal))[0]?.kind, 'missing')
  })

  it('Z12 that Salesforce says is used up pauses', async context => {
    const org = await openOrg(context)
    await org.destination.prepare(signal)
    await org.disturb(paths.query, usedUp)
    const [result] = await org.destination.resolve(['contact'], people(1), signal)
    assert.ok(result?.kind === 'needs-person')
    assert.equal(result.code, 'SALESFORCE_ALLOWANCE_USED_UP')
  })

  for (const [used, waitMs] of [
    [80_000, 0],
    [99_000, 86_400],
    [99_999, 15 * 60 * 1000],
  ] as const) {
    it(`Z12 of which ${used} of 100000 are used lets the next request wait ${waitMs} ms`, async context => {
      const org = await openOrg(context, { clock: manualClock() })
      const headers = { 'sforce-limit-info': `api-usage=${used}/100000` }
      await org.disturb(paths.api, { status: 200, headers, body: { fields: [] } })
      await org.destination.prepare(signal)
      assert.equal(org.destination.waitMs(), waitMs)
    })
  }
})
