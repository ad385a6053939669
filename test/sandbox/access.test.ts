import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { fillSampleOrg } from '../../services/commands/start/sample-org.ts'
import { startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'
import { startSalesforceSandbox } from '../../services/sandbox/salesforce/start.ts'
import type { VendorServer, VendorServerOptions } from '../../services/sandbox/vendor-server.ts'
import { startZoomSandbox } from '../../services/sandbox/zoom/zoom-sandbox.ts'
import { ask, basic } from '../asking.ts'

const TOKEN = 'a-token-of-this-test'
/** Of every emulated vendor. */
const READ = ['/', '/_sandbox/state', '/_sandbox/requests', '/_sandbox/writes', '/_sandbox/log']
const API = '/crm/v3/objects/contacts'
const CREDENTIAL = { authorization: 'Bearer sandbox' }

const vendors: Readonly<Record<string, (options: VendorServerOptions) => Promise<VendorServer>>> = {
  HubSpot: startHubSpotSandbox,
  Salesforce: startSalesforceSandbox,
  Zoom: options => startZoomSandbox({ ...options, ingestUrl: 'http://127.0.0.1:9' }),
}

const started = async (
  context: TestContext,
  start: (options: VendorServerOptions) => Promise<VendorServer>,
  options: VendorServerOptions,
): Promise<string> => {
  const server = await start(options)
  context.after(() => server.close())
  return server.url
}

const statuses = async (url: string, headers: Readonly<Record<string, string>>): Promise<ReadonlySet<number>> =>
  new Set(await Promise.all(READ.map(async path => (await ask(url + path, headers)).status)))

for (const [name, start] of Object.entries(vendors)) {
  describe(`the ${name} sandbox`, () => {
    it('asks for its token, if it has one, on every page and under /_sandbox', async context => {
      const url = await started(context, start, { token: TOKEN })
      assert.deepEqual(await statuses(url, {}), new Set([401]))
      assert.deepEqual(await statuses(url, CREDENTIAL), new Set([401]))
      assert.deepEqual(
        await statuses(url, { host: 'crm.example.com', authorization: basic('me', TOKEN) }),
        new Set([200]),
      )
      const reset = (headers: Record<string, string>) => ask(`${url}/_sandbox/reset`, headers, 'POST')
      assert.equal((await reset({})).status, 401)
      assert.equal((await reset({ authorization: `Bearer ${TOKEN}` })).status, 204)
    })

    it('without one gives nothing to a page that made its own name point here', async context => {
      const url = await started(context, start, {})
      assert.deepEqual(await statuses(url, { host: 'rebound.example.com' }), new Set([421]))
      assert.deepEqual(await statuses(url, { host: 'localhost' }), new Set([200]))
    })
  })
}

describe('what a page of others makes a browser send', () => {
  it('changes nothing, whether it comes with an Origin or is a form of another site', async context => {
    const url = await started(context, startHubSpotSandbox, {})
    for (const headers of [
      { origin: 'http://example.com' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    ])
      assert.equal((await ask(`${url}/_sandbox/reset`, headers, 'POST')).status, 403, JSON.stringify(headers))
    const own = { origin: url, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
    assert.equal((await ask(`${url}/_sandbox/reset`, own, 'POST')).status, 204)
  })
})

describe('the emulated API', () => {
  it('takes its own credential beside a token, from anywhere', async context => {
    const url = await started(context, startHubSpotSandbox, { token: TOKEN })
    assert.equal((await ask(url + API, { ...CREDENTIAL, host: 'crm.example.com' })).status, 200)
    assert.equal((await ask(url + API, {})).status, 401)
  })

  it('while a vendor is real answers programs of this machine only', async context => {
    const url = await started(context, startHubSpotSandbox, { token: TOKEN, apiOnlyHere: true })
    assert.equal((await ask(url + API, CREDENTIAL)).status, 200)
    assert.equal((await ask(url + API, { ...CREDENTIAL, host: 'rebound.example.com' })).status, 403)
  })

  it('without a token does not answer a page that made its own name point here', async context => {
    const url = await started(context, startHubSpotSandbox, {})
    assert.equal((await ask(url + API, { ...CREDENTIAL, host: 'rebound.example.com' })).status, 421)
  })
})

it('the sample is filled in beside a token', async context => {
  const url = await started(context, startSalesforceSandbox, { token: TOKEN })
  await assert.rejects(fillSampleOrg(url), /_sandbox\/convert and answered 401/)
  await fillSampleOrg(url, TOKEN)
  const { body } = await ask(`${url}/_sandbox/state`, { authorization: `Bearer ${TOKEN}` })
  assert.ok((JSON.parse(body) as { Contact: unknown[] }).Contact.length > 10)
})
