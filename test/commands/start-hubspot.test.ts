import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  hubSpotMappingOf,
  hubSpotReaderOf,
  openHubSpotActivities,
  openHubSpotSweep,
} from '../../services/commands/start/hubspot.ts'
import { statusOfSweep } from '../../services/commands/start/sweep-status.ts'
import { createDirectory } from '../../services/identity/directory.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'
import { accounts, visitors } from '../../topology/topics.ts'
import { creating } from '../producers/hubspot/emulated.ts'
import { asking } from '../sandbox/asking-with-token.ts'
import { eventually } from '../scenarios/eventually.ts'
import { erasureSecret, load, startingParts } from './starting.ts'

describe('hubspot-sweep', () => {
  it('P7 reads the emulated HubSpot of the process, at once, and shows that it runs', async context => {
    const sandbox = await startHubSpotSandbox({ searchLagMs: 0 })
    context.after(sandbox.close)
    const create = creating(asking(sandbox.url))
    await create('contacts', { email: 'ada@example.com' })
    await create('companies', { name: 'Acme' })
    const { parts, isTold } = await startingParts(context)
    const sandboxes = { pages: { HubSpot: sandbox.url } }
    const running = await openHubSpotSweep(load({}), { ...parts, sandboxes }, assert.fail)
    assert.ok(running)
    context.after(running.close)
    await eventually(async () => assert.ok((await isTold(visitors.name)) && (await isTold(accounts.name))))
    const rows = statusOfSweep('hubspot-sweep', running)
    assert.deepEqual(rows, [{ name: 'hubspot-sweep', kind: 'producer', state: 'running' }])
  })

  it('P7 does not run when it is never to, nor while HubSpot is off', async () => {
    const parts = {} as Parameters<typeof openHubSpotSweep>[1]
    const never = { ...parts, sandboxes: { pages: {} } }
    assert.equal(await openHubSpotSweep(load({ HUBSPOT_SWEEP_EVERY: '0' }), never, assert.fail), undefined)
    const off = load({ PENDO_INTEGRATION_KEY: 'real-key.us' })
    assert.equal(await openHubSpotSweep(off, never, assert.fail), undefined)
    assert.equal(hubSpotReaderOf(off, {}, createMetrics()), undefined)
  })

  for (const [variables, sweepEveryMs] of [
    [{}, 3_600_000],
    [{ HUBSPOT_SWEEP_EVERY: '10m' }, 600_000],
    [{ HUBSPOT_SWEEP_EVERY: '0' }, 0],
  ] as const)
    it(`P7 sweeps every ${sweepEveryMs} ms with ${JSON.stringify(variables)}`, () =>
      assert.equal(load(variables).hubspot.sweepEveryMs, sweepEveryMs))

  it('P7 knows its own app in the emulated HubSpot', async context => {
    const sandbox = await startHubSpotSandbox()
    context.after(sandbox.close)
    const contact = { properties: { email: 'ada@example.com' }, associations: [] }
    const { properties } = await asking(sandbox.url)('POST', '/crm/v3/objects/contacts', contact)
    assert.equal(properties['hs_object_source_id'], load({}).hubspot.appId)
  })
})

describe('hubspot-activities', () => {
  const real = { HUBSPOT_ACCESS_TOKEN: 'a-token', ERASURE_SECRET: erasureSecret }
  const shared = { ...real, TASK_SYNC: 'true', HUBSPOT_APP_ID: '5070001' }
  const cases: readonly (readonly [what: string, variables: Record<string, string>, isTaken: boolean])[] = [
    ['both are emulated', {}, true],
    ['HubSpot is real and tasks are shared', { ...shared, SANDBOX: 'salesforce' }, true],
    ['HubSpot is real and nobody chose to share tasks', { ...real, SANDBOX: 'salesforce' }, false],
    ['tasks are not to be shared', { TASK_SYNC: 'false' }, false],
    ['Salesforce is off', real, false],
    ['HubSpot is off', { PENDO_INTEGRATION_KEY: 'real-key.us', SANDBOX: 'salesforce' }, false],
  ]
  for (const [what, variables, isTaken] of cases)
    it(`T3 ${isTaken ? 'runs' : 'does not run, and webhooks of activities are passed over,'} while ${what}`, async context => {
      const config = load(variables)
      assert.equal(hubSpotMappingOf(config).activities, isTaken)
      const { parts } = await startingParts(context)
      const directory = createDirectory(erasureSecret)
      const running = await openHubSpotActivities(
        config,
        { ...parts, sandboxes: { pages: {} } },
        directory,
        assert.fail,
      )
      if (!isTaken) return assert.equal(running, undefined)
      context.after(async () => await running?.close())
      const runs = [{ name: 'hubspot-activities', kind: 'producer', state: 'running' }]
      await eventually(async () => assert.deepEqual(statusOfSweep('hubspot-activities', running), runs))
    })
})
