import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startTestKafka } from '../kafka.ts'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { startServices } from './program.ts'
import type { Contact, EmulatedHubSpot } from './sandboxes.ts'
import { openSystem, type System } from './system.ts'
import { attendee, type Send, senderTo, webinarCalled } from './webinar-in-zoom.ts'

test('a contact follows its person through the webinar, event by event', async context => {
  const { hubspot, send } = await runningSystem(context)
  const webinar = webinarCalled('Rivers and tributaries')
  const [ada, grace] = [attendee('Ada', 'Lovelace'), attendee('Grace', 'Hopper')]
  // HubSpot writes whole seconds without a fraction.
  const at = (minute: number): string => new Date(webinar.start + minute * 60_000).toISOString().replace('.000', '')

  await send(webinar.registered(ada), webinar.registered(grace))
  await shows(hubspot, ada.email, {
    tributary_source: 'zoom',
    zoom_webinar_registration_count: '1',
    zoom_webinar_attendance_count: '0',
    zoom_webinar_last_registered: webinar.topic,
    zoom_webinar_joinlink: `https://example.com/w/${webinar.id}?tk=${ada.registrantId}`,
    zoom_webinar_last_status: 'registered',
    zoom_webinar_last_joined_at: undefined,
  })
  await send(webinar.started(), webinar.joined(ada, 1, 1))
  await shows(hubspot, ada.email, {
    zoom_webinar_attendance_count: '1',
    zoom_webinar_attendance_average_duration: undefined,
    zoom_webinar_last_attended: webinar.topic,
    zoom_webinar_last_status: 'attending',
    zoom_webinar_last_joined_at: at(1),
    zoom_webinar_last_left_at: undefined,
    zoom_webinar_last_attended_minutes: undefined,
  })
  await send(webinar.left(ada, 1, 10))
  await shows(hubspot, ada.email, {
    zoom_webinar_attendance_average_duration: '9',
    zoom_webinar_last_status: 'attended',
    zoom_webinar_last_left_at: at(10),
    zoom_webinar_last_attended_minutes: '9',
  })
  await send(webinar.joined(ada, 2, 20))
  await shows(hubspot, ada.email, {
    zoom_webinar_attendance_count: '1',
    zoom_webinar_last_status: 'attending',
    zoom_webinar_last_joined_at: at(1),
    zoom_webinar_last_attended_minutes: '9',
  })
  await shows(hubspot, grace.email, { zoom_webinar_last_status: 'registered' })
  await send(webinar.ended(50))
  await shows(hubspot, ada.email, {
    zoom_webinar_attendance_average_duration: '39',
    zoom_webinar_last_status: 'attended',
    zoom_webinar_last_left_at: at(50),
    zoom_webinar_last_attended_minutes: '39',
  })
  await shows(hubspot, grace.email, { zoom_webinar_attendance_count: '0', zoom_webinar_last_status: 'missed' })
})

test('a contact that was merged, and one that has the address as a second one, go on being updated', async context => {
  const { hubspot, cluster, send } = await runningSystem(context)
  const webinar = webinarCalled('Confluence')
  const [ada, grace] = [attendee('Ada', 'Lovelace'), attendee('Grace', 'Hopper')]
  const [privately, formerly] = [await created(hubspot, 'grace@home.example.com'), await created(hubspot, grace.email)]
  await merged(hubspot, privately, formerly)
  await send(webinar.registered(ada), webinar.registered(grace))
  await shows(hubspot, 'grace@home.example.com', {
    zoom_webinar_last_status: 'registered',
    tributary_source: undefined,
  })
  await shows(hubspot, ada.email, { zoom_webinar_last_status: 'registered' })

  const other = await created(hubspot, 'ada@home.example.com')
  const own = await hubspot.contact(ada.email)
  await merged(hubspot, other, own?.id ?? '')
  await send(webinar.started(), webinar.joined(ada, 1, 1), webinar.joined(grace, 1, 2))
  await shows(hubspot, 'ada@home.example.com', { zoom_webinar_last_status: 'attending' })
  await shows(hubspot, 'grace@home.example.com', { zoom_webinar_last_status: 'attending' })
  await cluster.quiet()
  assert.equal((await hubspot.contacts()).length, 2, 'and none is created beside them')
})

test('a contact that somebody deleted stays deleted, unless RECREATE_DELETED says otherwise', async context => {
  const { hubspot, cluster, settings, services, send } = await runningSystem(context)
  const webinar = webinarCalled('Deleted')
  const [ada, grace] = [attendee('Ada', 'Lovelace'), attendee('Grace', 'Hopper')]
  await send(webinar.registered(ada), webinar.registered(grace))
  await shows(hubspot, ada.email, { zoom_webinar_last_status: 'registered' })
  await hubspot.call('DELETE', `/crm/v3/objects/contacts/${(await hubspot.contact(ada.email))?.id}`)

  await send(webinar.started(), webinar.joined(ada, 1, 1), webinar.joined(grace, 1, 1))
  await shows(hubspot, grace.email, { zoom_webinar_last_status: 'attending' })
  await cluster.quiet()
  assert.equal(await hubspot.contact(ada.email), undefined)

  await services.end('SIGTERM')
  await startServices(context, [], { ...settings, RECREATE_DELETED: 'true' })
  await send(webinar.left(ada, 1, 30))
  await shows(hubspot, ada.email, { zoom_webinar_last_status: 'attended', zoom_webinar_last_attended_minutes: '29' })
})

/** All services in one process. */
const runningSystem = async (
  context: TestContext,
): Promise<System & { readonly services: Awaited<ReturnType<typeof startServices>>; readonly send: Send }> => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  const system = await openSystem(context, kafka)
  const services = await startServices(context, [], system.settings)
  return { ...system, services, send: senderTo(system.settings) }
}

/** Waits until the contact has these values; undefined is none. */
const shows = (
  hubspot: EmulatedHubSpot,
  email: string,
  expected: Readonly<Record<string, string | undefined>>,
): Promise<void> =>
  eventually(async () => {
    const properties: Contact['properties'] = (await hubspot.contact(email))?.properties ?? {}
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map(name => [name, properties[name]])), expected)
  })

/** Gives the id of a new contact with this address, made by somebody else. */
const created = async (hubspot: EmulatedHubSpot, email: string): Promise<string> => {
  const { id } = (await hubspot.call('POST', '/crm/v3/objects/contacts', { properties: { email } })) as Contact
  return id
}

const merged = (hubspot: EmulatedHubSpot, primaryObjectId: string, objectIdToMerge: string): Promise<unknown> =>
  hubspot.call('POST', '/crm/v3/objects/contacts/merge', { primaryObjectId, objectIdToMerge })
