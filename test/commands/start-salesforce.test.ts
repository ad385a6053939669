import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openSalesforceSweep } from '../../services/commands/start/salesforce.ts'
import { statusOfSweep } from '../../services/commands/start/sweep-status.ts'
import { startSalesforceSandbox } from '../../services/sandbox/salesforce/start.ts'
import { identityClaims, tasks } from '../../topology/topics.ts'
import { asking } from '../sandbox/asking-with-token.ts'
import { eventually } from '../scenarios/eventually.ts'
import { load, startingParts } from './starting.ts'

describe('salesforce-sweep', () => {
  it('T1 A1 reads the emulated Salesforce of the process, again and again, and shows that it runs', async context => {
    const sandbox = await startSalesforceSandbox()
    context.after(sandbox.close)
    const ask = asking(sandbox.url)
    const contact = { LastName: 'Lovelace', Email: 'ada@example.com' }
    await ask('POST', '/_sandbox/edit', { object: 'Contact', fields: contact })
    const { parts, isTold } = await startingParts(context)
    const sandboxes = { pages: { Salesforce: sandbox.url } }
    const config = load({ SALESFORCE_SWEEP_EVERY: '1s' })
    const running = await openSalesforceSweep(config, { ...parts, sandboxes }, assert.fail)
    assert.ok(running)
    context.after(running.close)
    await eventually(async () => assert.ok(await isTold(identityClaims.name)))
    await ask('POST', '/_sandbox/edit', { object: 'Task', fields: { Subject: 'Call back' } })
    await eventually(async () => assert.ok(await isTold(tasks.name)))
    const rows = statusOfSweep('salesforce-sweep', running)
    assert.deepEqual(rows, [{ name: 'salesforce-sweep', kind: 'producer', state: 'running' }])
  })

  it('T1 follows the change events of the emulated Salesforce of the process, long before the next sweep', async context => {
    const sandbox = await startSalesforceSandbox()
    context.after(sandbox.close)
    const ask = asking(sandbox.url)
    const { parts, isTold } = await startingParts(context)
    const sandboxes = { pages: { Salesforce: sandbox.url }, salesforce: sandbox }
    const config = load({ SALESFORCE_SWEEP_EVERY: '1d' })
    const running = await openSalesforceSweep(config, { ...parts, sandboxes }, assert.fail)
    assert.ok(running)
    context.after(running.close)
    await eventually(async () => assert.equal((await ask('GET', '/_sandbox/change-events')).streams, 3))
    await ask('POST', '/_sandbox/edit', { object: 'Task', fields: { Subject: 'Call back' } })
    await eventually(async () => assert.ok(await isTold(tasks.name)))
  })

  it('T1 does not run when it is never to, nor while Salesforce is off', async () => {
    const never = { sandboxes: { pages: {} } } as Parameters<typeof openSalesforceSweep>[1]
    assert.equal(await openSalesforceSweep(load({ SALESFORCE_SWEEP_EVERY: '0' }), never, assert.fail), undefined)
    assert.equal(await openSalesforceSweep(load({ PENDO_INTEGRATION_KEY: 'real.us' }), never, assert.fail), undefined)
  })

  for (const [variables, sweepEveryMs] of [
    [{}, 1_000],
    [{ SALESFORCE_SWEEP_EVERY: '10m' }, 600_000],
    [{ SALESFORCE_SWEEP_EVERY: '0' }, 0],
    [{ PENDO_INTEGRATION_KEY: 'real.us' }, 60_000],
  ] as const)
    it(`T1 sweeps every ${sweepEveryMs} ms with ${JSON.stringify(variables)}`, () =>
      assert.equal(load(variables).salesforce.sweepEveryMs, sweepEveryMs))

  for (const [variables, changeEvents, pubSubEndpoint] of [
    [{}, 'on', null],
    [{ SALESFORCE_CHANGE_EVENTS: 'off' }, 'off', null],
    [{ SALESFORCE_PUBSUB_ENDPOINT: 'http://127.0.0.1:7443' }, 'on', 'http://127.0.0.1:7443'],
    [{ PENDO_INTEGRATION_KEY: 'real.us' }, 'off', 'https://api.pubsub.salesforce.com:7443'],
    [
      { SALESFORCE_CHANGE_EVENTS: '/data/Ours__chn, /data/TaskChangeEvent' },
      ['/data/Ours__chn', '/data/TaskChangeEvent'],
      null,
    ],
  ] as const)
    it(`T1 follows what is chosen with ${JSON.stringify(variables)}`, () => {
      const { salesforce } = load(variables)
      assert.deepEqual([salesforce.changeEvents, salesforce.pubSubEndpoint], [changeEvents, pubSubEndpoint])
    })
})
