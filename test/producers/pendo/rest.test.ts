import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createPendoClient, type PendoClient, type Row } from '../../../services/producers/pendo/rest/client.ts'
import { groupsOf } from '../../../services/producers/pendo/rest/paging.ts'
import { isPendoError } from '../../../services/producers/pendo/rest/problems.ts'
import type { Clock } from '../../../services/runtime/clock.ts'
import { createMetrics } from '../../../services/runtime/metrics.ts'
import { manualClock } from '../../clock.ts'
import { openSubscription } from '../../sandbox/pendo.ts'
import { hour } from './sweeping.ts'

const never = new AbortController().signal

/** A client whose requests get these answers, one after the other, and the waits between them. */
const scripted = (...answers: readonly (() => Response | Promise<Response>)[]) => {
  const manual = manualClock()
  const waits: number[] = []
  const clock: Clock = {
    now: manual.now,
    sleep: (ms, signal) => {
      if (ms === 60_000) return manual.sleep(ms, signal)
      waits.push(ms)
      manual.advance(ms)
      return Promise.resolve()
    },
  }
  let asked = 0
  const client = createPendoClient({
    ...{ baseUrl: 'http://127.0.0.1:9', integrationKey: 'key', clock, metrics: createMetrics(), random: () => 1 },
    mostBytes: 1_000,
    fetch: async () => await (answers[Math.min(asked++, answers.length - 1)] ?? assert.fail)(),
  })
  return { client, waits, asked: () => asked, now: manual.now }
}

const rows =
  (...results: readonly Row[]) =>
  () =>
    Response.json({ results })
const status =
  (code: number, headers: Record<string, string> = {}) =>
  () =>
    new Response('no', { status: code, headers })
const ask = (client: PendoClient, signal = never) => client.aggregate('read', [{ limit: 1 }], signal)
const codeOf = async (asking: Promise<unknown>): Promise<string> => {
  try {
    await asking
  } catch (error) {
    if (isPendoError(error)) return error.code
    throw error
  }
  return 'none'
}

describe('what is read of Pendo', () => {
  it('P8 sends the integration key and asks for JSON', async context => {
    const { url } = await openSubscription(context)
    const metrics = createMetrics()
    const own = { baseUrl: url, clock: manualClock(), metrics }
    assert.deepEqual(
      await ask(createPendoClient({ ...own, integrationKey: 'sandbox' })).catch(error => error.code),
      'PENDO_REQUEST_REFUSED',
    )
    for (const key of ['another', 'sandbox-secret'])
      assert.equal(await codeOf(ask(createPendoClient({ ...own, integrationKey: key }))), 'PENDO_KEY_REFUSED')
    assert.equal(await metrics.value('tributary_vendor_requests_total', { vendor: 'pendo', operation: 'read' }), 3)
  })

  const outcomes: readonly (readonly [what: string, answer: () => Response, code: string, asked: number])[] = [
    ['no rows as null', () => Response.json({ results: null }), 'none', 1],
    ['a refused key', status(401), 'PENDO_KEY_REFUSED', 1],
    ['the key of another API', status(403), 'PENDO_KEY_REFUSED', 1],
    ['a refusal', status(400), 'PENDO_REQUEST_REFUSED', 1],
    ['a failure of its own', status(503), 'PENDO_UNREACHABLE', 5],
    ['no JSON', () => new Response('<html>'), 'PENDO_ANSWER_UNREADABLE', 5],
    ['no rows at all', () => Response.json({}), 'PENDO_ANSWER_UNREADABLE', 5],
    ['rows that are none', () => Response.json({ results: [1] }), 'PENDO_ANSWER_UNREADABLE', 5],
    ['more than is read', () => new Response('x'.repeat(1_001)), 'PENDO_ANSWER_TOO_LARGE', 1],
    ['a limit that does not end', status(429), 'PENDO_RATE_LIMIT', 20],
    ['a limit of a day', status(429, { 'retry-after': '86400' }), 'PENDO_RATE_LIMIT', 1],
  ]
  for (const [what, answer, code, expected] of outcomes)
    it(`P8 ends with ${code} after ${expected} requests when Pendo answers ${what}`, async () => {
      const { client, asked } = scripted(answer)
      assert.deepEqual([await codeOf(ask(client)), asked()], [code, expected])
    })

  it('P8 is asked again when the connection breaks', async () => {
    const { client } = scripted(() => Promise.reject(new TypeError('fetch failed')), rows({ a: 1 }))
    assert.deepEqual(await ask(client), [{ a: 1 }])
  })

  const waits: readonly (readonly [given: string | undefined, ms: number])[] = [
    [undefined, 30_000],
    ['7', 7_000],
    ['0', 1_000],
    ['soon', 30_000],
    ['-5', 30_000],
    [new Date(Date.UTC(2026, 9, 14, 12, 0, 20)).toUTCString(), 20_000],
  ]
  for (const [given, ms] of waits)
    it(`P8 waits ${ms} ms after a 429 with Retry-After ${given}`, async () => {
      const { client, waits: waited } = scripted(
        status(429, given === undefined ? {} : { 'retry-after': given }),
        rows(),
      )
      await ask(client)
      assert.deepEqual(waited, [ms])
    })

  it('P8 is given up when the caller ends', async () => {
    const ending = new AbortController()
    const { client } = scripted(() => {
      ending.abort()
      throw new TypeError('aborted')
    })
    assert.equal(await codeOf(ask(client, ending.signal)), 'PENDO_INTERRUPTED')
  })
})

describe('pages by key', () => {
  for (const limit of [1, 2, 7, 50, 500])
    it(`P8 hold every row once, and groups whole, ${limit} at a time`, async context => {
      const subscription = await openSubscription(context)
      const { clock, use, url } = subscription
      for (let count = 0; count < 60; count++)
        await use({ kind: 'track', name: `T${count % 3}`, visitorId: `v"\\${count % 11}`, properties: { n: count } })
      const client = createPendoClient({ baseUrl: url, integrationKey: 'sandbox', clock, metrics: createMetrics() })
      const timeSeries = { period: 'hourRange', first: clock.now() - hour, last: 'now()' }
      const read = {
        operation: 'read',
        stages: [{ source: { trackEvents: null, timeSeries } }],
        key: ['visitorId', 'trackTypeId'],
      }
      const found: Row[] = []
      const keys: string[] = []
      const onTooMany = () => assert.fail()
      for await (const group of groupsOf(client, read, { rows: limit, onTooMany }, never)) {
        keys.push(`${group[0]?.['visitorId']} ${group[0]?.['trackTypeId']}`)
        found.push(...group)
      }
      const numbers = found.map(row => (row['properties'] as { readonly n: number }).n)
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        [...Array(60).keys()],
      )
      assert.equal(new Set(keys).size, keys.length)
    })

  it('P8 pass over a group that is larger than can be asked for, and go on behind it', async context => {
    const { clock, use, url } = await openSubscription(context)
    for (let count = 0; count < 20; count++)
      await use({ kind: 'track', name: 'T', visitorId: count < 12 ? 'many' : `v${count}`, properties: { n: count } })
    const client = createPendoClient({ baseUrl: url, integrationKey: 'sandbox', clock, metrics: createMetrics() })
    const timeSeries = { period: 'hourRange', first: clock.now() - hour, last: 'now()' }
    const read = { operation: 'read', stages: [{ source: { trackEvents: null, timeSeries } }], key: ['visitorId'] }
    let tooMany = 0
    const options = {
      rows: 3,
      mostRows: 6,
      onTooMany: () => {
        tooMany += 1
      },
    }
    const visitors: unknown[] = []
    for await (const [row] of groupsOf(client, read, options, never)) visitors.push(row?.['visitorId'])
    assert.deepEqual(visitors, ['v12', 'v13', 'v14', 'v15', 'v16', 'v17', 'v18', 'v19'])
    assert.equal(tooMany, 1)
  })

  it('P8 that lead back are an error, not a circle', async () => {
    const { client } = scripted(rows({ visitorId: 'a' }, { visitorId: 'b' }))
    const read = { operation: 'read', stages: [], key: ['visitorId'] }
    const reading = async (): Promise<void> => {
      for await (const _ of groupsOf(client, read, { rows: 2, onTooMany: () => undefined }, never));
    }
    assert.equal(await codeOf(reading()), 'PENDO_ANSWER_UNREADABLE')
  })
})
