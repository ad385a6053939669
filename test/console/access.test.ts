import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { type Console, startConsole } from '../../services/console/server.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { ask, basic } from '../asking.ts'

const TOKEN = 'a-token-of-this-test:with-a-colon'
const PRIVATE = ['/', '/api/status', '/metrics', '/no-such-path']
const OPEN = ['/healthz', '/readyz']
const PROBLEM = 'the sink waits for a person'

const running: Console[] = []
afterEach(async () => {
  for (const console of running.splice(0)) await console.close()
})

const start = async (token: string | null): Promise<string> => {
  const status = {
    ...{ alive: true, ready: false, problems: [PROBLEM], services: [], budgets: [], sandboxes: {} },
    counts: { webhooks: 0, delivered: 0, parked: 0, deadLetters: 0 },
  }
  const console = await startConsole({
    ...{ host: '127.0.0.1', port: 0, token, metrics: createMetrics() },
    status: () => Promise.resolve(status),
  })
  running.push(console)
  return `http://127.0.0.1:${console.port}`
}

const statuses = (url: string, paths: readonly string[], headers = {}): Promise<readonly number[]> =>
  Promise.all(paths.map(async path => (await ask(url + path, headers)).status))

describe('a console with a token', () => {
  it('answers nobody without it, and says how to give it', async () => {
    const url = await start(TOKEN)
    for (const authorization of ['', `Bearer ${TOKEN}x`, 'Bearer', basic('any', ''), basic(TOKEN, 'x'), TOKEN]) {
      const headers = authorization === '' ? {} : { authorization }
      assert.deepEqual(await statuses(url, PRIVATE, headers), [401, 401, 401, 401], authorization)
    }
    const { headers, body } = await ask(url)
    assert.match(headers['www-authenticate'] ?? '', /^Basic realm="Tributary console"/)
    assert.match(body, /CONSOLE_TOKEN/)
  })

  it('takes it as a bearer, as Prometheus sends it, and as the password of any user, as browsers do', async () => {
    const url = await start(TOKEN)
    for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, basic('any', TOKEN), basic('', TOKEN)])
      assert.deepEqual(await statuses(url, PRIVATE, { authorization }), [200, 200, 200, 404], authorization)
  })

  it('tells its health to everyone, and what is wrong only with the token', async () => {
    const url = await start(TOKEN)
    assert.deepEqual(await statuses(url, OPEN, { host: 'a-balancer' }), [200, 503])
    for (const path of OPEN) {
      assert.doesNotMatch((await ask(url + path)).body, /waits/)
      assert.match((await ask(url + path, { authorization: `Bearer ${TOKEN}` })).body, /waits/)
    }
  })

  it('answers under any name', async () => {
    const headers = { host: 'tributary.example.com', authorization: `Bearer ${TOKEN}` }
    assert.deepEqual(await statuses(await start(TOKEN), PRIVATE, headers), [200, 200, 200, 404])
  })
})

describe('a console without a token', () => {
  it('answers to the names of this machine only: a page that made its own name point here gets nothing', async () => {
    const url = await start(null)
    for (const host of ['rebound.example.com', '127.0.0.1.example.com:80', '10.0.0.1'])
      assert.deepEqual(await statuses(url, PRIVATE, { host }), [421, 421, 421, 421], host)
    for (const host of ['localhost', '127.0.0.1:1', '[::1]:3000'])
      assert.deepEqual(await statuses(url, PRIVATE, { host }), [200, 200, 200, 404], host)
    assert.doesNotMatch((await ask(`${url}/healthz`, { host: 'rebound.example.com' })).body, /waits/)
  })

  it('may be opened by a link, and is neither fetched nor embedded by a page of others', async () => {
    const url = await start(null)
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const { status, headers } = await ask(url, link)
    assert.equal(status, 200)
    assert.equal(headers['content-security-policy'], "frame-ancestors 'none'")
    for (const [mode, target] of [
      ['no-cors', 'script'],
      ['cors', 'empty'],
      ['navigate', 'iframe'],
    ] as const) {
      const made = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': mode, 'sec-fetch-dest': target }
      assert.deepEqual(await statuses(url, PRIVATE, made), [403, 403, 403, 403], `${mode} ${target}`)
    }
    const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
    assert.deepEqual(await statuses(url, PRIVATE, own), [200, 200, 200, 404])
  })
})
