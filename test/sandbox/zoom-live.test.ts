import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createLiveWebinars, isLiveWebinar } from '../../services/sandbox/zoom/live/webinars.ts'
import type { Webhook } from '../../services/sandbox/zoom/webhooks.ts'
import { deviations } from './zoom-shapes.ts'

const BEGAN = 1_800_000_000_000

/** What `seconds` of live traffic at a rate consist of. */
const traffic = (rate: number, seconds: number, seed = 1): Webhook[] => {
  const webinars = createLiveWebinars({ account: 'account', seed })
  const count = Math.round(rate * seconds)
  return Array.from({ length: count }, (_, index) => webinars.next(BEGAN + Math.round((index * 1000) / rate), rate))
}

interface Participant {
  readonly participant_uuid: string
  readonly registrant_id: string
  readonly email: string
}
const participant = ({ payload }: Webhook): Participant => payload.object['participant'] as Participant
const registrant = ({ payload }: Webhook) => payload.object['registrant'] as { id: string; email: string }

describe('live webinars', () => {
  test('have the keys and types of Zoom’s examples in every webhook', () => {
    assert.deepEqual([...new Set(traffic(20, 300).flatMap(deviations))], [])
  })

  test('last about two minutes each, one after the other, at any rate', () => {
    for (const rate of [0.5, 5, 50]) {
      const webhooks = traffic(rate, 600)
      const count = (event: string): number => webhooks.filter(webhook => webhook.event === event).length
      assert.ok(
        count('webinar.created') >= 4 && count('webinar.created') <= 6,
        `${count('webinar.created')} at ${rate}/s`,
      )
      assert.ok(count('webinar.started') - count('webinar.ended') <= 1)
      assert.ok(webhooks.every(({ payload }) => isLiveWebinar(String(payload.object['id']))))
    }
  })

  test('are coherent: who joins is registered, who leaves is inside, nobody stays', () => {
    const coherent = (rate: number, seed: number): void => {
      const registered = new Set<string>()
      const inside = new Set<string>()
      const webhooks = traffic(rate, 130, seed)
      for (const webhook of webhooks.slice(
        0,
        webhooks.findLastIndex(({ event }) => event === 'webinar.created'),
      )) {
        if (webhook.event === 'webinar.registration_created') registered.add(registrant(webhook).id)
        if (webhook.event === 'webinar.participant_joined') {
          const { registrant_id, participant_uuid, email } = participant(webhook)
          if (registrant_id !== '') assert.ok(registered.has(registrant_id), `${email} did not register`)
          inside.add(participant_uuid)
        }
        if (webhook.event === 'webinar.participant_left')
          assert.ok(inside.delete(participant(webhook).participant_uuid))
      }
      assert.equal(inside.size, 0)
    }
    fc.assert(fc.property(fc.double({ min: 0.3, max: 60, noNaN: true }), fc.nat(), coherent), { numRuns: 25 })
  })

  test('draw on a bounded pool of people', () => {
    const addresses = traffic(100, 600)
      .filter(({ event }) => event === 'webinar.registration_created')
      .map(registrant)
    assert.ok(new Set(addresses.map(({ email }) => email)).size <= 1_000)
    assert.ok(addresses.length > 2_000)
  })

  test('end at once when they are closed: everybody leaves', () => {
    const webinars = createLiveWebinars({ account: 'account', seed: 1 })
    const played = Array.from({ length: 600 }, (_, index) => webinars.next(BEGAN + index * 100, 10))
    const closing = webinars.close(BEGAN + 60_000)
    const count = (webhooks: Webhook[], event: string): number => webhooks.filter(one => one.event === event).length
    assert.equal(count(closing, 'webinar.ended'), 1)
    const inside = count(played, 'webinar.participant_joined') - count(played, 'webinar.participant_left')
    assert.equal(count(closing, 'webinar.participant_left'), inside)
    assert.deepEqual(webinars.close(BEGAN + 60_000), [])
  })
})
