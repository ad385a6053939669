import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AnswerTooLarge, exchange } from '../../services/http/exchange.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { manualClock } from '../clock.ts'

const opened = (answering: typeof fetch, mostBytes?: number) => {
  const [clock, metrics, over] = [manualClock(), createMetrics(), new AbortController()]
  const options = { vendor: 'v', operation: 'o', timeoutMs: 1_000, clock, metrics, fetch: answering }
  const asking = exchange('http://127.0.0.1:9/', {}, { ...options, ...(mostBytes ? { mostBytes } : {}) }, over.signal)
  const counted = (status: string): Promise<number> =>
    metrics.value('tributary_vendor_requests_total', { vendor: 'v', operation: 'o', status })
  return { asking, clock, over, counted }
}

/** A vendor that never answers. */
const silent: typeof fetch = (_, init) =>
  new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))

describe('a request to a vendor', () => {
  it('gives status, headers and text, and is counted with its status', async () => {
    const { asking, counted } = opened(() =>
      Promise.resolve(new Response('said', { status: 418, headers: { a: 'b' } })),
    )
    const { status, headers, text } = await asking
    assert.deepEqual([status, headers.get('a'), text], [418, 'b', 'said'])
    assert.equal(await counted('418'), 1)
  })

  it('ends when the time is over, and is counted as without an answer', async () => {
    const { asking, clock, counted } = opened(silent)
    clock.advance(1_001)
    await assert.rejects(asking)
    assert.equal(await counted('none'), 1)
  })

  it('ends when nobody wants its answer any more', async () => {
    const { asking, over } = opened(silent)
    over.abort()
    await assert.rejects(asking)
  })

  it('reads no more than it may', async () => {
    const endless = (): Promise<Response> =>
      Promise.resolve(new Response(new ReadableStream({ pull: to => to.enqueue(new Uint8Array(1_000)) })))
    await assert.rejects(opened(endless, 10_000).asking, AnswerTooLarge)
    await assert.doesNotReject(opened(() => Promise.resolve(new Response('x'.repeat(10_000))), 10_000).asking)
  })
})
