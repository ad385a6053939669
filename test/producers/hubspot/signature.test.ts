import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import hubspot from '@hubspot/api-client'
import fc from 'fast-check'
import { hubSpotSignature, isSignedByHubSpot } from '../../../services/producers/hubspot/signature.ts'
import { changed, receivedAt, secret, startReceiver } from './receiving.ts'

/** What the official client, written by others, makes of the same request. It takes the address as HubSpot signs it. */
const official = (url: string, requestBody: string, timestamp: number): string =>
  hubspot.Signature.getSignature('POST', 'v3', { clientSecret: secret, requestBody, url, timestamp, signature: '' })

const request = (uri: string, body: string, timestamp: number) => ({
  ...{ method: 'POST', uri, body: Buffer.from(body), timestamp: String(timestamp) },
  signature: official(uri, body, timestamp),
})

describe('the signature of HubSpot', () => {
  it('P7 is what the official client makes of any address, body and time', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.string(), fc.nat(), (uri, body, timestamp) => {
        fc.pre(!/%/.test(uri))
        const made = hubSpotSignature(secret, { ...request(uri, body, timestamp), timestamp: String(timestamp) })
        assert.equal(made, official(uri, body, timestamp))
      }),
      { numRuns: 100 },
    )
  })

  const addresses: readonly (readonly [called: string, signed: string])[] = [
    ['https://a.example/w?to=%3A%2F%3F%40', 'https://a.example/w?to=:/?@'],
    ['https://a.example/w?x=%21%24%27%28%29%2A%2C%3B', "https://a.example/w?x=!$'()*,;"],
    ['https://a.example/w?x=%2f%3a', 'https://a.example/w?x=/:'],
    ['https://a.example/w?x=%20%25%26%3D%C3%A9', 'https://a.example/w?x=%20%25%26%3D%C3%A9'],
    ['https://a.example/w?a=1&b=2', 'https://a.example/w?a=1&b=2'],
  ]
  for (const [called, signed] of addresses)
    it(`P7 is over ${signed} when HubSpot calls ${called}`, () => {
      const given = { ...request(signed, '[]', receivedAt), uri: called }
      assert.ok(isSignedByHubSpot(secret, given, receivedAt))
    })

  it('P7 is for its own method, address, body, time and secret, and no other', () => {
    const good = request('https://a.example/webhooks/hubspot', '[{"eventId":1}]', receivedAt)
    assert.ok(isSignedByHubSpot(secret, good, receivedAt))
    assert.ok(!isSignedByHubSpot('another', good, receivedAt))
    for (const other of [
      { method: 'PUT' },
      { uri: 'http://a.example/webhooks/hubspot' },
      { uri: 'https://a.example/webhooks/hubspot?' },
      { body: Buffer.from('[{"eventId":2}]') },
      { timestamp: String(receivedAt + 1) },
    ])
      assert.ok(!isSignedByHubSpot(secret, { ...good, ...other }, receivedAt), Object.keys(other).join())
  })

  const window = 5 * 60_000
  for (const [age, isTaken] of [
    [0, true],
    [window, true],
    [window + 1, false],
    [-window, true],
    [-window - 1, false],
  ] as const)
    it(`34 P7 that is ${age} ms old is ${isTaken ? 'taken' : 'refused'}`, () => {
      const given = request('https://a.example/', '[]', receivedAt - age)
      assert.equal(isSignedByHubSpot(secret, given, receivedAt), isTaken)
    })

  for (const odd of [undefined, '', 'soon', '1e12', '-1', ' 1787650000000', ['1'], '9'.repeat(20), '١٢٣'])
    it(`P7 is none with the time ${JSON.stringify(odd)} or the signature ${JSON.stringify(odd)}`, () => {
      const good = request('https://a.example/', '[]', receivedAt)
      assert.ok(!isSignedByHubSpot(secret, { ...good, timestamp: odd }, receivedAt))
      assert.ok(!isSignedByHubSpot(secret, { ...good, signature: odd }, receivedAt))
    })
})

describe('a webhook of HubSpot', () => {
  const body = [changed('firstname', 'Ada')]

  it('P7 is signed over the host that was called, when no public address is known', async context => {
    const receiver = await startReceiver(context, { path: '/webhooks/hubspot?from=hub%2Fspot' })
    assert.equal((await receiver.post(body)).status, 200)
  })

  it('P7 is signed over the public address, whatever host the proxy calls', async context => {
    const receiver = await startReceiver(context, { publicUrl: 'https://hooks.example.com/in' })
    assert.equal((await receiver.post(body)).status, 200)
    const other = await startReceiver(context)
    assert.equal((await other.post(body, receiver.signed(body))).status, 401)
  })
})
