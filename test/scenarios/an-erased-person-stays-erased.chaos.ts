import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestKafka } from '../kafka.ts'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { runProgram, startServices } from './program.ts'
import { openSystem } from './system.ts'
import { rowsWith, tracesOf } from './traces.ts'
import { type Attendee, attendee, senderTo, webinarCalled } from './webinar-in-zoom.ts'

test('an erased person is in no table, is not written about any more, also after a restart, until the erasure is lifted', async context => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  const { settings, cluster, hubspot } = await openSystem(context, kafka)
  const services = await startServices(context, [], settings)
  const send = senderTo(settings)
  const webinar = webinarCalled('Erasure')
  const [ada, grace] = [attendee('Ada', 'Lovelace'), attendee('Grace', 'Hopper')]
  const statusOf = async ({ email }: Attendee): Promise<string | undefined> =>
    (await hubspot.contact(email))?.properties['zoom_webinar_last_status']

  await send(webinar.registered(ada), webinar.registered(grace), webinar.started(), webinar.joined(ada, 1, 1))
  await eventually(async () => assert.equal(await statusOf(ada), 'attending'))
  await cluster.quiet()
  const traces = await tracesOf(ada, cluster, hubspot)
  const tables = new Set((await rowsWith(cluster, traces)).map(row => row.split(' ')[0]))
  assert.deepEqual(tables, new Set(['identities', 'attendances', 'webinar-histories', 'delivered']))

  const erased = await runProgram(context, ['erase', `email:${ada.email}`], settings)
  assert.equal(erased.code, 0, erased.stderr)
  await eventually(async () => assert.deepEqual(await rowsWith(cluster, traces), []))
  assert.ok((await rowsWith(cluster, [grace.email])).length > 0, 'the rows of others are there')

  const before = await hubspot.contact(ada.email)
  const later = webinarCalled('After the erasure')
  await send(webinar.left(ada, 1, 20), webinar.joined(ada, 2, 25), later.registered(ada))
  await send(webinar.joined(grace, 1, 30))
  await eventually(async () => assert.equal(await statusOf(grace), 'attending'))
  await cluster.quiet()
  assert.deepEqual(await hubspot.contact(ada.email), before)
  assert.deepEqual(await rowsWith(cluster, traces), [])

  await services.end('SIGTERM')
  await startServices(context, [], settings)
  await send(webinar.left(ada, 2, 40), webinar.ended(50))
  await eventually(async () => assert.equal(await statusOf(grace), 'attended'))
  await cluster.quiet()
  assert.deepEqual(await hubspot.contact(ada.email), before)
  assert.deepEqual(await rowsWith(cluster, traces), [])

  const lifted = await runProgram(context, ['erase', `email:${ada.email}`, '--lift'], settings)
  assert.equal(lifted.code, 0, lifted.stderr)
  const again = webinarCalled('After the lift', 0)
  const registeredAgain = { ...ada, registrantId: attendee('Ada', 'Lovelace').registrantId }
  await send(again.registered(registeredAgain, minutesSince(again.start)))
  await eventually(async () => {
    const properties = (await hubspot.contact(ada.email))?.properties
    assert.equal(properties?.['zoom_webinar_last_registered'], again.topic)
    assert.equal(properties?.['zoom_webinar_registration_count'], '1')
  })
})

test('what waits for its person is forgotten with the person', async context => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  const { settings, cluster } = await openSystem(context, kafka)
  const mary = attendee('Mary', 'Somerville')
  await startServices(context, ['ingest', 'webinar-registrations', 'webinar-attendance'], settings)
  await senderTo(settings)(webinarCalled('Parked').registered(mary))
  await eventually(async () => assert.match((await rowsWith(cluster, [mary.email])).join(), /^parked webinar-/))

  const { code, stderr } = await runProgram(context, ['erase', `email:${mary.email}`], settings)
  assert.equal(code, 0, stderr)
  await startServices(context, ['identity-resolver'], settings)

  await eventually(async () => assert.deepEqual(await rowsWith(cluster, [mary.email, mary.registrantId]), []))
})

const minutesSince = (time: number): number => (Date.now() - time) / 60_000
