import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openHubSpotMarketing } from '../../services/commands/start/hubspot.ts'
import { statusOfSweep } from '../../services/commands/start/sweep-status.ts'
import { createDirectory } from '../../services/identity/directory.ts'
import { startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'
import { eventually } from '../scenarios/eventually.ts'
import { erasureSecret, load, startingParts } from './starting.ts'

const name = 'hubspot-marketing-events'

describe(name, () => {
  const cases: readonly (readonly [what: string, variables: Record<string, string>, isOn: boolean])[] = [
    ['both are emulated', {}, true],
    ['tasks are not to be shared', { TASK_SYNC: 'false' }, false],
    ['it is never to', { HUBSPOT_MARKETING_EVERY: '0' }, false],
    ['HubSpot is off', { PENDO_INTEGRATION_KEY: 'real-key.us', SANDBOX: 'salesforce' }, false],
  ]
  for (const [what, variables, isOn] of cases)
    it(`T3 ${isOn ? 'runs' : 'does not run'} while ${what}`, async context => {
      const sandbox = await startHubSpotSandbox()
      context.after(sandbox.close)
      const { parts, isTold } = await startingParts(context)
      const sandboxes = { pages: { HubSpot: sandbox.url } }
      const directory = createDirectory(erasureSecret)
      const running = await openHubSpotMarketing(load(variables), { ...parts, sandboxes }, directory, assert.fail)
      if (!isOn) return assert.equal(running, undefined)
      context.after(async () => await running?.close())
      const runs = [{ name, kind: 'producer', state: 'running' }]
      await eventually(async () => assert.deepEqual(statusOfSweep(name, running), runs))
      await eventually(async () => assert.ok(await isTold('hubspot-marketing-sweeps')))
    })

  const real = { HUBSPOT_ACCESS_TOKEN: 'a-token' }
  const rates: readonly (readonly [variables: Record<string, string>, everyMs: number, overlapMs: number])[] = [
    [{}, 3_000, 21_600_000],
    [{ HUBSPOT_MARKETING_EVERY: '1m' }, 60_000, 21_600_000],
    [real, 900_000, 21_600_000],
    [{ ...real, HUBSPOT_MARKETING_EVERY: '1h', HUBSPOT_MARKETING_OVERLAP: '1d' }, 3_600_000, 86_400_000],
  ]
  for (const [variables, everyMs, overlapMs] of rates)
    it(`T3 reads every ${everyMs} ms, again the last ${overlapMs} ms, with ${JSON.stringify(variables)}`, () =>
      assert.deepEqual(load(variables).hubspot.marketing, { everyMs, overlapMs }))
})
