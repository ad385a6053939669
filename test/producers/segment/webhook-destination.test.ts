import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { checkClaim } from '../../../services/identity/claims.ts'
import { isSignedBySegment } from '../../../services/producers/segment/webhook-destination.ts'
import { receivedAt, type Serving, startServing, webhookSecret } from './serving.ts'

const sign = (signed: string, secret = webhookSecret): string => createHmac('sha1', secret).update(signed).digest('hex')
const event = {
  type: 'track',
  event: 'Registered',
  userId: 'u1',
  messageId: 'm1',
  timestamp: '2026-11-22T01:00:00.000Z',
}

describe('S5 Segment’s webhook destination', () => {
  let serving: Serving
  before(async () => {
    serving = await startServing()
  })
  after(() => serving.close())
  const deliver = async (body: unknown, signature?: string) => {
    const text = JSON.stringify(body)
    const signed = Array.isArray(body) ? JSON.stringify(body[0]) : text
    return await serving.post('/webhooks/segment', text, {
      'content-type': 'application/json',
      'user-agent': 'Segment.io/1.0',
      'x-signature': signature ?? sign(signed),
    })
  }

  it('knows the signature of the facts', () => {
    const body = Buffer.from(
      '{"type":"track","event":"Registered","userId":"u1","messageId":"m1","timestamp":"2026-01-02T03:04:05.678Z","properties":{"plan":"Pro"}}',
    )
    const signature = '7795b68c6cd9a6527dc5c3f612562b8c0d1001df'
    assert.ok(isSignedBySegment('segment-shared-secret', signature, body, JSON.parse(body.toString())))
    assert.ok(!isSignedBySegment('segment-shared-secret', signature, Buffer.from(`${body} `), {}))
  })

  it('has its message taken, with the time that Segment has corrected already', async () => {
    const answer = await deliver({
      ...event,
      originalTimestamp: '2026-11-22T02:30:00.000Z',
      sentAt: '2026-11-22T02:31:00.000Z',
      receivedAt: '2026-11-22T01:01:00.000Z',
    })
    assert.deepEqual([answer.status, await answer.json()], [200, { success: true }])
    const [track] = await serving.tracks()
    assert.deepEqual([track?.source, track?.occurredAt], ['segment:webhook', Date.parse(event.timestamp)])
  })

  it('has all messages of a list taken, of which the first is signed', async () => {
    const list = ['2', '3'].map(id => ({ ...event, messageId: id }))
    assert.equal((await deliver(list)).status, 200)
    assert.equal((await serving.tracks()).length, 3)
  })

  it('changes nothing when it comes again', async () => {
    assert.equal((await deliver(event)).status, 200)
    assert.equal((await serving.tracks()).length, 3)
  })

  it('is refused when it is not signed so', async () => {
    const publishes = serving.publishes()
    const other = { ...event, messageId: 'forged' }
    for (const signature of ['', 'nonsense', sign(JSON.stringify(event)), sign(JSON.stringify(other), 'guess')]) {
      const answer = await deliver(other, signature)
      assert.equal(answer.status, 401)
      assert.match(await answer.text(), /SEGMENT_SIGNATURE_INVALID/)
    }
    assert.equal((await deliver([other, event], sign(JSON.stringify(event)))).status, 401)
    assert.equal(serving.publishes(), publishes)
  })

  it('K9 forgets the user whom Segment forgets, by the user id alone', async () => {
    const erasure = {
      type: 'delete',
      channel: 'server',
      messageId: 'd1',
      userId: 'u9',
      anonymousId: 'shared',
      context: {},
    }
    assert.equal((await deliver({ ...erasure, timestamp: '2026-11-22T01:10:00.000Z' })).status, 200)
    const claims = (await serving.claims()).filter(({ kind }) => kind === 'ERASE')
    assert.deepEqual(claims, [
      {
        id: 'segment:d1:erase',
        time: Date.parse('2026-11-22T01:10:00.000Z'),
        kind: 'ERASE',
        aliases: ['user:u9'],
        attributes: {},
        source: 'segment:webhook',
      },
    ])
    for (const claim of claims) assert.doesNotThrow(() => checkClaim(claim))
  })

  it('K9 keeps an erasure that names nobody as a dead letter', async () => {
    assert.equal((await deliver({ type: 'delete', messageId: 'd2', anonymousId: 'a' })).status, 200)
    assert.deepEqual(
      (await serving.letters()).map(({ code }) => code),
      ['SEGMENT_MESSAGE_BROKEN'],
    )
  })

  it('is told to come back when Kafka is away, as Segment repeats it: 503', async () => {
    serving.behave('down')
    assert.equal((await deliver({ ...event, messageId: 'later' })).status, 503)
    serving.behave('up')
    assert.equal((await deliver({ ...event, messageId: 'later' })).status, 200)
    assert.ok((await serving.tracks()).every(({ occurredAt }) => occurredAt <= receivedAt))
  })

  it('is not there without its secret', async () => {
    const without = await startServing({ webhookSecret: null })
    assert.equal((await without.post('/webhooks/segment', '{}', { 'x-signature': sign('{}') })).status, 404)
    await without.close()
  })
})
