import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isSignedByZoom, urlValidationAnswer, zoomSignature } from '../../../services/producers/zoom/signature.ts'

/** Vectors that Zoom's own receiver (@zoom/rivet 0.4.0) accepts: facts/specs/signatures/signature-vectors.json. */
const secret = 'zoom-secret-token-for-tests'
const timestamp = '1626230692'
const body = Buffer.from(
  '{"event":"webinar.participant_joined","event_ts":1626230691572,"payload":{"account_id":"AAAAAABBBB","object":{"id":"1234567890","uuid":"4444AAAiAAAAAiAiAiiAii==","host_id":"x1yCzABCDEfg23HiJKl4mN","topic":"My Webinar","type":5,"start_time":"2021-07-13T21:44:51Z","duration":60,"timezone":"America/Los_Angeles","participant":{"user_id":"16778240","user_name":"Zoë Chill","id":"","join_time":"2021-07-13T21:44:51Z","email":"jchill@example.com","registrant_id":"abcdefghij0-klmnopq23456","participant_user_id":"","participant_uuid":"55555AAAiAAAAAiAiAiiAii"}}}}',
)
const signature = 'v0=6269921db3dea68e56018adb08a52b6a462900dc268fc3ee41cdce7d00ad3abd'

it('the signature of the vector is found and accepted', () => {
  assert.equal(zoomSignature(secret, timestamp, body), signature)
  assert.ok(isSignedByZoom(secret, timestamp, signature, body))
})

it('url_validation is answered as in the vector', () => {
  assert.deepEqual(urlValidationAnswer(secret, 'qgg8vlvZRS6UYooatFL8Aw'), {
    plainToken: 'qgg8vlvZRS6UYooatFL8Aw',
    encryptedToken: '9d644a9fdedca2004fd16a8fa586497eb15eb3fc2fedf6dd3b0c4748fb78d655',
  })
})

const reordered = Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(body.toString())).reverse())))

for (const [what, args] of [
  ['without a signature', [secret, timestamp, undefined, body]],
  ['with an empty signature', [secret, timestamp, '', body]],
  ['without a timestamp', [secret, undefined, signature, body]],
  ['with another timestamp', [secret, '1626230693', signature, body]],
  ['with another secret', ['another', timestamp, signature, body]],
  ['without the version', [secret, timestamp, signature.slice(3), body]],
  ['with another version', [secret, timestamp, signature.replace('v0', 'v1'), body]],
  ['cut short', [secret, timestamp, signature.slice(0, -1), body]],
  ['with more behind it', [secret, timestamp, `${signature}0`, body]],
  ['in upper case', [secret, timestamp, signature.toUpperCase(), body]],
  ['over the same JSON in another order', [secret, timestamp, signature, reordered]],
  ['over one byte more', [secret, timestamp, signature, Buffer.concat([body, Buffer.from(' ')])]],
  ['over an empty body', [secret, timestamp, signature, Buffer.alloc(0)]],
] as [string, Parameters<typeof isSignedByZoom>][]) {
  it(`a signature ${what} is refused`, () => assert.equal(isSignedByZoom(...args), false))
}
