import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openPendoSweep, pendoClientOf } from '../../services/commands/start/pendo.ts'
import { statusOfSweep } from '../../services/commands/start/sweep-status.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { loadConfig } from '../../services/runtime/config/config.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { startPendoSandbox } from '../../services/sandbox/pendo/start.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { accounts, visitors } from '../../topology/topics.ts'
import { eventually } from '../scenarios/eventually.ts'

const load = (variables: Record<string, string>) =>
  loadConfig({ ERASURE_SECRET: 'an-erasure-key-of-ours', ...variables }, () => '')

describe('pendo-sweep', () => {
  it('P8 reads the emulated Pendo of the process, at once, and shows that it runs', async context => {
    const sandbox = await startPendoSandbox()
    context.after(sandbox.close)
    const headers = { 'x-pendo-integration-key': 'sandbox', 'content-type': 'application/json' }
    for (const kind of ['visitor', 'account']) {
      const body = JSON.stringify([{ [`${kind}Id`]: 'one', values: { plan: 'Pro' } }])
      await fetch(`${sandbox.url}/api/v1/metadata/${kind}/custom/value?create=true`, { method: 'POST', headers, body })
    }
    const kafka = memoryKafka()
    context.after(() => kafka.close())
    await kafka.topics.create(topicSpecs(pipeline.topics))
    const codec = await createCodec({
      ...{ registry: memoryRegistry(), topics: pipeline.topics, clock: systemClock, register: true },
    })
    const parts = { kafka, codec, metrics: createMetrics(), logger: silentLogger, registry: memoryRegistry() }
    const sandboxes = { pages: { Pendo: sandbox.url } }
    const running = await openPendoSweep(load({}), { ...parts, sandboxes }, assert.fail)
    assert.ok(running)
    context.after(running.close)
    const isTold = async (topic: string) => (await kafka.topics.offsets(topic)).some(({ stable }) => stable > 0)
    await eventually(async () => assert.ok((await isTold(visitors.name)) && (await isTold(accounts.name))))
    assert.deepEqual(statusOfSweep('pendo-sweep', running), [
      { name: 'pendo-sweep', kind: 'producer', state: 'running' },
    ])
  })

  it('P8 does not run when it is never to, nor while Pendo is off', async () => {
    const parts = {} as Parameters<typeof openPendoSweep>[1]
    const never = { ...parts, sandboxes: { pages: {} } }
    assert.equal(await openPendoSweep(load({ PENDO_SWEEP_EVERY: '0' }), never, assert.fail), undefined)
    const off = load({ HUBSPOT_ACCESS_TOKEN: 'pat-real' })
    assert.equal(await openPendoSweep(off, never, assert.fail), undefined)
    assert.equal(pendoClientOf(off, {}, createMetrics()), undefined)
    assert.deepEqual(statusOfSweep('pendo-sweep', undefined), [])
  })
})
