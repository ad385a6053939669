import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { trackingPaths } from '../../../services/producers/segment/tracking-api.ts'
import { basic, receivedAt, type Serving, startCluster, startServing, writeKey } from './serving.ts'

interface Recorded {
  readonly sdk: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly batch: readonly { readonly type: string; readonly messageId: string }[] }
}

const { requests } = JSON.parse(readFileSync(new URL('./sdk-recorded-requests.json', import.meta.url), 'utf8')) as {
  requests: readonly Recorded[]
}

/** The bytes that the SDK sent: its JSON has no spaces, and Rudder's was packed. */
const bytesOf = ({ body, headers }: Recorded): Buffer => {
  const json = Buffer.from(JSON.stringify(body))
  return headers['content-encoding'] === 'gzip' ? gzipSync(json) : json
}
/** Those that fetch sets by itself are left to it. */
const headersOf = ({ headers }: Recorded): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(accept|sec-)/.test(name)))

describe('S5 what real SDKs sent', () => {
  let serving: Serving
  before(async () => {
    serving = await startServing()
  })
  after(() => serving.close())

  for (const [index, request] of requests.entries()) {
    it(`is taken: request ${index + 1}, ${request.sdk} to ${request.url}`, async () => {
      const answer = await serving.post(request.url, bytesOf(request), headersOf(request))
      assert.deepEqual([answer.status, await answer.json()], [200, { success: true }])
    })
  }

  it('became one record for each message, however often it was sent', async () => {
    const messages = requests.flatMap(({ body }) => body.batch)
    const ids = (types: readonly string[]) =>
      [
        ...new Set(messages.filter(({ type }) => types.includes(type)).map(({ messageId }) => `segment:${messageId}`)),
      ].sort()
    const eventIds = (records: readonly { readonly eventId: string }[]) => records.map(({ eventId }) => eventId).sort()
    assert.deepEqual(eventIds(await serving.visitors()), ids(['identify', 'group']))
    assert.deepEqual(eventIds(await serving.accounts()), ids(['group']))
    assert.deepEqual(eventIds(await serving.tracks()), ids(['track', 'page', 'screen']))
    assert.deepEqual(await serving.letters(), [])
  })

  it('has its own time by our clock', async () => {
    const { occurredAt } = (await serving.tracks()).find(({ name }) => name === 'Registered') ?? {}
    // Sent 16 ms after it happened by the clock of the SDK.
    assert.equal(occurredAt, receivedAt - 16)
  })

  it('knows its people', async () => {
    const claims = await serving.claims()
    assert.deepEqual(
      new Set(claims.flatMap(({ aliases }) => aliases)),
      new Set(['user:u1', 'email:a@b.c', 'anonymous:anon1', 'user:anon1']),
    )
    assert.deepEqual(
      claims.filter(({ kind }) => kind === 'MERGE').map(({ aliases }) => aliases),
      [
        ['user:u1', 'user:anon1', 'anonymous:anon1'],
        ['user:u1', 'user:anon1', 'anonymous:anon1'],
      ],
    )
  })
})

interface RecordedText extends Omit<Recorded, 'body'> {
  readonly body: string
}

describe('S5 what the browser SDK sent', () => {
  const recorded = JSON.parse(readFileSync(new URL('./browser-recorded-requests.json', import.meta.url), 'utf8')) as {
    readonly requests: readonly RecordedText[]
  }
  let serving: Serving
  before(async () => {
    serving = await startServing()
  })
  after(() => serving.close())

  it('is taken, one call a request and in batches, and is text/plain', async () => {
    for (const { url, headers, body } of recorded.requests) {
      assert.equal(headers['Content-Type'], 'text/plain')
      assert.equal((await serving.post(url, body, headers)).status, 200, url)
    }
    const paths = new Set(recorded.requests.map(({ url }) => url))
    assert.deepEqual([...paths].sort(), ['/v1/a', '/v1/b', '/v1/g', '/v1/i', '/v1/p', '/v1/t'])
  })

  it('became the records of two rounds of page, identify, track and group', async () => {
    const names = (await serving.tracks()).map(({ kind, name }) => `${kind} ${name}`).sort()
    assert.deepEqual(names, ['PAGE Home', 'PAGE Home', 'TRACK Registered', 'TRACK Registered'])
    assert.deepEqual(
      (await serving.accounts()).map(({ account }) => account),
      ['g1', 'g1'],
    )
    assert.equal((await serving.visitors()).filter(({ account }) => account === null).length, 2)
    assert.deepEqual(await serving.letters(), [])
  })
})

const message = (more: object = {}) => ({
  userId: 'u1',
  event: 'E',
  groupId: 'g1',
  previousId: 'p1',
  name: 'N',
  ...more,
})

describe('S5 the paths', () => {
  let serving: Serving
  before(async () => {
    serving = await startServing()
  })
  after(() => serving.close())
  const auth = { authorization: basic(`${writeKey}:`) }

  for (const [path, call] of Object.entries(trackingPaths)) {
    it(`${path} takes ${call}, with a slash at its end, doubled ones and a query too`, async () => {
      for (const url of [path, `${path}/`, `/${path}`, path.replace('/v1/', '/v1//'), `${path}?x=1`]) {
        const one = message({ messageId: url })
        const body = call === 'batch' ? { batch: [{ ...one, type: 'track' }] } : one
        assert.equal((await serving.post(url, JSON.stringify(body), auth)).status, 200, url)
      }
      assert.equal(await serving.metrics.value('tributary_webhooks_total', { outcome: 'unknown-key' }), 0)
    })
  }

  it('S6 say what a call is, whatever its body says', async () => {
    const kinds = new Map(
      (await serving.tracks()).map(({ eventId, kind, name }) => [eventId.slice(8), `${kind} ${name}`]),
    )
    assert.equal(kinds.get('/v1/t'), 'TRACK E')
    assert.equal(kinds.get('/v1/p'), 'PAGE N')
    assert.equal(kinds.get('/v1/s'), 'SCREEN N')
    assert.equal(kinds.get('/v1/i'), undefined)
    assert.deepEqual(await serving.letters(), [])
  })

  it('take nothing by another method, and nothing elsewhere', async () => {
    assert.equal((await fetch(`${serving.url}/v1/track`)).status, 404)
    assert.equal((await serving.post('/v1/anything', '{}', auth)).status, 404)
  })

  it('take any content type, and none', async () => {
    for (const [index, type] of ['text/plain', 'application/x-www-form-urlencoded', 'json', ';;', ''].entries()) {
      const body = JSON.stringify(message({ messageId: `type-${index}` }))
      const answer = await raw(serving, [
        'POST /v1/track HTTP/1.1',
        'Host: x',
        `Authorization: ${auth.authorization}`,
        ...(type === '' ? [] : [`Content-Type: ${type}`]),
        `Content-Length: ${body.length}`,
        'Connection: close',
        '',
        body,
      ])
      assert.match(answer, /^HTTP\/1\.1 200 /, type)
    }
  })

  it('take gzip whatever the headers say', async () => {
    const body = gzipSync(JSON.stringify(message({ messageId: 'packed' })))
    assert.equal((await serving.post('/v1/track', body, auth)).status, 200)
    const unpacked = JSON.stringify(message({ messageId: 'unpacked' }))
    assert.equal((await serving.post('/v1/track', unpacked, { ...auth, 'content-encoding': 'gzip' })).status, 200)
  })
})

const raw = (serving: Serving, lines: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(Number(new URL(serving.url).port), '127.0.0.1', () => socket.write(lines.join('\r\n')))
    socket.on('data', bytes => {
      received += bytes
    })
    socket.on('close', () => resolve(received))
    socket.on('error', reject)
  })

describe('S5 browsers', () => {
  let serving: Serving
  before(async () => {
    serving = await startServing()
  })
  after(() => serving.close())

  it('ask first and learn that any site may send, with which headers, and for how long that holds', async () => {
    const answer = await fetch(`${serving.url}/v1/t`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-retry-count',
      },
    })
    assert.equal(answer.status, 204)
    assert.equal(await answer.text(), '')
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    assert.equal(answer.headers.get('access-control-allow-methods'), 'POST, OPTIONS')
    assert.equal(answer.headers.get('access-control-allow-headers'), 'authorization, content-type, x-retry-count')
    assert.equal(answer.headers.get('access-control-max-age'), '900')
  })

  it('may read every answer, and when to come back', async () => {
    for (const [body, status] of [
      [JSON.stringify(message({ messageId: 'a', writeKey })), 200],
      ['{', 400],
      [JSON.stringify(message({ writeKey: 'other' })), 401],
      ['x'.repeat(600_000), 400],
    ] as const) {
      const answer = await serving.post('/v1/t', body, { 'content-type': 'text/plain' })
      assert.equal(answer.status, status)
      assert.equal(answer.headers.get('access-control-allow-origin'), '*', `${status}`)
      assert.match(answer.headers.get('access-control-expose-headers') ?? '', /Retry-After, X-RateLimit-Reset/)
    }
  })

  it('send beacons with the key in the body alone', async () => {
    const answer = await serving.post('/v1/b', JSON.stringify({ batch: [{ ...message(), type: 'page' }], writeKey }))
    assert.equal(answer.status, 200)
  })
})

describe('S5 acknowledgement', () => {
  it('comes only when Kafka has all that came of the request', async () => {
    const serving = await startServing()
    serving.behave('silent')
    let status = 0
    const answered = serving.send({ batch: [{ ...message(), type: 'track', messageId: 'm' }] }).then(answer => {
      status = answer.status
    })
    while (serving.publishes() === 0) await new Promise(setImmediate)
    assert.equal(status, 0)
    assert.deepEqual(await serving.tracks(), [])
    serving.behave('up')
    await answered
    assert.equal(status, 200)
    assert.equal((await serving.tracks()).length, 1)
    await serving.close()
  })

  it('that is lost on its way to us is no acknowledgement: what comes again is published again', async () => {
    const serving = await startServing()
    const body = { batch: [{ ...message(), type: 'track', messageId: 'm' }] }
    serving.behave('append-then-fail')
    const refused = await serving.send(body)
    assert.equal(refused.status, 429)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    serving.behave('up')
    assert.equal((await serving.send(body)).status, 200)
    assert.deepEqual(
      (await serving.tracks()).map(({ eventId }) => eventId),
      ['segment:m', 'segment:m'],
    )
    await serving.close()
  })

  it('is not waited for longer than a client does, and the repetition finds it done', async () => {
    const serving = await startServing({ answerAtOnce: true })
    const body = { batch: [{ ...message(), type: 'track', messageId: 'm' }] }
    serving.behave('silent')
    const first = serving.send(body)
    while (serving.publishes() === 0) await new Promise(setImmediate)
    serving.cluster.clock.advance(9_000)
    assert.equal((await first).status, 429)
    const again = serving.send(body)
    serving.behave('up')
    assert.equal((await again).status, 200)
    assert.equal((await serving.tracks()).length, 1)
    await serving.close()
  })

  it('S5 of one source says nothing of the same id of another', async () => {
    const serving = await startServing({
      writeKeys: [
        { source: 'web', key: 'K1' },
        { source: 'app', key: 'K2' },
      ],
    })
    for (const key of ['K1', 'K2', 'K1']) {
      const body = JSON.stringify(message({ messageId: 'm' }))
      assert.equal((await serving.post('/v1/track', body, { authorization: basic(key) })).status, 200)
    }
    assert.deepEqual((await serving.tracks()).map(({ source }) => source).sort(), ['segment:app', 'segment:web'])
    await serving.close()
  })
})

describe('S5 a restart', () => {
  it('takes nothing twice, and loses nothing that was answered', async () => {
    const cluster = await startCluster()
    const first = await startServing({ cluster })
    const batch = (from: number) => ({
      batch: Array.from({ length: 100 }, (_, index) => ({
        ...message(),
        type: 'track',
        messageId: `m${from + index}`,
      })),
    })
    assert.equal((await first.send(batch(0))).status, 200)
    first.behave('down')
    assert.equal((await first.send(batch(50))).status, 429)
    await first.close()
    const second = await startServing({ cluster })
    assert.equal((await second.send(batch(50))).status, 200)
    assert.equal((await second.send(batch(0))).status, 200)
    const ids = (await second.tracks()).map(({ eventId }) => eventId)
    assert.equal(ids.length, 150)
    assert.equal(new Set(ids).size, 150)
    assert.equal(await second.metrics.value('tributary_segment_known_ids'), 150)
    await second.close()
  })
})
