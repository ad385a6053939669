import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { examinePendo } from '../../services/doctor/pendo.ts'
import { createPendoClient } from '../../services/producers/pendo/rest/client.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { openSubscription } from '../sandbox/pendo.ts'

const never = new AbortController().signal

describe('the examination of Pendo', () => {
  it('P8 says that it can be read, and where its webhooks are taken', async context => {
    const { url, clock } = await openSubscription(context)
    const client = createPendoClient({ baseUrl: url, integrationKey: 'sandbox', clock, metrics: createMetrics() })
    const webhookUrl = 'https://hooks.example.com/webhooks/pendo'
    const findings = await examinePendo({ client, takesWebhooks: true, webhookUrl }, never)
    assert.deepEqual(
      findings.map(({ level, code }) => `${level} ${code}`),
      ['fine PENDO_READABLE', 'fine PENDO_WEBHOOKS_TAKEN'],
    )
    assert.match(findings[1]?.message ?? '', /hooks\.example\.com/)
  })

  it('P8 warns of an empty subscription and of webhooks that are not taken', async () => {
    const client = { aggregate: () => Promise.resolve([]) }
    const findings = await examinePendo({ client, takesWebhooks: false, webhookUrl: null }, never)
    assert.deepEqual(
      findings.map(({ level, code }) => `${level} ${code}`),
      ['warning PENDO_EMPTY', 'warning PENDO_WEBHOOKS_REFUSED'],
    )
  })

  it('P8 fails with what is wrong with the key', async context => {
    const { url, clock } = await openSubscription(context)
    const client = createPendoClient({ baseUrl: url, integrationKey: 'wrong', clock, metrics: createMetrics() })
    await assert.rejects(examinePendo({ client, takesWebhooks: true, webhookUrl: null }, never), {
      code: 'PENDO_KEY_REFUSED',
    })
  })
})
