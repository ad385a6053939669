import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { startSandboxes } from '../../services/commands/start/sandboxes.ts'
import { wantedServices } from '../../services/commands/start/services.ts'
import { startSystem } from '../../services/commands/start/start.ts'
import { loadConfig } from '../../services/runtime/config/config.ts'
import { ask } from '../asking.ts'
import { expectedSignatures, openHubSpotReceiver } from '../sandbox/hubspot-receiver.ts'
import { until } from '../sandbox/zoom-receiver.ts'

const folder = (context: TestContext): string => {
  const path = mkdtempSync(join(tmpdir(), 'sandboxes-'))
  context.after(() => rmSync(path, { recursive: true }))
  return path
}

const configOf = (context: TestContext, variables: Record<string, string>) =>
  loadConfig({ TRIBUTARY_DATA: folder(context), SANDBOX_PORT_BASE: '0', ...variables }, () => '')

describe('the emulated vendors of a process', () => {
  it('are those that are wanted and not looked for elsewhere', async context => {
    const elsewhere = { SALESFORCE_LOGIN_URL: 'http://127.0.0.1:9', PENDO_BASE_URL: 'http://127.0.0.1:9' }
    for (const [variables, names, running] of [
      [{}, [], ['HubSpot', 'Salesforce', 'Zoom', 'Pendo']],
      [elsewhere, [], ['HubSpot', 'Zoom']],
      [{}, ['sandbox-salesforce'], ['Salesforce']],
      [{}, ['sandbox-pendo'], ['Pendo']],
    ] as const) {
      const sandboxes = await startSandboxes(configOf(context, variables), wantedServices(names))
      await sandboxes.close()
      assert.deepEqual(Object.keys(sandboxes.pages), running)
    }
  })

  it('ask for SANDBOX_TOKEN, and their APIs answer only here while a vendor is real', async context => {
    const real = {
      ZOOM_WEBHOOK_SECRET: 'of-a-real-account',
      ERASURE_SECRET: 'secret-of-this-test',
      SANDBOX: 'hubspot,salesforce',
    }
    const apis = { HubSpot: '/crm/v3/objects/contacts', Salesforce: '/services/data/v60.0/limits' }
    for (const [variables, elsewhere] of [
      [{}, 200],
      [real, 403],
    ] as const) {
      const config = configOf(context, { SANDBOX_TOKEN: 'a-token-of-this-test', ...variables })
      const { pages, close } = await startSandboxes(config, wantedServices([]))
      context.after(close)
      for (const [vendor, api] of Object.entries(apis)) {
        const url = pages[vendor] ?? ''
        const headers = { authorization: 'Bearer sandbox' }
        assert.equal((await ask(`${url}/_sandbox/state`, headers)).status, 401, vendor)
        assert.equal((await ask(url + api, headers)).status, 200, vendor)
        assert.equal((await ask(url + api, { ...headers, host: 'by-another-name.example' })).status, elsewhere, vendor)
      }
    }
  })

  it('P7 HubSpot sends its webhooks to the ingest service, signed with the secret of the sandbox', async context => {
    const receiver = await openHubSpotReceiver(context)
    const config = configOf(context, { INGEST_PUBLIC_URL: receiver.url })
    const { pages, close } = await startSandboxes(config, wantedServices(['sandbox-hubspot']))
    context.after(close)
    const body = new URLSearchParams({ email: 'ada@example.com' })
    await fetch(`${pages['HubSpot']}/records/contacts`, { method: 'POST', body, redirect: 'manual' })
    await until(() => receiver.requests.length > 0, 'a webhook')
    for (const request of receiver.requests) {
      assert.equal(request.path, '/webhooks/hubspot')
      const { v3 } = expectedSignatures('sandbox-secret', receiver.host, request)
      assert.equal(request.headers['x-hubspot-signature-v3'], v3)
    }
  })

  it('that are named and not emulated here are refused at the start, with what to set', async context => {
    const real = { ERASURE_SECRET: 'secret-of-this-test' }
    for (const [variables, name, told] of [
      [
        { ...real, ZOOM_WEBHOOK_SECRET: 'w', SANDBOX: 'hubspot,segment' },
        'sandbox-pendo',
        /pendo is off: .* Set SANDBOX=hubspot,segment,pendo /,
      ],
      [
        { ...real, PENDO_INTEGRATION_KEY: 'k' },
        'sandbox-pendo',
        /pendo is real: PENDO_INTEGRATION_KEY is set\. Set SANDBOX=pendo /,
      ],
      [{ ...real, HUBSPOT_ACCESS_TOKEN: 't' }, 'sandbox-salesforce', /salesforce is off: .* Set SANDBOX=salesforce /],
      [
        { HUBSPOT_BASE_URL: 'http://127.0.0.1:9' },
        'sandbox-hubspot',
        /HUBSPOT_BASE_URL says .* Unset HUBSPOT_BASE_URL/,
      ],
      [{ ZOOM_BASE_URL: 'http://127.0.0.1:9' }, 'sandbox-zoom', /ZOOM_BASE_URL says /],
    ] as const) {
      const options = { signal: AbortSignal.timeout(10_000), say: () => undefined, onFatal: assert.fail }
      const config = configOf(context, variables)
      const wanted = wantedServices(['console', name])
      await assert.rejects(startSystem({ ...options, config, wanted }), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'SANDBOX_NOT_EMULATED')
        assert.match(error.message, new RegExp(`^${name} cannot run`))
        assert.match(error.message, told)
        return true
      })
    }
  })

  it('end again when a later one has no port', async context => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    context.after(() => blocker.close())
    const taken = (blocker.address() as AddressInfo).port
    const config = configOf(context, { SANDBOX_PORT_BASE: String(taken - 1) })
    await assert.rejects(startSandboxes(config, wantedServices([])), { code: 'PORT_IN_USE' })
    await assert.rejects(fetch(`http://127.0.0.1:${taken - 1}/_sandbox/state`))
  })
})
