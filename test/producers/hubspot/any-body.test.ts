import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { accounts, identityClaims, visitors } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'
import { anyJson, damagedJson, oddTexts } from '../../hostile/hostile-values.ts'
import { hubspotSamples, takeBody } from '../../hostile/targets/hubspot-webhook.ts'
import { startReceiver } from './receiving.ts'

const samples = hubspotSamples.map(body => JSON.stringify(body))

let codec: Codec
before(async () => {
  const topics = [visitors, accounts, identityClaims]
  codec = await createCodec({ registry: memoryRegistry(), topics, clock: manualClock(), register: true })
})

const holds = (bodies: fc.Arbitrary<string | Uint8Array>, numRuns: number): void =>
  fc.assert(
    fc.property(bodies, body => {
      takeBody(codec, Buffer.from(body as string))
    }),
    { numRuns },
  )

describe('the body of a HubSpot webhook', () => {
  it('P7 of any bytes is taken, set aside or refused, and never breaks anything', () => {
    holds(fc.uint8Array({ maxLength: 500 }), 500)
  })

  it('P7 of any JSON, however deep or odd, too', () => {
    holds(anyJson, 300)
  })

  it('P7 that is one of HubSpot, damaged, is written and read back the same, and happened no later than it came', () => {
    holds(damagedJson(samples), 1_000)
  })

  it('P7 with each odd value in each place, too', () => {
    let [taken, places] = [0, 0]
    for (const sample of samples) {
      for (const match of sample.matchAll(/:("(?:[^"\\]|\\.)*"|-?\d+|true|false|null)(?=[,}])/g)) {
        places += 1
        const [found] = match
        for (const odd of oddTexts.filter((_, index) => index % 2 === places % 2)) {
          const body = `${sample.slice(0, match.index)}:${odd}${sample.slice(match.index + found.length)}`
          taken += takeBody(codec, Buffer.from(body))
        }
      }
    }
    assert.ok(taken > 100, `only ${taken} were taken`)
  })

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
