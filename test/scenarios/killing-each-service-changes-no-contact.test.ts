import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Platform } from '../../services/platform/platform.ts'
import { startZoomSandbox } from '../../services/sandbox/zoom/zoom-sandbox.ts'
import { deadLetters } from '../../topology/topics.ts'
import { atEnd } from './at-end.ts'
import type { Cluster } from './cluster.ts'
import { eventually } from './eventually.ts'
import { expectedAttendance } from './expected-attendance.ts'
import { launchServices, type Program, startServices } from './program.ts'
import type { Contact, EmulatedHubSpot, EmulatedZoom } from './sandboxes.ts'
import type { Settings } from './settings.ts'
import { openSystem, ownPlatform } from './system.ts'

const CONSUMING = ['hubspot', 'webinar-contact', 'webinar-attendance', 'webinar-registrations', 'identity-resolver']
/** Who is killed when so many of the recording's 709 webhooks were sent: from the end of the pipeline to its beginning, so that it has work then. */
const KILLS: readonly (readonly [sent: number, name: string])[] = [
  ...([
    [50, 'hubspot'],
    [110, 'webinar-contact'],
    [180, 'webinar-attendance'],
    [250, 'webinar-registrations'],
  ] as const),
  ...([
    [310, 'identity-resolver'],
    [370, 'ingest'],
    [460, 'kafka'],
  ] as const),
]
/** So many records or webhooks come while a service is dead: it was killed in mid-traffic. */
const MISSED = 3
/** The recording then takes three quarters of a minute. */
const SPEED = 1.3
/** Zoom's pauses between attempts are 5, 20 and 60 seconds: a busy machine takes its time to start what was killed. */
const RETRY_SCALE = 1 / 60

test('kill -9 of each service and of Kafka while a webinar runs changes no contact', async context => {
  const platform = await ownPlatform(context)
  const undisturbed = await openSystem(context, platform)
  const all = await startServices(context, [], undisturbed.settings)
  await undisturbed.zoom.play(20)
  await undisturbed.cluster.quiet()
  const expected = inWords(await undisturbed.hubspot.contacts())
  assertAttendance(expected)
  await all.end('SIGTERM')

  const { settings, zoom, hubspot, cluster } = await openSystem(context, platform)
  await startServices(context, ['sandbox-hubspot'], settings)
  await startPatientZoom(context, settings)
  const services = await startEach(context, settings)
  await zoom.beginToPlay(SPEED)
  for (const [webhooks, name] of KILLS) {
    await eventually(async () => assert.ok((await zoom.progress()).sent >= webhooks))
    if (name === 'kafka') await killKafkaInMidTraffic(zoom, platform)
    else if (name === 'ingest') await killIngestInMidTraffic(zoom, services)
    else await killInMidTraffic(cluster, services, name)
  }

  await zoom.played()
  const { sent, delivered } = await zoom.progress()
  assert.equal(delivered, sent, 'Zoom could deliver every webhook')
  await cluster.quiet()
  assert.deepEqual(inWords(await hubspot.contacts()), expected)
  await assertCreatedOnce(hubspot)
  assert.deepEqual(await cluster.records(deadLetters.name), [])
})

const startPatientZoom = async (context: TestContext, settings: Settings): Promise<void> => {
  const zoom = await startZoomSandbox({
    port: Number(settings['SANDBOX_PORT_BASE']) + 2,
    ingestUrl: `http://127.0.0.1:${settings['INGEST_PORT']}`,
    retryScale: RETRY_SCALE,
  })
  atEnd(context, () => zoom.close())
}

interface Services {
  kill(name: string): Promise<void>
  restart(name: string): void
}

/** Every service in a process of its own. */
const startEach = async (context: TestContext, settings: Settings): Promise<Services> => {
  const running = new Map<string, Program>()
  const restart = (name: string): void => void running.set(name, launchServices(context, [name], settings))
  for (const name of ['ingest', ...CONSUMING]) restart(name)
  await Promise.all([...running.values()].map(service => service.prints(/^Ready\./m)))
  return { restart, kill: async name => void (await running.get(name)?.end('SIGKILL')) }
}

const killInMidTraffic = async (cluster: Cluster, services: Services, name: string): Promise<void> => {
  await eventually(async () => assert.ok((await cluster.handledBy(name)) > 0, `${name} has begun to work`))
  await services.kill(name)
  await eventually(async () => assert.ok((await cluster.waitingFor(name)) >= MISSED, `records wait for ${name}`))
  services.restart(name)
}

const killIngestInMidTraffic = async (zoom: EmulatedZoom, services: Services): Promise<void> => {
  await services.kill('ingest')
  await untilWebhooksFail(zoom)
  services.restart('ingest')
}

/** The platform starts its broker again by itself. */
const killKafkaInMidTraffic = async (zoom: EmulatedZoom, { kafka }: Platform): Promise<void> => {
  kafka.kill('SIGKILL')
  await untilWebhooksFail(zoom)
  await kafka.ready()
}

/** Zoom goes on sending to what is dead. */
const untilWebhooksFail = async (zoom: EmulatedZoom): Promise<void> => {
  const before = await zoom.progress()
  await eventually(async () => {
    const { sent, delivered } = await zoom.progress()
    assert.ok(sent >= before.sent + MISSED, 'Zoom sends webhooks')
    assert.ok(delivered < sent, 'and they are not taken')
  })
}

type Words = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What people see of each contact, by address: all but HubSpot's own ids and times. */
const inWords = (contacts: readonly Contact[]): Words =>
  Object.fromEntries(
    contacts.map(({ properties }) => {
      const names = Object.keys(properties).filter(name => !/^(hs_(?!additional_emails)|createdate|lastmod)/.test(name))
      return [properties['email'], Object.fromEntries(names.sort().map(name => [name, properties[name]]))]
    }),
  )

/** The contacts say what was reckoned by hand. */
const assertAttendance = (contacts: Words): void => {
  for (const { email, status, minutes } of expectedAttendance()) {
    const attended = status === 'attended'
    const found = contacts[email]
    assert.equal(found?.['zoom_webinar_last_status'], status)
    assert.equal(found?.['zoom_webinar_attendance_count'], attended ? '1' : '0')
    assert.equal(found?.['zoom_webinar_last_attended_minutes'], attended ? String(minutes) : undefined)
  }
}

const assertCreatedOnce = async (hubspot: EmulatedHubSpot): Promise<void> => {
  const writes = await hubspot.writes()
  const created = writes.filter(({ operation }) => operation === 'create').map(({ properties }) => properties['email'])
  const exist = (await hubspot.contacts()).map(({ properties }) => properties['email'])
  assert.deepEqual(created.toSorted(), exist.toSorted())
}
