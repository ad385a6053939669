/*
 * Guard: services/producers/zoom/webhooks.ts
 * - if (!isSignedByZoom(account.webhookSecret, single(timestamp), single(signature), request.body)) return unsigned
 * +
 */
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { deadLetters, identityClaims, webinars } from '../../../topology/topics.ts'
import { startTestKafka } from '../../kafka.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { scenario } from '../scenario.ts'
import { openSystem } from '../system.ts'
import { attendee, webinarCalled } from '../webinar-in-zoom.ts'

const SECRET = 'sandbox-secret'
const TIMESTAMP = '1789000000'

scenario(
  {
    id: '33',
    sentence: 'a webhook that Zoom did not sign so is answered with 401 and produces nothing',
    faults: 'forged, absent, downgraded and foreign signatures, changed bodies and times, an unsigned validation',
  },
  async context => {
    const cluster = await startTestKafka()
    atEnd(context, () => cluster.stop())
    const system = await openSystem(context, cluster)
    await startHere(context, ['ingest'], system.settings)
    const post = poster(system.settings['INGEST_PORT'] ?? '')
    const body = JSON.stringify(webinarCalled('Forged').registered(attendee('Mallory', 'Ward')))
    const forged = forgeries(body)
    for (const [how, { headers, sent = body }] of Object.entries(forged)) {
      const { status, text } = await post(headers, sent)
      assert.equal(status, 401, how)
      assert.doesNotMatch(text, /encryptedToken/, how)
    }
    const produced = async (): Promise<number> => {
      const topics = [webinars.name, identityClaims.name, deadLetters.name]
      return (await Promise.all(topics.map(system.cluster.records))).flat().length
    }
    assert.equal(await produced(), 0)
    // The same bytes with Zoom's signature are taken: it was the signature that they lacked.
    await eventually(async () => assert.equal((await post(signed(body), body)).status, 200))
    assert.ok((await produced()) > 0)
    return { events: Object.keys(forged).length, lost: 0, duplicated: 0 }
  },
)

type Headers = Readonly<Record<string, string>>

interface Forgery {
  readonly headers: Headers
  /** The signed body when not given. */
  readonly sent?: string
}

const forgeries = (body: string): Readonly<Record<string, Forgery>> => {
  const { 'x-zm-signature': signature = '', 'x-zm-request-timestamp': timestamp = '' } = signed(body)
  const hex = signature.slice('v0='.length)
  const under = (value: string): Headers => ({ 'x-zm-request-timestamp': timestamp, 'x-zm-signature': value })
  const validation = JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken: 'token' } })
  return {
    'no signature': { headers: { 'x-zm-request-timestamp': timestamp } },
    'no time': { headers: { 'x-zm-signature': signature } },
    'neither, as before signatures': { headers: { authorization: SECRET } },
    'an empty signature': { headers: under('') },
    'another secret': { headers: signed(body, 'not-the-secret') },
    'an empty secret': { headers: signed(body, '') },
    'the bare hash': { headers: under(hex) },
    'another version': { headers: under(`v1=${hex}`) },
    'a plain hash, as HubSpot v1': { headers: under(createHash('sha256').update(SECRET).update(body).digest('hex')) },
    'a plain hash under v0': {
      headers: under(
        `v0=${createHash('sha256')
          .update(SECRET + body)
          .digest('hex')}`,
      ),
    },
    'a weaker hash': {
      headers: under(`v0=${createHmac('sha1', SECRET).update(`v0:${timestamp}:${body}`).digest('hex')}`),
    },
    'the body alone': { headers: under(`v0=${createHmac('sha256', SECRET).update(body).digest('hex')}`) },
    'half of it': { headers: under(signature.slice(0, -32)) },
    'more than it': { headers: under(`${signature}00`) },
    'two of them': { headers: under(`${signature}, ${signature}`) },
    'another time': { headers: { ...signed(body), 'x-zm-request-timestamp': String(Number(timestamp) + 1) } },
    'another body': { headers: signed(body), sent: body.replace('Mallory', 'Mallorx') },
    'one more space': { headers: signed(body), sent: `${body} ` },
    'no body': { headers: signed(body), sent: '' },
    'an unsigned validation': { headers: { 'x-zm-request-timestamp': timestamp }, sent: validation },
  }
}

const signed = (body: string, secret = SECRET): Headers => ({
  'x-zm-request-timestamp': TIMESTAMP,
  'x-zm-signature': `v0=${createHmac('sha256', secret).update(`v0:${TIMESTAMP}:${body}`).digest('hex')}`,
})

const poster =
  (port: string) =>
  async (headers: Headers, body: string): Promise<{ readonly status: number; readonly text: string }> => {
    const answer = await fetch(`http://127.0.0.1:${port}/webhooks/zoom`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return { status: answer.status, text: await answer.text() }
  }
