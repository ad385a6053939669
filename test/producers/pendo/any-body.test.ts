import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isSignedByPendo } from '../../../services/producers/pendo/signature.ts'
import { describeAnyWebhookBody } from '../../hostile/any-webhook-body.ts'
import { takeBody } from '../../hostile/targets/pendo-webhook.ts'
import { SAMPLES } from '../../sandbox/pendo.ts'
import { secret, signed, used, webhook } from './receiving.ts'

const samples = [
  used('Registered'),
  [used('Looked'), webhook('visitorCreated'), webhook('accountCreated')],
  webhook('pageLoaded', { properties: { pageId: 'p1', parameters: { a: 1 } } }),
  ...Object.values(SAMPLES.webhooks),
].map(body => JSON.stringify(body))

describeAnyWebhookBody({ vendor: 'Pendo', row: 'P8', samples, take: takeBody })

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
