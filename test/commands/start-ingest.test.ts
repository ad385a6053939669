import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isIngestNeeded, openIngest } from '../../services/commands/start/ingest.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { checkSelection } from '../../services/producers/zoom/selection.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { loadConfig } from '../../services/runtime/config/config.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'

const erasure = { ERASURE_SECRET: 'an-erasure-key-of-ours', INGEST_PORT: '0' }
const load = (variables: Record<string, string>) => loadConfig({ ...erasure, ...variables }, () => '')

/** The status of what is posted to each path, with the key of the sandbox. */
const statuses = async (variables: Record<string, string>, paths: readonly string[]): Promise<readonly number[]> => {
  const config = load(variables)
  assert.ok(isIngestNeeded(config))
  const kafka = memoryKafka()
  await kafka.topics.create(topicSpecs(pipeline.topics))
  const codec = await createCodec({
    ...{ registry: memoryRegistry(), topics: pipeline.topics, clock: systemClock, register: true },
  })
  const closing: (() => Promise<void>)[] = []
  const parts = { kafka, codec, metrics: createMetrics(), logger: silentLogger, sandboxes: { pages: {} } }
  const selection = checkSelection({ zoom: {} }, null)
  const ingest = await openIngest(config, parts, selection, { closing, onFatal: error => assert.fail(error) })
  const body = JSON.stringify({ userId: 'u1', event: 'E', writeKey: 'sandbox' })
  const found: number[] = []
  for (const path of paths)
    found.push((await fetch(`http://127.0.0.1:${ingest.port}${path}`, { method: 'POST', body })).status)
  for (let close = closing.pop(); close; close = closing.pop()) await close()
  await kafka.close()
  return found
}

describe('the ingest', () => {
  const paths = ['/v1/track', '/webhooks/segment', '/webhooks/zoom', '/webhooks/pendo', '/webhooks/hubspot']

  it('S5 takes the key of the sandbox while everything is emulated', async () =>
    assert.deepEqual(await statuses({}, paths), [200, 401, 401, 401, 401]))

  it('S5 runs when only Segment is configured, and then has no other routes', async () =>
    assert.deepEqual(await statuses({ SEGMENT_WRITE_KEYS: 'web=real-key' }, paths), [401, 404, 404, 404, 404]))

  it('has no routes of Segment while that is off', async () =>
    assert.deepEqual(await statuses({ ZOOM_WEBHOOK_SECRET: 'real-token' }, paths), [404, 404, 401, 404, 404]))

  it('P8 takes webhooks of Pendo when their secret is set', async () => {
    const own = { PENDO_INTEGRATION_KEY: 'real-key.us', PENDO_BASE_URL: 'http://127.0.0.1:9' }
    assert.deepEqual(await statuses({ ...own, PENDO_WEBHOOK_SECRET: 'shared' }, paths), [404, 404, 404, 401, 404])
    assert.equal(isIngestNeeded(load(own)), false)
  })

  it('P7 takes webhooks of HubSpot when the secret of its app is set', async () => {
    const own = { HUBSPOT_ACCESS_TOKEN: 'pat-real' }
    assert.deepEqual(await statuses({ ...own, HUBSPOT_CLIENT_SECRET: 'of the app' }, paths), [404, 404, 404, 404, 401])
    assert.equal(isIngestNeeded(load(own)), false)
  })

  it('is not needed when no vendor that calls us is on', () =>
    assert.equal(isIngestNeeded(load({ HUBSPOT_ACCESS_TOKEN: 'pat-real' })), false))
})
