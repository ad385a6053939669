import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { headersOf } from '../../services/sandbox/zoom/delivery/wire.ts'
import { startZoomSandbox } from '../../services/sandbox/zoom/zoom-sandbox.ts'
import { deadLetters, hubspotWrites, identityClaims, webinars } from '../../topology/topics.ts'
import { startTestKafka } from '../kafka.ts'
import { atEnd } from './at-end.ts'
import type { Cluster } from './cluster.ts'
import { eventually } from './eventually.ts'
import { type Program, startServices } from './program.ts'
import type { EmulatedHubSpot } from './sandboxes.ts'
import type { Settings } from './settings.ts'
import { openSystem } from './system.ts'
import { type Attendee, attendee, webinarCalled, ZOOM_ACCOUNT_ID } from './webinar-in-zoom.ts'

const SECRETS = [
  ...['ERASURE_SECRET', 'ZOOM_WEBHOOK_SECRET', 'ZOOM_CLIENT_SECRET', 'HUBSPOT_ACCESS_TOKEN', 'HUBSPOT_CLIENT_SECRET'],
  'SCHEMA_REGISTRY_AUTH',
] as const
const ADDRESS = /[\w.+-]+@[\w-]+(\.[\w-]+)+/g
/** HubSpot refuses it and repeats it in its answer. */
const REFUSED: Attendee = { ...attendee('Refused', 'Address'), email: 'refused;address@example.com' }
const LEAKING = 'leaked@example.com'
/** Their writes about the contact that HubSpot refused wait ten minutes for it. */
const WAITING = ['hubspot-events', 'hubspot-marketing']
/** Nobody listens there. */
const NO_ZOOM = 'http://127.0.0.1:9'

test('no address and no secret reaches a log, a metric, the console or the reason of a dead letter', async context => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  const { settings: own, cluster, hubspot } = await openSystem(context, kafka)
  const zoomAccount = { ZOOM_ACCOUNT_ID, ZOOM_BASE_URL: NO_ZOOM, ZOOM_TOKEN_URL: NO_ZOOM }
  const settings = { ...own, ...ownSecrets(), LOG_LEVEL: 'debug', SANDBOX: 'hubspot,salesforce', ...zoomAccount }
  const services = await startServices(context, [], settings)

  await hubspotMisbehaves(hubspot)
  await sendBadWebhooks(settings)
  await appendPoison(cluster)
  await playRecording(context, settings)
  const letters = ['ZOOM_WEBHOOK_BROKEN', 'UNDECODABLE', 'INVALID_EMAIL']
  await eventually(async () => assert.deepEqual(await missingCodes(cluster, letters), []))
  await cluster.quiet(WAITING)

  const said = { ...(await publishedBy(settings)), ...(await reasonsOf(cluster)) }
  await services.end('SIGTERM')
  const everything = { ...said, stdout: services.stdout(), stderr: services.stderr() }
  assertTold(services, said)
  for (const [place, text] of Object.entries(everything)) assert.deepEqual(leaksIn(text, settings), [], place)
})

/** A secret of its own for each setting. */
const ownSecrets = (): Settings => ({
  ...Object.fromEntries(SECRETS.map(name => [name, randomBytes(24).toString('hex')])),
  SCHEMA_REGISTRY_AUTH: `registry-user:${randomBytes(24).toString('hex')}`,
  ZOOM_CLIENT_ID: 'client-of-the-scenario',
})

/** HubSpot answers with errors that repeat what it was sent, as it does. */
const hubspotMisbehaves = async (hubspot: EmulatedHubSpot): Promise<void> => {
  const path = '/crm/v3/objects/contacts/batch'
  const message = `Contact ${LEAKING} cannot be taken`
  for (const status of [500, 429, 403, 400]) {
    const answer = { status, body: { status: 'error', message, category: `CATEGORY_${status}`, correlationId: 'c' } }
    await hubspot.call('POST', '/_sandbox/faults', { match: { method: 'POST', path }, answer })
  }
}

const sendBadWebhooks = async (settings: Settings): Promise<void> => {
  const secret = settings['ZOOM_WEBHOOK_SECRET'] ?? ''
  const registration = webinarCalled('Bad webhooks').registered({ ...REFUSED, email: LEAKING })
  const { registrant, ...rest } = registration.payload.object as { registrant: object }
  const broken = { ...registration, payload: { object: { ...rest, registrant: { ...registrant, id: null } } } }
  const bodies = [
    JSON.stringify(broken),
    JSON.stringify({ ...registration, event: `webinar.${LEAKING}` }),
    JSON.stringify({ ...registration, payload: { ...registration.payload, account_id: LEAKING } }),
    `{"event": "${LEAKING}`,
    LEAKING.repeat(60_000),
  ]
  const accepted = JSON.stringify(webinarCalled('Refused by HubSpot').registered(REFUSED))
  const base = `http://127.0.0.1:${settings['INGEST_PORT']}/webhooks`
  const statuses = [
    ...(await Promise.all([accepted, ...bodies].map(body => post(`${base}/zoom`, body, secret)))),
    await post(`${base}/zoom`, accepted, 'another secret'),
    await post(`${base}/zoom/${LEAKING}`, accepted, secret),
    await post(`${base}/${LEAKING}?secret=${secret}`, accepted, secret),
  ]
  assert.deepEqual(statuses, [200, 200, 200, 403, 400, 413, 401, 404, 404])
}

const post = async (url: string, body: string, secret: string): Promise<number> => {
  const answer = await fetch(url, { method: 'POST', body, headers: headersOf(secret, body, randomUUID(), Date.now()) })
  await answer.arrayBuffer()
  return answer.status
}

/** Bytes that nobody can read, where a consumer, the resolver and the sink read. */
const appendPoison = async (cluster: Cluster): Promise<void> => {
  const publisher = await cluster.kafka.publisher('scenario')
  const value = Buffer.from(`\0\0\0\0\x01${LEAKING}`)
  const topics = [webinars, identityClaims, hubspotWrites].map(({ name }) => name)
  await publisher.publish(topics.map(topic => ({ topic, partition: 0, key: LEAKING, value })))
  await publisher.close()
}

/** The emulated Zoom of this test, which has the real secret. */
const playRecording = async (context: TestContext, settings: Settings): Promise<void> => {
  const zoom = await startZoomSandbox({
    ingestUrl: `http://127.0.0.1:${settings['INGEST_PORT']}`,
    secret: settings['ZOOM_WEBHOOK_SECRET'],
    accountId: ZOOM_ACCOUNT_ID,
  })
  atEnd(context, () => zoom.close())
  const { sent, delivered } = await zoom.playRecording({ file: 'product-webinar', speed: 60 })
  assert.equal(delivered, sent)
}

const headersOfLetters = async (cluster: Cluster): Promise<readonly Readonly<Record<string, string>>[]> =>
  (await cluster.records(deadLetters.name)).map(({ headers }) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()])),
  )

const missingCodes = async (cluster: Cluster, expected: readonly string[]): Promise<readonly string[]> => {
  const codes = (await headersOfLetters(cluster)).map(headers => headers['error.code'])
  return expected.filter(code => !codes.includes(code))
}

const reasonsOf = async (cluster: Cluster): Promise<Readonly<Record<string, string>>> => ({
  deadLetters: JSON.stringify(await headersOfLetters(cluster)),
})

/** What the console publishes, by path. */
const publishedBy = async (settings: Settings): Promise<Readonly<Record<string, string>>> => {
  const paths = ['/', '/api/status', '/metrics', '/healthz', '/readyz']
  const texts = paths.map(async path => (await fetch(`http://127.0.0.1:${settings['CONSOLE_PORT']}${path}`)).text())
  return Object.fromEntries((await Promise.all(texts)).map((text, index) => [paths[index], text]))
}

/** What was looked through did tell of all that went wrong; else nothing would be found in it either. */
const assertTold = (services: Program, said: Readonly<Record<string, string>>): void => {
  assert.match(services.stderr(), /"level":20,/)
  assert.match(services.stderr(), /the sink is paused/)
  assert.match(said['/metrics'] ?? '', /tributary_webhooks_total\{vendor="zoom",outcome="unsigned"\} 1/)
  assert.match(said['/api/status'] ?? '', /"deadLetters":[1-9]/)
}

const leaksIn = (text: string, settings: Settings): readonly string[] => {
  const secrets = SECRETS.flatMap(name => (settings[name] ?? '').split(':')).filter(secret => secret.length > 20)
  return [...new Set([...(text.match(ADDRESS) ?? []), ...secrets.filter(secret => text.includes(secret))])]
}
