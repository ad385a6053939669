import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validationToken, webhookSignature } from '../../services/sandbox/zoom/delivery/signature.ts'

/** The vectors that Zoom's own receiver accepts. */
const SECRET = 'zoom-secret-token-for-tests'
const RAW_BODY =
  '{"event":"webinar.participant_joined","event_ts":1626230691572,"payload":{"account_id":"AAAAAABBBB","object":{"id":"1234567890","uuid":"4444AAAiAAAAAiAiAiiAii==","host_id":"x1yCzABCDEfg23HiJKl4mN","topic":"My Webinar","type":5,"start_time":"2021-07-13T21:44:51Z","duration":60,"timezone":"America/Los_Angeles","participant":{"user_id":"16778240","user_name":"Zoë Chill","id":"","join_time":"2021-07-13T21:44:51Z","email":"jchill@example.com","registrant_id":"abcdefghij0-klmnopq23456","participant_user_id":"","participant_uuid":"55555AAAiAAAAAiAiAiiAii"}}}}'

test('a webhook is signed as Zoom signs it, also with a name that is not ASCII', () => {
  const signature = webhookSignature(SECRET, '1626230692', RAW_BODY)
  assert.equal(signature, 'v0=6269921db3dea68e56018adb08a52b6a462900dc268fc3ee41cdce7d00ad3abd')
})

test('the challenge of the endpoint validation is signed as Zoom expects it', () => {
  const token = validationToken(SECRET, 'qgg8vlvZRS6UYooatFL8Aw')
  assert.equal(token, '9d644a9fdedca2004fd16a8fa586497eb15eb3fc2fedf6dd3b0c4748fb78d655')
})
