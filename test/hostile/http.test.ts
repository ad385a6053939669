/*
 * Guard: services/producers/ingest.ts
 * - requestTimeout: requestTimeoutMs,
 * +
 */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { type Ingest, longestBodyBytes, startIngest } from '../../services/producers/ingest.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { openConnection, type RawConnection, request, statusesOf } from './raw-http.ts'

/** So long a request may take to arrive here. */
const requestTimeoutMs = 400
let ingest: Ingest
/** What reached the producer. */
let bodies: Buffer[]
const open: RawConnection[] = []

beforeEach(async () => {
  bodies = []
  ingest = await startIngest({
    ...{
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
      log: silentLogger,
      metrics: createMetrics(),
      requestTimeoutMs,
    },
    routes: [
      {
        ...{ vendor: 'test', method: 'POST', path: '/hook', answerWithinMs: 5_000 },
        handle: ({ body }) => {
          bodies.push(body)
          return Promise.resolve({ status: 200, outcome: 'ok', body: {} })
        },
      },
    ],
  })
})
afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.destroy()
  await ingest.close()
})

const connection = async (): Promise<RawConnection> => {
  const one = await openConnection(ingest.port)
  open.push(one)
  return one
}

/** Whoever sends a correct webhook is acknowledged, whatever others do. */
const othersAreServed = async (): Promise<void> => {
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => fetch(`http://127.0.0.1:${ingest.port}/hook`, { method: 'POST', body: 'good' })),
  )
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
}

describe('ingest', () => {
  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const) {
    it(`never unpacks a body of ${encoding}: a bomb is as small as it came`, async () => {
      const bomb = compress(Buffer.alloc(8 * longestBodyBytes))
      assert.ok(bomb.length < longestBodyBytes / 50)
      const answer = await fetch(`http://127.0.0.1:${ingest.port}/hook`, {
        ...{ method: 'POST', body: bomb },
        headers: { 'content-encoding': encoding, 'content-type': 'application/json' },
      })
      assert.equal(answer.status, 200)
      assert.deepEqual(bodies, [bomb])
    })
  }

  it('refuses a chunked body as soon as it is longer than allowed, although it never ends', async () => {
    const sender = await connection()
    sender.send(request(['Transfer-Encoding: chunked']))
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    let sent = 0
    for (; sent < 1_000 && sender.statuses().length === 0 && !sender.socket.destroyed; sent++) {
      sender.send(chunk)
      await new Promise(resolve => setImmediate(resolve))
    }
    await sender.closed
    assert.deepEqual(sender.statuses(), [413])
    assert.ok(sent < 1_000, 'it took all of it')
    assert.equal(bodies.length, 0)
    await othersAreServed()
  })

  it('refuses a body that says to be too long before any of it came', async () => {
    const sender = await connection()
    sender.send(request([`Content-Length: ${longestBodyBytes + 1}`]))
    while (sender.statuses().length === 0) await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(sender.statuses(), [413])
  })

  it('gives up a body that comes byte by byte, one that stops, a head that stops, and one that never begins', async () => {
    const slow = await connection()
    slow.send(request(['Content-Length: 100000']))
    const drip = setInterval(() => slow.send('x'), 20)
    const stopped = await connection()
    stopped.send(request(['Content-Length: 100'], '{'))
    const head = await connection()
    head.send('POST /hook HTTP/1.1\r\nHost: x\r\nX-Never')
    const silent = await connection()
    await othersAreServed()
    await Promise.all([slow, stopped, head, silent].map(({ closed }) => closed))
    clearInterval(drip)
    for (const sender of [slow, stopped, head, silent]) assert.deepEqual(sender.statuses(), [408])
    assert.deepEqual([...new Set(bodies.map(String))], ['good'])
  })

  it('serves others while a thousand connections send nothing, and gives these up', async () => {
    const silent = await Promise.all(Array.from({ length: 1_000 }, connection))
    await othersAreServed()
    await Promise.all(silent.map(({ closed }) => closed))
    await othersAreServed()
  })

  it('refuses heads that are too long, by one header or by thousands', async () => {
    const long = request([`X-Long: ${'x'.repeat(100_000)}`, 'Content-Length: 0'])
    const many = request([...Array.from({ length: 5_000 }, (_, index) => `X-${index}: 1`), 'Content-Length: 0'])
    assert.deepEqual(await statusesOf(ingest.port, long), [431])
    assert.deepEqual(await statusesOf(ingest.port, many), [431])
    await othersAreServed()
  })

  for (const [what, bytes] of [
    [
      'a length and chunks',
      request(['Content-Length: 4', 'Transfer-Encoding: chunked'], '0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'),
    ],
    ['two lengths', request(['Content-Length: 4', 'Content-Length: 5'], 'abcde')],
    ['a length that is none', request(['Content-Length: 4x'], 'abcd')],
    ['a negative length', request(['Content-Length: -1'], 'a')],
    ['an encoding that ends otherwise than in chunks', request(['Transfer-Encoding: chunked, identity'], '0\r\n\r\n')],
    ['chunks without sizes', request(['Transfer-Encoding: chunked'], 'zz\r\nabc\r\n0\r\n\r\n')],
    ['a chunk longer than any number', request(['Transfer-Encoding: chunked'], `${'f'.repeat(40)}\r\nx\r\n0\r\n\r\n`)],
    ['a line end within a header', 'POST /hook HTTP/1.1\r\nHost: x\r\nX: a\nContent-Length: 4\r\n\r\nabcd'],
    ['a space before a colon', request(['Content-Length : 4'], 'abcd')],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['the beginning of TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
  ] as const) {
    it(`refuses a request with ${what}, once, and takes nothing after it`, async () => {
      assert.deepEqual(await statusesOf(ingest.port, bytes), [400])
      assert.equal(bodies.length, 0)
      await othersAreServed()
    })
  }

  it('answers pipelined requests in their order, and takes nothing after one that is wrong', async () => {
    const good = (body: string, ...headers: string[]): string => request(['Content-Length: 1', ...headers], body)
    const last = good('3', 'Connection: close')
    assert.deepEqual(await statusesOf(ingest.port, good('1') + good('2') + last), [200, 200, 200])
    assert.deepEqual(bodies.map(String), ['1', '2', '3'])
    const wrong = request(['Content-Length: 1', 'Content-Length: 2'], 'xx')
    const statuses = await statusesOf(ingest.port, good('4') + wrong + good('5'))
    assert.ok(
      statuses.every(status => status === 200 || status === 400),
      String(statuses),
    )
    assert.ok(!bodies.map(String).includes('5'))
  })

  it('never answers 5xx to a method, a path or a header of any kind', async () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x21, max: 0xff }).map(code => String.fromCharCode(code)),
      maxLength: 30,
    })
    const odd = fc.constantFrom(
      '%',
      '%ff',
      '%00',
      '%2e%2e%2f',
      '//',
      '/..;/',
      '?a=%',
      '#',
      '\\',
      '%u0041',
      '*',
      '/webhooks/zoom/__proto__',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'TRACE', 'OPTIONS', 'HEAD', 'CONNECT', 'PURGE', 'NOPE', 'post'),
        fc.array(fc.oneof(odd, printable), { maxLength: 3 }).map(parts => `/hook${parts.join('')}`),
        fc.constantFrom('content-type', 'expect', 'upgrade', 'connection', 'x-zm-signature', 'host', 'accept-encoding'),
        printable,
        async (method, path, name, value) => {
          const head = request(
            [`${name}: ${value}`, 'Content-Length: 1', 'Connection: close'],
            'x',
            `${method} ${path} HTTP/1.1`,
          )
          const statuses = await statusesOf(ingest.port, Buffer.from(head, 'latin1'))
          assert.ok(
            statuses.every(status => status < 500),
            String(statuses),
          )
        },
      ),
      { numRuns: 80 },
    )
    await othersAreServed()
  })
})
