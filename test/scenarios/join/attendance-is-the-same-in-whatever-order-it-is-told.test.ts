/*
 * Guard: services/webinars/observing/participant.ts
 * -   leftAt: latest(known?.leftAt ?? null, seen.leftAt),
 * +   leftAt: seen.leftAt,
 */
import assert from 'node:assert/strict'
import type { Webinar } from '../../../schemas/generated.ts'
import { randomNumbers } from '../../../services/sandbox/random.ts'
import { atMinute, ended, joined, left, registered, settled, started } from '../../webinars/events.ts'
import { contactServices, lettersIn, openSharedSystem, untilContactsAreQuiet } from '../contact-services.ts'
import { startHere } from '../here.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'

const ORDERS = 10

scenario(
  {
    id: '30',
    sentence: 'joins and leaves make the same contact in whatever order they come, twice or with one of them missing',
    faults:
      'the same webinar told in ten orders, with a join told twice, a leave without its join and a join without its leave',
  },
  async context => {
    const { settings, cluster, hubspot } = await openSharedSystem(context)
    const { fatal } = await startHere(context, contactServices, settings)
    const events = Array.from({ length: ORDERS }, (_, order) => inOrder(webinarOf(order), order)).flat()
    await publishTraffic(cluster, events)
    await untilContactsAreQuiet(cluster)

    const contacts = await hubspot.contacts()
    assert.equal(contacts.length, ORDERS * Object.keys(expected).length)
    for (const { properties } of contacts) {
      const { email = '' } = properties
      const kind = email.replace(/-.*/, '') as keyof typeof expected
      const found = Object.keys(expected[kind]).map(name => [name, asTold(properties[name])])
      assert.deepEqual(Object.fromEntries(found), expected[kind], email)
    }
    const created = (await hubspot.writes()).filter(({ operation }) => operation === 'create').length
    assert.deepEqual(await lettersIn(cluster), [])
    assert.deepEqual(fatal, [])
    return { events: events.length, lost: 0, duplicated: created - contacts.length }
  },
)

/** Reckoned by hand from the webinar below: who came from minute 1 to 10 and 20 to 35, whose join was lost, and whose leave was lost until the end at 60. */
const expected = {
  both: {
    ...{ zoom_webinar_registration_count: '1', zoom_webinar_attendance_count: '1' },
    ...{ zoom_webinar_last_status: 'attended', zoom_webinar_last_attended_minutes: '24' },
    ...{ zoom_webinar_last_joined_at: atMinute(1), zoom_webinar_last_left_at: atMinute(35) },
  },
  leave: {
    ...{ zoom_webinar_registration_count: '1', zoom_webinar_attendance_count: '0' },
    ...{ zoom_webinar_last_status: 'missed', zoom_webinar_last_attended_minutes: undefined },
    ...{ zoom_webinar_last_joined_at: undefined, zoom_webinar_last_left_at: undefined },
  },
  join: {
    ...{ zoom_webinar_registration_count: '1', zoom_webinar_attendance_count: '1' },
    ...{ zoom_webinar_last_status: 'attended', zoom_webinar_last_attended_minutes: '55' },
    ...{ zoom_webinar_last_joined_at: atMinute(5), zoom_webinar_last_left_at: atMinute(60) },
  },
}

/** Times as milliseconds. */
const asTold = (value: string | undefined): string | number | undefined =>
  value !== undefined && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : value

/** A webinar of its own number, whose people have addresses of their own. */
const webinarOf = (order: number): readonly Webinar[] => {
  const aliases = (kind: string) => [`zoom:registrant:${kind}-${order}`, `email:${kind}-${order}@example.com`] as const
  const [both, leave, join] = [aliases('both'), aliases('leave'), aliases('join')]
  return [
    ...[registered(both), registered(leave), registered(join), started()],
    ...[joined(both, `both-1-${order}`, 1), joined(join, `join-${order}`, 5), left(both, `both-1-${order}`, 10)],
    ...[left(leave, `leave-${order}`, 15), joined(both, `both-2-${order}`, 20), left(both, `both-2-${order}`, 35)],
    ...[joined(both, `both-2-${order}`, 20), ended(), settled()],
  ].map(event => ({ ...event, number: String(82_000_000_000 + order) }))
}

/** As it happened, the other way round, then shuffled. */
const inOrder = (events: readonly Webinar[], order: number): readonly Webinar[] => {
  if (order === 0) return events
  if (order === 1) return events.toReversed()
  const random = randomNumbers(order)
  return events
    .map(event => ({ event, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event)
}
