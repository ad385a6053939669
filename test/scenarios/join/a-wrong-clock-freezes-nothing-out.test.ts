/*
 * Guard: services/producers/zoom/times.ts
 * -     if (time !== null) return Math.min(time, receivedAt)
 * +     if (time !== null) return time
 */
import assert from 'node:assert/strict'
import type { Webhook } from '../../../services/sandbox/zoom/webhooks.ts'
import { webinars } from '../../../topology/topics.ts'
import { contactServices, lettersIn, openSharedSystem, untilContactsAreQuiet } from '../contact-services.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { scenario } from '../scenario.ts'
import { attendee, type Send, senderTo, webinarCalled } from '../webinar-in-zoom.ts'

const DAY_MS = 86_400_000
const EARLIEST = Date.UTC(2010, 0)

/** What a clock says instead of the time: to webhooks, and as join and leave within them. */
const clocks: Readonly<Record<string, (time: number) => readonly [stamp: unknown, within: unknown]>> = {
  Ahead: time => [time + DAY_MS, new Date(time + DAY_MS).toISOString()],
  Behind: time => [time - DAY_MS, new Date(time - DAY_MS).toISOString()],
  Seconds: time => [Math.floor(time / 1_000), String(Math.floor(time / 1_000))],
  Epoch: () => [0, '1970-01-01T00:00:00Z'],
  Before: () => [-1, '1969-12-31T23:59:59Z'],
  Distant: () => [Date.UTC(9999, 11, 31), '9999-12-31T23:59:59Z'],
  Beyond: () => [8.64e15 + 1, '+275760-09-13T00:00:01Z'],
  Huge: () => [Number.MAX_VALUE, '9'.repeat(15)],
  Nothing: () => [null, ''],
}

scenario(
  {
    id: '31',
    sentence: 'times of a wrong clock are never later than their receipt, and what comes after them is not frozen out',
    faults: 'webhooks a day ahead and behind, in seconds, from before 1970, from the year 9999 and beyond all dates',
  },
  async context => {
    const { settings, cluster, hubspot } = await openSharedSystem(context)
    const { fatal } = await startHere(context, ['ingest', ...contactServices], settings)
    const send = senderTo(settings)
    const wrong = webinarCalled('By a wrong clock')
    const people = Object.entries(clocks).map(([name, clock]) => ({ clock, who: attendee('Wrong', name) }))
    for (const { clock, who } of people) {
      const told = [wrong.registered(who), wrong.joined(who, 1, 1)].map(webhook => skewed(webhook, clock))
      await toldByZoom(send, told)
    }
    await untilContactsAreQuiet(cluster)
    const right = webinarCalled('By a right clock', 0)
    for (const { who } of people) {
      const corrected = { ...who, firstName: 'Right' }
      const told = [right.registered(corrected, minuteOf(right)), right.joined(corrected, 1, minuteOf(right))]
      await toldByZoom(send, told)
    }
    await untilContactsAreQuiet(cluster)

    const now = Date.now()
    for (const { who } of people) {
      const { properties = {} } = (await hubspot.contact(who.email)) ?? {}
      assert.equal(properties['firstname'], 'Right', who.lastName)
      assert.equal(properties['zoom_webinar_registration_count'], '2', who.lastName)
      assert.equal(properties['zoom_webinar_attendance_count'], '2', who.lastName)
      assert.equal(properties['zoom_webinar_last_attended'], right.topic, who.lastName)
      const joinedAt = Date.parse(properties['zoom_webinar_last_joined_at'] ?? '')
      assert.ok(joinedAt >= right.start && joinedAt <= now, who.lastName)
    }
    const events = (await cluster.records(webinars.name)).flatMap(({ value }) =>
      value === null ? [] : [cluster.codec.decode(webinars, value)],
    )
    for (const { occurredAt, receivedAt, participant } of events) {
      assert.ok(occurredAt <= receivedAt && occurredAt >= EARLIEST)
      assert.ok((participant?.joinedAt ?? receivedAt) <= receivedAt)
    }
    assert.deepEqual(await lettersIn(cluster), [])
    assert.deepEqual(fatal, [])
    const contacts = (await hubspot.contacts()).length
    return { events: events.length, lost: people.length - contacts, duplicated: contacts - people.length }
  },
)

/** One after the other, each until it is taken. */
const toldByZoom = async (send: Send, webhooks: readonly Webhook[]): Promise<void> => {
  for (const webhook of webhooks) await eventually(async () => assert.deepEqual(await send(webhook), [200]))
}

/** Now, in whole seconds as Zoom writes it, and not before now. */
const minuteOf = ({ start }: { readonly start: number }): number =>
  (Math.ceil(Date.now() / 1_000) * 1_000 - start) / 60_000

/** The webhook as a machine with this clock sends it. */
const skewed = (webhook: Webhook, clock: (time: number) => readonly [unknown, unknown]): Webhook =>
  JSON.parse(JSON.stringify(webhook), (key, value: unknown) => {
    if (key === 'event_ts') return clock(Number(value))[0]
    return key === 'join_time' ? clock(Date.parse(String(value)))[1] : value
  }) as Webhook
