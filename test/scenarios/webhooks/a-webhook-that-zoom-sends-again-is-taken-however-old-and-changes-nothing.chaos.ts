/*
 * Zoom delivers again up to 85 minutes later and never what was answered with a 4xx: a limit of age would lose webhooks. HubSpot's webhooks have one (5 minutes) and
 * are signed in another way; their part of this scenario comes with their producer.
 *
 * Guard: services/producers/zoom/signature.ts
 * - if (!timestamp || !signature) return false
 * + if (!timestamp || !signature || Date.now() / 1000 - Number(timestamp) > 300) return false
 */
import assert from 'node:assert/strict'
import type { Webhook } from '../../../services/sandbox/zoom/webhooks.ts'
import { deadLetters, webinars } from '../../../topology/topics.ts'
import { startTestKafka } from '../../kafka.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { scenario } from '../scenario.ts'
import { openSystem } from '../system.ts'
import { attendee, type Send, senderTo, webinarCalled } from '../webinar-in-zoom.ts'

const MINUTE_MS = 60_000
const CONSUMERS = ['identity-resolver', 'webinar-registrations', 'webinar-attendance', 'webinar-contact']
const NOT_RUN = ['hubspot-marketing', 'hubspot-events', 'salesforce', 'zoom-reports']

scenario(
  {
    id: '34',
    sentence: 'a webhook that Zoom sends again is taken however old it is, and a duplicate changes nothing',
    faults: 'webhooks delivered 85 minutes and a day late, each again at once and after a restart of ingest',
  },
  async context => {
    const platform = await startTestKafka()
    atEnd(context, () => platform.stop())
    const { settings, cluster, hubspot } = await openSystem(context, platform)
    await startHere(context, ['sandbox-hubspot', ...CONSUMERS, 'hubspot'], settings)
    const ingest = await startHere(context, ['ingest'], settings)
    const [now, late, veryLate] = [0, 85, 24 * 60].map(minutes =>
      senderTo(settings, () => Date.now() - minutes * MINUTE_MS),
    )
    assert.ok(now && late && veryLate)
    const webinar = webinarCalled('Delivered late', 26)
    const [ada, grace] = [attendee('Ada', 'Lovelace'), attendee('Grace', 'Hopper')]
    const all = [
      ...[webinar.registered(ada), webinar.registered(grace), webinar.started()],
      ...[
        webinar.joined(ada, 1, 5),
        webinar.left(ada, 1, 25),
        webinar.joined(grace, 1, 10),
        webinar.left(grace, 1, 50),
      ],
      webinar.ended(60),
    ]
    const taken = all.map(() => 200)
    assert.deepEqual(await untilTaken(late, all), taken)
    await cluster.quiet(NOT_RUN)
    const [contacts, writes] = [await hubspot.contacts(), await hubspot.writes()]
    assert.deepEqual(contacts.map(({ properties }) => properties['zoom_webinar_last_attended_minutes']).sort(), [
      '20',
      '40',
    ])
    const stored = (await cluster.records(webinars.name)).length
    assert.equal(stored, all.length)

    for (const again of [now, veryLate]) assert.deepEqual(await untilTaken(again, all), taken)
    assert.equal(
      (await cluster.records(webinars.name)).length,
      stored,
      'what was acknowledged lately is not appended again',
    )
    await ingest.close()
    await startHere(context, ['ingest'], settings)
    assert.deepEqual(await untilTaken(veryLate, all.toReversed()), taken)
    assert.equal((await cluster.records(webinars.name)).length, 2 * stored, 'after a restart ingest remembers nothing')
    await cluster.quiet(NOT_RUN)
    assert.deepEqual(await hubspot.contacts(), contacts)
    assert.deepEqual(await hubspot.writes(), writes)
    assert.deepEqual(await cluster.records(deadLetters.name), [])
    const duplicated = (await hubspot.writes()).length - writes.length
    return { events: 4 * all.length, lost: 0, duplicated }
  },
)

/** A busy machine may take too long for Zoom: then it is told to come again. Gives the answers that were not that. */
const untilTaken = async (send: Send, webhooks: readonly Webhook[]): Promise<readonly number[]> => {
  const statuses: number[] = []
  for (const webhook of webhooks) {
    const [status = 0] = await eventually(async () => {
      const answers = await send(webhook)
      assert.notDeepEqual(answers, [503])
      return answers
    })
    statuses.push(status)
  }
  return statuses
}
