import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openPendoSweep, pendoClientOf } from '../../services/commands/start/pendo.ts'
import { statusOfSweep } from '../../services/commands/start/sweep-status.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { startPendoSandbox } from '../../services/sandbox/pendo/start.ts'
import { accounts, visitors } from '../../topology/topics.ts'
import { eventually } from '../scenarios/eventually.ts'
import { load, startingParts } from './starting.ts'

describe('pendo-sweep', () => {
  it('P8 reads the emulated Pendo of the process, at once, and shows that it runs', async context => {
    const sandbox = await startPendoSandbox()
    context.after(sandbox.close)
    const headers = { 'x-pendo-integration-key': 'sandbox', 'content-type': 'application/json' }
    for (const kind of ['visitor', 'account']) {
      const body = JSON.stringify([{ [`${kind}Id`]: 'one', values: { plan: 'Pro' } }])
      await fetch(`${sandbox.url}/api/v1/metadata/${kind}/custom/value?create=true`, { method: 'POST', headers, body })
    }
    const { parts, isTold } = await startingParts(context)
    const sandboxes = { pages: { Pendo: sandbox.url } }
    const running = await openPendoSweep(load({}), { ...parts, sandboxes }, assert.fail)
    assert.ok(running)
    context.after(running.close)
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
