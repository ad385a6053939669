import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'
import { startSalesforceSandbox } from '../../services/sandbox/salesforce/start.ts'
import { startZoomSandbox } from '../../services/sandbox/zoom/zoom-sandbox.ts'
import { hubSpotVendor } from '../../services/setup/hubspot.ts'
import { pendoVendor } from '../../services/setup/pendo.ts'
import { salesforceVendor } from '../../services/setup/salesforce.ts'
import type { SetupReport, VendorSetup } from '../../services/setup/vendor-setup.ts'
import { vendorSetups } from '../../services/setup/vendors.ts'
import { zoomVendor } from '../../services/setup/zoom.ts'
import { scopes } from '../../services/sinks/hubspot/scopes.ts'
import { mappingOf } from '../pendo-and-hubspot/sides.ts'
import { openSubscription } from '../sandbox/pendo.ts'

const never = new AbortController().signal
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const gapsOf = (report: SetupReport): readonly string[] => {
  assert.equal(report.kind, 'known', JSON.stringify(report))
  return report.kind === 'known' ? report.gaps.map(({ what, by }) => `${by}: ${what}`) : []
}

const hubSpot = async (context: TestContext, options: Parameters<typeof startHubSpotSandbox>[0] = {}) => {
  const sandbox = await startHubSpotSandbox(options)
  context.after(() => sandbox.close())
  return hubSpotVendor({ accessToken: 'sandbox', baseUrl: sandbox.url, clock })
}

describe('setup of HubSpot', () => {
  it('Z3 Z4 names all that is missing and changes nothing', async context => {
    const vendor = await hubSpot(context)
    const gaps = gapsOf(await vendor.check(never))
    for (const what of [
      'contact property zoom_webinar_attendance_count',
      'contact property tributary_source',
      'event definition zoom_webinar_attended',
    ])
      assert.ok(gaps.includes(`tributary: ${what}`), `${what} is not in ${gaps.join(', ')}`)
    assert.deepEqual(gapsOf(await vendor.check(never)), gaps)
  })

  it('Z3 Z4 makes it once, and then nothing is left', async context => {
    const vendor = await hubSpot(context)
    const missing = gapsOf(await vendor.check(never))
    const first = await vendor.make(never)
    assert.deepEqual(first.made.map(({ what, by }) => `${by}: ${what}`).toSorted(), missing.toSorted())
    assert.deepEqual(gapsOf(first.left), [])
    assert.deepEqual(gapsOf(await vendor.check(never)), [])
    assert.deepEqual((await vendor.make(never)).made, [])
  })

  it('makes and names what it may although one permission is missing, which it names too', async context => {
    const vendor = await hubSpot(context, { scopes: [...scopes.contacts, ...scopes.events] })
    const whole = await hubSpot(context)
    const missing = gapsOf(await whole.check(never))
    const gaps = gapsOf(await vendor.check(never))
    assert.deepEqual(gaps.toSorted(), [...missing, 'admin: access to marketing events'].toSorted())
    const { made, left } = await vendor.make(never)
    assert.equal(made.length, missing.length)
    assert.deepEqual(gapsOf(left), ['admin: access to marketing events'])
  })

  it('says what an admin must do when the token is refused', async context => {
    const sandbox = await startHubSpotSandbox()
    context.after(() => sandbox.close())
    const report = await hubSpotVendor({ accessToken: 'wrong', baseUrl: sandbox.url, clock }).check(never)
    assert.equal(report.kind, 'unknown')
    assert.match(report.kind === 'unknown' ? report.message : '', /HUBSPOT_ACCESS_TOKEN/)
  })
})

describe('setup of Salesforce', () => {
  const org = async (context: TestContext, tributaryField: boolean): Promise<VendorSetup> => {
    const sandbox = await startSalesforceSandbox({ tributaryField })
    context.after(() => sandbox.close())
    const login = { loginUrl: sandbox.url, clientId: 'sandbox', username: 'integration@example.com', privateKey: pem }
    return salesforceVendor({ ...login, clock })
  }

  it('Z12 is complete when tasks have the field of our key', async context =>
    assert.deepEqual(gapsOf(await (await org(context, true)).check(never)), []))

  it('Z12 tells the admin which field to make, and makes none itself', async context => {
    const vendor = await org(context, false)
    const { made, left } = await vendor.make(never)
    assert.deepEqual(made, [])
    assert.deepEqual(gapsOf(left), ['admin: field Task.Tributary_Id__c'])
  })
})

describe('setup of Zoom', () => {
  it('Z13 is complete when every call may be made', async context => {
    const zoom = await startZoomSandbox({ ingestUrl: 'http://127.0.0.1:1' })
    context.after(() => zoom.close())
    const oauth = { clientId: 'sandbox', clientSecret: 'sandbox' }
    const account = {
      name: 'default',
      accountId: 'A1',
      oauth,
      baseUrl: `${zoom.url}/v2`,
      tokenUrl: `${zoom.url}/oauth/token`,
    }
    const [vendor] = vendorSetups(
      {
        hubspot: null,
        salesforce: null,
        sharesTasks: false,
        pendo: null,
        zoom: [{ ...account, webhookUrl: 'https://in.example.com/webhooks/zoom' }],
      },
      { clock, metrics: createMetrics() },
    )
    assert.ok(vendor)
    assert.deepEqual(gapsOf(await vendor.check(never)), [])
    assert.match(vendor.notes.join(), /https:\/\/in\.example\.com\/webhooks\/zoom: .*webinar\.participant_joined/)
  })

  it('Z13 says that lost webhooks stay lost without credentials', async () => {
    const report = await zoomVendor({ account: 'emea', calls: null, webhookUrl: null }).check(never)
    assert.deepEqual(gapsOf(report), ['admin: server-to-server OAuth app'])
    assert.match(report.kind === 'known' ? (report.gaps[0]?.message ?? '') : '', /ZOOM_EMEA_CLIENT_ID/)
  })
})

describe('setup of what HubSpot shares with Pendo', () => {
  const shared = {
    contacts: [
      { name: 'pendo_role', type: 'text', isWritten: true },
      { name: 'jobtitle', type: 'number', isWritten: true },
      { name: 'their_own', type: 'text', isWritten: false },
    ],
    companies: [{ name: 'pendo_since', type: 'date', isWritten: true }],
  } as const

  it('P7 makes the properties that are written, and names those that only somebody else can mend', async context => {
    const sandbox = await startHubSpotSandbox()
    context.after(() => sandbox.close())
    const vendor = hubSpotVendor({ accessToken: 'sandbox', baseUrl: sandbox.url, clock, shared })
    const gaps = gapsOf(await vendor.check(never)).filter(gap => !gap.includes('zoom_') && !gap.includes('event'))
    for (const gap of [
      'tributary: contact property pendo_role',
      'admin: contact property jobtitle',
      'admin: contact property their_own',
      'tributary: company property pendo_since',
    ])
      assert.ok(gaps.includes(gap), `${gap} is not in ${gaps.join(', ')}`)
    await vendor.make(never)
    assert.deepEqual(gapsOf(await vendor.check(never)), [
      'admin: contact property jobtitle',
      'admin: contact property their_own',
    ])
  })

  it('P7 says which scopes companies need, and contacts are made ready without them', async context => {
    const sandbox = await startHubSpotSandbox({
      scopes: [...scopes.contacts, ...scopes.events, ...scopes.marketingEvents],
    })
    context.after(() => sandbox.close())
    const vendor = hubSpotVendor({ accessToken: 'sandbox', baseUrl: sandbox.url, clock, shared })
    const { left } = await vendor.make(never)
    assert.ok(gapsOf(left).includes('admin: access to companies'))
    assert.match(JSON.stringify(left), /crm\.schemas\.companies\.read/)
  })
})

describe('setup of Pendo', () => {
  const open = async (context: TestContext, keys: { integrationKey?: string; trackSecret?: string | null } = {}) => {
    const subscription = await openSubscription(context)
    const all = { integrationKey: 'sandbox', trackSecret: 'sandbox-secret', ...keys }
    return { subscription, vendor: pendoVendor({ ...all, baseUrl: subscription.url, clock }) }
  }

  it('S1 S2 has nothing to say of the emulated subscription', async context => {
    const { vendor } = await open(context)
    assert.deepEqual(gapsOf(await vendor.check(never)), [])
    assert.deepEqual((await vendor.make(never)).made, [])
  })

  it('S2 S4 names the fields that the mapping needs and only an admin can make', async context => {
    const { vendor, subscription } = await open(context)
    await subscription.call('DELETE', '/_sandbox/fields/visitor/custom/accountid')
    assert.deepEqual(gapsOf(await vendor.check(never)), ['admin: custom field accountid of visitors'])
    assert.deepEqual(gapsOf((await vendor.make(never)).left), ['admin: custom field accountid of visitors'])
  })

  it('P7 names the fields that are shared with HubSpot and are not there, or of another type', async context => {
    const subscription = await openSubscription(context)
    const field = (pendo: string) =>
      ({ pendo, hubspot: pendo.replace('custom.', 'x_'), direction: 'to-pendo' }) as const
    const shared = mappingOf({
      contacts: [field('custom.jobtitle'), field('custom.title'), field('custom.leadscore')],
      companies: [{ ...field('custom.employees'), type: 'number' }],
    })
    const keys = { integrationKey: 'sandbox', trackSecret: 'sandbox-secret' }
    const report = await pendoVendor({ ...keys, baseUrl: subscription.url, clock, shared }).check(never)
    assert.deepEqual(gapsOf(report), [
      'admin: custom field title of visitors',
      'admin: custom field leadscore of visitors',
    ])
    const messages = report.kind === 'known' ? report.gaps.map(({ message }) => message) : []
    assert.match(messages[0] ?? '', /has no such field.*Make it in Pendo/)
    assert.match(messages[1] ?? '', /is of type integer, and must be string/)
  })

  it('S3 says that track events wait without their secret', async context => {
    const { vendor } = await open(context, { trackSecret: null })
    assert.deepEqual(gapsOf(await vendor.check(never)), ['admin: secret of track events'])
  })

  it('S1 says which key is refused', async context => {
    const { vendor } = await open(context, { integrationKey: 'sandbox-secret' })
    const report = await vendor.check(never)
    assert.deepEqual([report.kind, report.kind === 'unknown' && report.code], ['unknown', 'PENDO_KEY_REFUSED'])
  })
})
