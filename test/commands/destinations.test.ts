import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { destinationsOf, salesforceLogin, waitingSinks } from '../../services/commands/destinations.ts'
import { loadConfig } from '../../services/runtime/config/config.ts'
import { silentLogger as logger } from '../../services/runtime/log.ts'

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const erasure = { ERASURE_SECRET: 'an-erasure-key-of-ours' }
const salesforce = {
  SALESFORCE_CLIENT_ID: '3MVG9real',
  SALESFORCE_USERNAME: 'integration@example.com',
  SALESFORCE_PRIVATE_KEY: privateKey,
}
const load = (variables: Record<string, string>) => loadConfig({ ...erasure, ...variables }, () => '')
const pages = { HubSpot: 'http://127.0.0.1:1', Salesforce: 'http://127.0.0.1:2' }

describe('where the writes of each sink go', () => {
  for (const [variables, sinks] of [
    [
      {},
      [
        'hubspot',
        'hubspot-companies',
        'hubspot-events',
        'hubspot-marketing',
        'hubspot-tasks',
        'pendo',
        'pendo-events',
        'salesforce',
      ],
    ],
    [salesforce, ['salesforce']],
    [
      { HUBSPOT_ACCESS_TOKEN: 'pat-real' },
      ['hubspot', 'hubspot-companies', 'hubspot-events', 'hubspot-marketing', 'hubspot-tasks'],
    ],
    [
      { HUBSPOT_ACCESS_TOKEN: 'pat-real', SANDBOX: 'salesforce' },
      ['hubspot', 'hubspot-companies', 'hubspot-events', 'hubspot-marketing', 'hubspot-tasks', 'salesforce'],
    ],
    [{ ZOOM_WEBHOOK_SECRET: 'real' }, []],
    [{ PENDO_INTEGRATION_KEY: 'real' }, ['pendo']],
    [{ PENDO_INTEGRATION_KEY: 'real', PENDO_TRACK_SECRET: 'real' }, ['pendo', 'pendo-events']],
  ] as [Record<string, string>, string[]][]) {
    it(`is nowhere for a vendor that is off: ${Object.keys(variables).join(', ') || 'nothing'} set`, () => {
      const destinations = destinationsOf(load(variables), pages, { logger })
      assert.deepEqual([...destinations.keys()].toSorted(), sinks)
    })
  }

  it('S3 is nowhere for track events without their secret, and whoever starts it is told', () => {
    assert.match(waitingSinks(load({ PENDO_INTEGRATION_KEY: 'real' })).join(), /PENDO_TRACK_SECRET is not set/)
    assert.deepEqual(waitingSinks(load({ PENDO_INTEGRATION_KEY: 'real', PENDO_TRACK_SECRET: 'real' })), [])
    assert.deepEqual(waitingSinks(load({})), [])
    assert.deepEqual(waitingSinks(load({ ZOOM_WEBHOOK_SECRET: 'real' })), [])
  })

  it('is the emulated org only when Salesforce is emulated', () => {
    assert.equal(salesforceLogin(load({}), pages)?.loginUrl, pages.Salesforce)
    assert.equal(salesforceLogin(load({ SANDBOX_PORT_BASE: '9501' }), {})?.loginUrl, 'http://127.0.0.1:9502')
    const elsewhere = load({ SALESFORCE_LOGIN_URL: 'http://sandbox:9402' })
    assert.equal(salesforceLogin(elsewhere, pages)?.loginUrl, 'http://sandbox:9402')
    const real = salesforceLogin(load({ ...salesforce, SANDBOX: 'hubspot' }), pages)
    assert.deepEqual([real?.loginUrl, real?.username], ['https://login.salesforce.com', 'integration@example.com'])
    assert.equal(real?.privateKey.trim(), privateKey.trim())
  })

  it('shows the emulated org no key of a real one', () => {
    const emulated = salesforceLogin(load({ ...salesforce, SANDBOX: 'salesforce' }), pages)
    assert.deepEqual([emulated?.loginUrl, emulated?.clientId], [pages.Salesforce, 'sandbox'])
    assert.notEqual(emulated?.privateKey.trim(), privateKey.trim())
  })
})
