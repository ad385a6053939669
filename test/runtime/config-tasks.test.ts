import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { load, mistakesOf } from './loading-config.ts'

const hubspot = { HUBSPOT_ACCESS_TOKEN: 'a-token', ERASURE_SECRET: 'an-erasure-key-of-ours' }

describe('TASK_SYNC', () => {
  it('T7 is on where both CRMs are emulated, unless it is switched off', () => {
    assert.equal(load({}).tasks.enabled, true)
    assert.equal(load({ TASK_SYNC: 'false' }).tasks.enabled, false)
  })

  it('T7 is off with a real CRM until somebody chooses it', () => {
    assert.equal(load({ ...hubspot, SANDBOX: 'salesforce' }).tasks.enabled, false)
    const chosen = { TASK_SYNC: 'true', HUBSPOT_APP_ID: '12' }
    assert.equal(load({ ...hubspot, ...chosen, SANDBOX: 'salesforce' }).tasks.enabled, true)
  })

  it('T7 needs both CRMs, and the id of the app in HubSpot', () => {
    assert.match(mistakesOf({ ...hubspot, TASK_SYNC: 'true' }).join(), /both HubSpot and Salesforce must be connected/)
    const withoutId = { ...hubspot, TASK_SYNC: 'true', SANDBOX: 'salesforce' }
    assert.match(mistakesOf(withoutId).join(), /HUBSPOT_APP_ID must be set because TASK_SYNC is true/)
  })
})
