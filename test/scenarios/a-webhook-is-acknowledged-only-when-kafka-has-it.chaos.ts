import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webinars } from '../../topology/topics.ts'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { startServices } from './program.ts'
import { openSystem, ownPlatform } from './system.ts'
import { attendee, senderTo, webinarCalled } from './webinar-in-zoom.ts'

test('while Kafka is away a webhook gets a 503 and counts nowhere; its retry is taken once', async context => {
  const platform = await ownPlatform(context)
  const { settings, cluster, hubspot } = await openSystem(context, platform)
  await startServices(context, [], settings)
  atEnd(context, () => platform.kafka.kill('SIGCONT'))
  const send = senderTo(settings)
  const webinar = webinarCalled('Acknowledged')
  const [ada, grace, mary] = [attendee('Ada', 'Lovelace'), attendee('Grace', 'Hopper'), attendee('Mary', 'Somerville')]
  const recordsOf = async (email: string): Promise<number> =>
    (await cluster.records(webinars.name)).filter(({ value }) => value?.includes(email)).length
  assert.deepEqual(await send(webinar.registered(ada)), [200])
  assert.equal(await recordsOf(ada.email), 1)

  platform.kafka.kill('SIGSTOP')
  assert.deepEqual(await send(webinar.registered(grace)), [503], 'a broker that does not answer')
  assert.equal(await hubspot.contact(grace.email), undefined)
  platform.kafka.kill('SIGCONT')
  await eventually(async () => assert.deepEqual(await send(webinar.registered(grace)), [200]))

  platform.kafka.kill('SIGKILL')
  assert.deepEqual(await send(webinar.registered(mary)), [503], 'a broker that is not there')
  await platform.kafka.ready()
  await eventually(async () => assert.deepEqual(await send(webinar.registered(mary)), [200]))

  await eventually(async () => {
    for (const { email } of [ada, grace, mary]) {
      const contact = await hubspot.contact(email)
      assert.equal(contact?.properties['zoom_webinar_registration_count'], '1')
    }
  })
  await cluster.quiet()
  for (const { email } of [ada, grace, mary]) {
    const writes = (await hubspot.writes()).filter(({ properties }) => properties['email'] === email)
    assert.deepEqual(
      writes.map(({ operation }) => operation),
      ['create'],
    )
    assert.equal(await recordsOf(email), 1)
  }
})
