import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { startConsole } from '../../services/console/server.ts'
import { statusReader } from '../../services/console/status.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import type { ServiceStatus } from '../../services/runtime/run-pipeline.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { manualClock } from '../clock.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const running: readonly ServiceStatus[] = [
  { name: 'webinar-contact', kind: 'consumer', state: 'running' },
  { name: 'hubspot', kind: 'sink', state: 'running' },
]

/** A console over these services; `answers` says whether Kafka does. */
const consoleOver = async (services: readonly ServiceStatus[], { answers = true } = {}) => {
  const clock = manualClock()
  const kafka = memoryKafka({ clock })
  await kafka.topics.create([...topicSpecs(pipeline.topics)])
  const metrics = createMetrics()
  const source = answers ? kafka : { ...kafka, lag: () => Promise.reject(new Error('no broker')) }
  const status = statusReader(
    { kafka: source as typeof kafka, topology: pipeline, metrics, services: () => services, sandboxes: {} },
    clock,
  )
  const console = await startConsole({ host: '127.0.0.1', port: 0, token: null, metrics, status })
  closers.push(() => console.close())
  return { get: (path: string) => fetch(`http://127.0.0.1:${console.port}${path}`), metrics }
}

const problemsOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { problems: string[] }).problems.join(' ')

describe('health and readiness tell the truth', () => {
  it('K10 all is well: alive and ready', async () => {
    const { get } = await consoleOver(running)
    assert.deepEqual([(await get('/healthz')).status, (await get('/readyz')).status], [200, 200])
  })

  it('K10 a consumer that stopped: neither, and both say why', async () => {
    const stopped: ServiceStatus = {
      name: 'webinar-contact',
      kind: 'consumer',
      state: 'stopped',
      reason: 'DEAD_LETTER_CEILING: too many',
    }
    const { get } = await consoleOver([stopped])
    const [alive, ready] = [await get('/healthz'), await get('/readyz')]
    assert.deepEqual([alive.status, ready.status], [503, 503])
    assert.match(await problemsOf(alive), /webinar-contact is stopped: DEAD_LETTER_CEILING/)
  })

  it('K10 a sink that waits for a person: alive, since a restart would not help, and not ready', async () => {
    const paused: ServiceStatus = {
      name: 'hubspot',
      kind: 'sink',
      state: 'paused',
      reason: 'HUBSPOT_UNAUTHORIZED: a token',
    }
    const { get } = await consoleOver([paused])
    assert.deepEqual([(await get('/healthz')).status, (await get('/readyz')).status], [200, 503])
  })

  it('K10 a service that stands by for another process is ready', async () => {
    const { get } = await consoleOver([{ name: 'hubspot', kind: 'sink', state: 'standby' }])
    assert.equal((await get('/readyz')).status, 200)
  })

  it('K10 Kafka does not answer: alive and not ready', async () => {
    const { get } = await consoleOver(running, { answers: false })
    const ready = await get('/readyz')
    assert.deepEqual([(await get('/healthz')).status, ready.status], [200, 503])
    assert.match(await problemsOf(ready), /Kafka does not answer/)
  })

  it('K10 metrics are in the Prometheus format, and the status counts what they count', async () => {
    const { get, metrics } = await consoleOver(running)
    metrics.increment('tributary_webhooks_total', { vendor: 'zoom', outcome: 'produced' }, 3)
    const exposed = await get('/metrics')
    assert.match(exposed.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    assert.match(await exposed.text(), /^tributary_webhooks_total\{vendor="zoom",outcome="produced"\} 3$/m)
    assert.equal(((await (await get('/api/status')).json()) as { counts: { webhooks: number } }).counts.webhooks, 3)
  })

  it('a port in use is named together with its setting', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    closers.push(() => new Promise(resolve => other.close(() => resolve())))
    const { port } = other.address() as AddressInfo
    const metrics = createMetrics()
    await assert.rejects(
      startConsole({ host: '127.0.0.1', port, token: null, metrics, status: () => Promise.reject(new Error()) }),
      {
        code: 'PORT_IN_USE',
        message: new RegExp(`${port}.*CONSOLE_PORT`),
      },
    )
  })

  it('P6 shows the budget of custom events, and warns of a low one without turning anybody away', async () => {
    const { get, metrics } = await consoleOver(running)
    metrics.set('tributary_event_completions_used', { vendor: 'hubspot' }, 900)
    metrics.set('tributary_event_completions_budget', { vendor: 'hubspot' }, 1_000)
    metrics.set('tributary_event_budget_warning', { vendor: 'hubspot' }, 1)
    const status = (await (await get('/api/status')).json()) as { budgets: unknown; problems: readonly string[] }
    const name = 'HubSpot custom events this month'
    assert.deepEqual(status.budgets, [{ name, used: 900, limit: 1_000, isLow: true }])
    assert.match(status.problems.join(' '), /900 of 1000 are used/)
    assert.equal((await get('/readyz')).status, 200)
  })
})
