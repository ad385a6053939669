import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { type Ingest, longestBodyBytes, startIngest, type WebhookRoute } from '../../services/producers/ingest.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'

const metrics = createMetrics()
const common = { host: '127.0.0.1', clock: systemClock, log: silentLogger, metrics }
const running: Ingest[] = []
const start = async (
  handle: WebhookRoute['handle'],
  requestTimeoutMs?: number,
): Promise<{ url: string; ingest: Ingest }> => {
  const route: WebhookRoute = { vendor: 'test', method: 'POST', path: '/hook', answerWithinMs: 5_000, handle }
  const options = requestTimeoutMs === undefined ? {} : { requestTimeoutMs }
  const ingest = await startIngest({ ...common, ...options, port: 0, routes: [route] })
  running.push(ingest)
  return { url: `http://127.0.0.1:${ingest.port}`, ingest }
}
afterEach(async () => {
  for (const ingest of running.splice(0)) await ingest.close()
})

const post = (url: string, body: string | Buffer = '{}') => fetch(`${url}/hook`, { method: 'POST', body })
const ok = (): ReturnType<WebhookRoute['handle']> => Promise.resolve({ status: 200, outcome: 'ok', body: {} })

describe('requests', () => {
  it('a producer gets the bytes as they came', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 123])
    let got: Buffer | undefined
    const { url } = await start(request => {
      got = request.body
      return ok()
    })
    await post(url, bytes)
    assert.deepEqual(got, bytes)
  })

  it('a body of exactly the limit is taken, one byte more gets 413 and reaches no producer', async () => {
    const sizes: number[] = []
    const { url } = await start(request => {
      sizes.push(request.body.length)
      return ok()
    })
    assert.equal((await post(url, Buffer.alloc(longestBodyBytes))).status, 200)
    const refused = await post(url, Buffer.alloc(longestBodyBytes + 1))
    assert.equal(refused.status, 413)
    assert.match(((await refused.json()) as { message: string }).message, /at most 1000000 bytes/)
    assert.deepEqual(sizes, [longestBodyBytes])
    assert.equal(await metrics.value('tributary_webhooks_total', { vendor: 'test', outcome: 'too-large' }), 1)
  })

  it('a body that does not arrive is given up after the limit', async () => {
    const { url } = await start(() => assert.fail('reached the producer'), 200)
    const answer = await new Promise<string>((resolve, reject) => {
      let received = ''
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
        socket.write('POST /hook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{')
      })
      socket.on('data', bytes => {
        received += bytes
      })
      socket.on('close', () => resolve(received))
      socket.on('error', reject)
    })
    assert.match(answer, /^HTTP\/1\.1 408 /)
  })

  it('health is told, and other addresses get 404 with what to check', async () => {
    const { url } = await start(ok)
    assert.deepEqual(await (await fetch(`${url}/healthz`)).json(), { status: 'ok' })
    const unknown = await fetch(`${url}/webhooks/nobody?secret=1`, { method: 'POST' })
    assert.equal(unknown.status, 404)
    assert.doesNotMatch(await unknown.text(), /secret/)
  })
})

describe('failures of a producer', () => {
  it('a retryable one is 503, another 500, and neither tells what was in the error', async () => {
    for (const [error, status, code] of [
      [
        new TributaryError('KAFKA_UNAVAILABLE', 'Kafka at secret-host', { errorClass: 'retryable' }),
        503,
        'KAFKA_UNAVAILABLE',
      ],
      [new TypeError('jchill@example.com is no function'), 500, 'INTERNAL'],
    ] as const) {
      const { url } = await start(() => Promise.reject(error))
      const answer = await post(url)
      assert.equal(answer.status, status)
      const body = (await answer.json()) as { code: string; message: string }
      assert.equal(body.code, code)
      assert.doesNotMatch(body.message, /secret-host|jchill/)
    }
  })
})

describe('start and stop', () => {
  it('a port in use is named, with the setting that changes it', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    await assert.rejects(startIngest({ ...common, port, routes: [] }), {
      code: 'PORT_IN_USE',
      message: new RegExp(`port ${port} .*INGEST_PORT`),
    })
    await new Promise(resolve => other.close(resolve))
  })

  it('closing answers what has come, then takes nothing more', { timeout: 20_000 }, async () => {
    let finish = () => {}
    let arrived = () => {}
    const taken = new Promise<void>(resolve => {
      arrived = resolve
    })
    const { url, ingest } = await start(async () => {
      arrived()
      await new Promise<void>(resolve => {
        finish = resolve
      })
      return ok()
    })
    const answer = post(url)
    await taken
    let closed = false
    const closing = ingest.close().then(() => {
      closed = true
    })
    await assert.rejects(post(url))
    assert.equal(closed, false)
    finish()
    assert.equal((await answer).status, 200)
    await closing
    running.splice(0)
  })
})
