import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { examineHubSpot } from '../../services/doctor/hubspot.ts'
import { createHubSpotActivityReader } from '../../services/producers/hubspot/rest/activities.ts'
import { createHubSpotReader } from '../../services/producers/hubspot/rest/client.ts'
import { createHubSpotMarketingReader } from '../../services/producers/hubspot/rest/marketing.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { ALL_SCOPES } from '../../services/sandbox/hubspot/scopes.ts'
import { type HubSpotSandboxOptions, startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'

const never = new AbortController().signal
const reception = { takesWebhooks: true, publicUrl: 'https://hooks.example.com', isEmulated: false, appId: '42' }

const readerOf = async (context: TestContext, options: HubSpotSandboxOptions = {}, accessToken = 'sandbox') => {
  const sandbox = await startHubSpotSandbox(options)
  context.after(sandbox.close)
  return createHubSpotReader({ baseUrl: sandbox.url, accessToken, clock, metrics: createMetrics() })
}

describe('the examination of HubSpot', () => {
  const cases: readonly (readonly [given: Partial<typeof reception> | object, findings: readonly string[]])[] = [
    [{}, ['fine HUBSPOT_READABLE', 'fine HUBSPOT_WEBHOOKS_TAKEN']],
    [{ takesWebhooks: false }, ['fine HUBSPOT_READABLE', 'warning HUBSPOT_WEBHOOKS_REFUSED']],
    [{ publicUrl: null }, ['fine HUBSPOT_READABLE', 'problem HUBSPOT_WEBHOOKS_ADDRESS']],
    [{ publicUrl: null, isEmulated: true }, ['fine HUBSPOT_READABLE', 'fine HUBSPOT_WEBHOOKS_TAKEN']],
    [{ appId: null }, ['fine HUBSPOT_READABLE', 'fine HUBSPOT_WEBHOOKS_TAKEN', 'warning HUBSPOT_APP_UNKNOWN']],
  ]
  for (const [given, findings] of cases)
    it(`P7 finds ${findings.join(', ')} with ${JSON.stringify(given)}`, async context => {
      const found = await examineHubSpot(await readerOf(context), { ...reception, ...given }, never)
      assert.deepEqual(
        found.map(({ level, code }) => `${level} ${code}`),
        findings,
      )
    })

  it('P7 names the scope without which companies cannot be read', async context => {
    const scopes = ['crm.objects.contacts.read', 'crm.objects.contacts.write']
    const [missing] = await examineHubSpot(await readerOf(context, { scopes }), reception, never)
    assert.deepEqual([missing?.level, missing?.code], ['problem', 'HUBSPOT_SCOPES_MISSING'])
    assert.match(missing?.message ?? '', /companies.*crm\.objects\.companies\.read/)
  })

  const needed: readonly (readonly [without: string, what: RegExp, isNeeded: boolean])[] = [
    ['crm.objects.owners.read', /owners with 403.*scope crm\.objects\.owners\.read/, true],
    ['sales-email-read', /emails\.search with 403.*scope sales-email-read/, true],
    ['forms', /forms with 403.*scope forms/, true],
    ['content', /emails\.events with 403.*scope content/, true],
    ['analytics.behavioral_events.send', /nothing/, false],
  ]
  for (const [without, what, isNeeded] of needed)
    it(`T3 ${isNeeded ? 'names' : 'does not need'} the scope ${without} while tasks are shared`, async context => {
      const sandbox = await startHubSpotSandbox({ scopes: ALL_SCOPES.filter(scope => scope !== without) })
      context.after(sandbox.close)
      const options = { baseUrl: sandbox.url, accessToken: 'sandbox', clock, metrics: createMetrics() }
      const tasks = {
        owners: createHubSpotActivityReader(options),
        marketing: createHubSpotMarketingReader(options),
        taken: new Set(['submission', 'clicked'] as const),
      }
      const reader = createHubSpotReader(options)
      const [first] = await examineHubSpot(reader, reception, never, tasks)
      if (isNeeded) assert.match(first?.message ?? '', what)
      else assert.match(first?.message ?? '', /lets contacts, .*emails, owners, forms and events of e-mails be read/)
      const [alone] = await examineHubSpot(reader, reception, never)
      assert.equal(alone?.code, 'HUBSPOT_READABLE')
    })

  it('P7 fails with what is wrong with the token', async context => {
    await assert.rejects(examineHubSpot(await readerOf(context, {}, 'wrong'), reception, never), {
      code: 'HUBSPOT_TOKEN_REFUSED',
    })
  })
})
