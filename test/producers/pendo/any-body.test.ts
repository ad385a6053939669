import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { isSignedByPendo } from '../../../services/producers/pendo/signature.ts'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { accounts, identityClaims, tracks, visitors } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'
import { anyJson, damagedJson, oddTexts } from '../../hostile/hostile-values.ts'
import { takeBody } from '../../hostile/targets/pendo-webhook.ts'
import { SAMPLES } from '../../sandbox/pendo.ts'
import { secret, signed, used, webhook } from './receiving.ts'

const samples = [
  used('Registered'),
  [used('Looked'), webhook('visitorCreated'), webhook('accountCreated')],
  webhook('pageLoaded', { properties: { pageId: 'p1', parameters: { a: 1 } } }),
  ...Object.values(SAMPLES.webhooks),
].map(body => JSON.stringify(body))

let codec: Codec
before(async () => {
  const topics = [visitors, accounts, tracks, identityClaims]
  codec = await createCodec({ registry: memoryRegistry(), topics, clock: manualClock(), register: true })
})

const holds = (bodies: fc.Arbitrary<string | Uint8Array>, numRuns: number): void =>
  fc.assert(
    fc.property(bodies, body => {
      takeBody(codec, Buffer.from(body as string))
    }),
    { numRuns },
  )

describe('the body of a Pendo webhook', () => {
  it('P8 of any bytes is taken, set aside or refused, and never breaks anything', () => {
    holds(fc.uint8Array({ maxLength: 500 }), 500)
  })

  it('P8 of any JSON, however deep or odd, too', () => {
    holds(anyJson, 300)
  })

  it('P8 that is one of Pendo, damaged, is written and read back the same, and happened no later than it came', () => {
    holds(damagedJson(samples), 1_000)
  })

  it('P8 with each odd value in each place, too', () => {
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
})

describe('the signature of Pendo', () => {
  it('P8 is right for the bytes and the secret that made it, and for no other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.boolean(), (bytes, place, isHex) => {
        const body = Buffer.from(bytes)
        const { 'x-pendo-signature': signature } = signed(body, secret, isHex ? 'hex' : 'base64')
        assert.ok(isSignedByPendo(secret, signature, body))
        assert.ok(!isSignedByPendo('another', signature, body))
        const other = Buffer.from(body)
        const at = place % other.length
        other[at] = (other[at] ?? 0) ^ 1
        assert.ok(!isSignedByPendo(secret, signature, other))
      }),
      { numRuns: 200 },
    )
  })

  for (const given of [
    undefined,
    '',
    'sha256=',
    ['a', 'b'],
    'f'.repeat(64),
    'A'.repeat(43),
    'ü'.repeat(64),
    'f'.repeat(65),
  ])
    it(`P8 is not ${JSON.stringify(given)}`, () => assert.ok(!isSignedByPendo(secret, given, Buffer.from('{}'))))
})
