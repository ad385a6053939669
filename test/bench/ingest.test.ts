import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import fastify from 'fastify'
import { answerIn } from '../../bench/ingest/connection.ts'
import { applyLoad } from '../../bench/ingest/load.ts'
import { repeatedRequest } from '../../bench/ingest/requests.ts'
import { ingestFigures } from '../../bench/ingest.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { startIngest } from '../../services/producers/ingest.ts'
import { openSegment } from '../../services/producers/segment/service.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { silentLogger as log } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { tracks } from '../../topology/topics.ts'

const load = { connections: 3, events: 5, writeKey: 'key', name: 'a', warmUpMs: 20, measuredMs: 80 }

/** The ingest on a Kafka in memory, and how many events that holds. */
const startOurs = async (context: TestContext) => {
  const kafka = memoryKafka({ clock })
  await kafka.topics.create(topicSpecs(pipeline.topics))
  const codec = await createCodec({ registry: memoryRegistry(), topics: pipeline.topics, clock, register: true })
  const publisher = await kafka.publisher('test')
  const parts = { kafka, publisher, codec, metrics: createMetrics(), clock, log, onFatal: assert.fail }
  const segment = await openSegment({ ...parts, writeKeys: [{ source: 'web', key: 'key' }], webhookSecret: null })
  const ingest = await startIngest({ ...parts, host: '127.0.0.1', port: 0, routes: segment.routes })
  context.after(async () => {
    await ingest.close()
    await segment.close()
    await kafka.close()
  })
  const kept = async () => (await kafka.topics.offsets(tracks.name)).reduce((sum, { stable }) => sum + stable, 0)
  return { url: `http://127.0.0.1:${ingest.port}`, kept }
}

describe('the load of the ingest', () => {
  it('is taken whole, each event once', async context => {
    const { url, kept } = await startOurs(context)
    const results = [await applyLoad({ ...load, url }), await applyLoad({ ...load, url, name: 'b', events: 1 })]
    const acknowledged = results.reduce((sum, { acknowledgedEvents }) => sum + acknowledgedEvents, 0)
    assert.ok(results.every(({ acknowledgedEvents, busy }) => acknowledgedEvents > 0 && busy >= 0 && busy <= 1))
    assert.equal(await kept(), acknowledged)
  })

  it('is read by the bare endpoint as JSON', async context => {
    const ids = new Set<string>()
    const app = fastify()
    app.post('/v1/batch', ({ body }) => {
      for (const { messageId } of (body as { batch: readonly { messageId: string }[] }).batch) ids.add(messageId)
      return { success: true }
    })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    context.after(() => app.close())
    assert.equal((await applyLoad({ ...load, url })).acknowledgedEvents, ids.size)
  })

  it('ends with what a server says that does not take it', async context => {
    const { url } = await startOurs(context)
    await assert.rejects(applyLoad({ ...load, url, writeKey: 'of another' }), /came 401: .*SEGMENT_WRITE_KEY_UNKNOWN/)
  })

  it('ends when a server closes its connections', async context => {
    const app = fastify()
    app.post('/v1/batch', (_, reply) => void reply.hijack().raw.destroy())
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    context.after(() => app.close())
    await assert.rejects(applyLoad({ ...load, url }), /closed a connection before it had answered/)
  })
})

describe('a repeated request', () => {
  it('has other ids each time, and a length that is right', () => {
    const request = repeatedRequest({ host: 'h', writeKey: 'key', events: 100, name: 'a-1', at: 1_790_000_000_000 })
    const ids = new Set<string>()
    for (let time = 0; time < 3; time++) {
      const [head = '', body = ''] = request.next().toString().split('\r\n\r\n')
      assert.equal(/Content-Length: (\d+)/.exec(head)?.[1], String(Buffer.byteLength(body)))
      for (const { messageId } of JSON.parse(body).batch) ids.add(messageId)
    }
    assert.equal(ids.size, 300)
  })
})

describe('an answer', () => {
  const whole = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 4\r\n\r\n{"a"'

  it('is read when all of it is there, wherever it was cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), length =>
        assert.equal(answerIn(Buffer.from(whole.slice(0, length))), undefined),
      ),
    )
    assert.deepEqual(answerIn(Buffer.from(whole)), { status: 200, body: '{"a"' })
  })

  it('that does not say its length is none', () =>
    assert.throws(() => answerIn(Buffer.from('HTTP/1.1 200 OK\r\n\r\n')), /with its length/))
})

describe('the figures of the ingest', () => {
  const round = (ingest: number, bare: number) => ({
    ingest: { requestsPerSecond: ingest, acknowledgedEvents: 0, busy: 0.05 },
    bare: { requestsPerSecond: bare, acknowledgedEvents: 0, busy: 0.4 },
  })

  it('set each run against that which came before it, and tell the spread', () => {
    const found = [round(300, 1_000), round(100, 1_000), round(400, 800)]
    assert.deepEqual(ingestFigures(100, found), [
      {
        what: "Tributary's ingest, 100 events a request",
        value: '300 (100 – 400) requests/s, 30,000 (10,000 – 40,000) events/s',
      },
      {
        what: 'Bare fastify, 100 events a request',
        value: '1,000 (800 – 1,000) requests/s, 100,000 (80,000 – 100,000) events/s',
      },
      { what: 'Ingest as a share of bare, 100 events a request', value: '30 % (10 % – 50 %)' },
      {
        what: 'Load generator at work, 100 events a request',
        value: 'at most 5 % of its time with the ingest, 40 % with bare',
      },
    ])
    assert.equal(ingestFigures(1, found)[0]?.value, '300 (100 – 400) requests/s')
  })
})
