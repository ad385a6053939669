/*
 * Guard: services/producers/zoom/times.ts
 * - if (time !== null) return Math.min(time, receivedAt)
 * + if (time !== null) return time
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Codec } from '../../services/runtime/codec.ts'
import { anyJson, damagedJson, oddTexts } from './hostile-values.ts'
import { takeWebhook, webhookCodec } from './targets/zoom-webhook.ts'

const samples = Object.values(
  JSON.parse(readFileSync(new URL('../sandbox/zoom-webhook-samples.json', import.meta.url), 'utf8')) as object,
).map(body => JSON.stringify(body))

let codec: Codec
before(async () => {
  codec = await webhookCodec()
})

/** `takeWebhook` fails when mapping throws, when what is written is read back otherwise, or when something happened later than it came. */
const holds = (bodies: fc.Arbitrary<string | Uint8Array>, numRuns: number): void =>
  fc.assert(
    fc.property(bodies, body => {
      takeWebhook(codec, Buffer.from(body as string))
    }),
    { numRuns },
  )

describe('the body of a webhook', () => {
  it('of any bytes is taken, set aside or refused, and never breaks anything', () => {
    holds(fc.uint8Array({ maxLength: 500 }), 500)
  })

  it('of any JSON, however deep or odd, too', () => {
    holds(anyJson, 300)
  })

  it('that is one of Zoom, damaged, is written and read back the same, and happened no later than it came', () => {
    holds(damagedJson(samples), 1_000)
  })

  it('with each odd value in each place, too', () => {
    let [taken, places] = [0, 0]
    for (const sample of samples) {
      for (const match of sample.matchAll(/:("(?:[^"\\]|\\.)*"|-?\d+|true|false|null)(?=[,}])/g)) {
        places += 1
        // Fields come again in other samples: each takes another part of the values.
        for (const odd of oddTexts.filter((_, index) => index % 4 === places % 4)) {
          const [found] = match
          const body = `${sample.slice(0, match.index)}:${odd}${sample.slice(match.index + found.length)}`
          if (takeWebhook(codec, Buffer.from(body))) taken += 1
        }
      }
    }
    assert.ok(taken > 300, `only ${taken} were taken`)
  })

  it('of which a key comes twice says what its last one says', () => {
    const [sample = ''] = samples
    const twice = sample.replace('"topic":', '"topic":"first","topic":"second","_":')
    assert.equal(takeWebhook(codec, Buffer.from(twice))?.records[0]?.topic, 'second')
  })
})
