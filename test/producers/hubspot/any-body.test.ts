import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { describeAnyWebhookBody } from '../../hostile/any-webhook-body.ts'
import { damagedJson } from '../../hostile/hostile-values.ts'
import { hubspotSamples, takeBody } from '../../hostile/targets/hubspot-webhook.ts'
import { startReceiver } from './receiving.ts'

const samples = hubspotSamples.map(body => JSON.stringify(body))

describeAnyWebhookBody({ vendor: 'HubSpot', row: 'P7', samples, take: takeBody })

describe('what comes of a HubSpot webhook', () => {
  it('P7 loses no item: each is told, known, passed over and counted, or set aside', async context => {
    const receiver = await startReceiver(context)
    const counted = async (): Promise<number> => {
      const outcomes = ['produced', 'repeated', 'dead-letter', 'ignored', 'echo']
      const counts = outcomes.map(outcome => receiver.metrics.value('tributary_messages_total', { outcome }))
      return (await Promise.all(counts)).reduce((sum: number, count) => sum + Number(count), 0)
    }
    await fc.assert(
      fc.asyncProperty(damagedJson(samples), async body => {
        const before = await counted()
        const { status } = await receiver.post(body)
        const items: unknown = status === 200 ? JSON.parse(body) : []
        assert.equal((await counted()) - before, Array.isArray(items) ? items.length : 1)
      }),
      { numRuns: 100 },
    )
  })
})
