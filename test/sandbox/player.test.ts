import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { type Clock, systemClock } from '../../services/runtime/clock.ts'
import { type CourierOptions, createCourier } from '../../services/sandbox/zoom/delivery/courier.ts'
import { webhookSignature } from '../../services/sandbox/zoom/delivery/signature.ts'
import { createLiveWebinars } from '../../services/sandbox/zoom/live/webinars.ts'
import { playLive, playRecording } from '../../services/sandbox/zoom/player.ts'
import { readRecording } from '../../services/sandbox/zoom/recording.ts'
import type { Webhook } from '../../services/sandbox/zoom/webhooks.ts'
import { type Reaction, type Received, startReceiver } from './zoom-receiver.ts'

const WEBHOOK = readRecording('product-webinar')[0]?.body ?? assert.fail('the recording is empty')
const FILE = 'product-webinar'
/** A busy machine must not turn a slow answer into a second attempt. */
const PATIENCE_MS = 120_000

/** Sleeps end at once and are noted. */
const noSleep = (): { clock: Clock; slept: number[] } => {
  const slept: number[] = []
  return { slept, clock: { now: () => Date.now(), sleep: ms => Promise.resolve(void slept.push(ms)) } }
}

/** A clock on which a sleep takes no time and yet passes. */
const leapingClock = (start: number): Clock => {
  let now = start
  return {
    now: () => now,
    sleep: ms => {
      now += ms
      return Promise.resolve()
    },
  }
}

const setUp = async (
  context: TestContext,
  react: (attempt: Received, number: number) => Reaction,
  more: Partial<CourierOptions> = {},
) => {
  const { clock, slept } = noSleep()
  const receiver = await startReceiver(context, { react })
  const endpoint = {
    url: `${receiver.url}/webhooks/zoom`,
    secret: 'sandbox-secret',
    clock,
    retryScale: 1,
    timeoutMs: PATIENCE_MS,
    ...more,
  }
  return { receiver, slept, courier: createCourier(endpoint), clock }
}

describe('a webhook', () => {
  test('comes with Zoom’s headers and is signed over its raw, compact body', async context => {
    const { receiver, courier } = await setUp(context, () => 200)
    const delivery = await courier.send(WEBHOOK).settled
    assert.equal(delivery.state, 'delivered')
    const { headers, raw } = receiver.received[0] ?? assert.fail('nothing arrived')
    assert.equal(raw, JSON.stringify(WEBHOOK))
    assert.equal(headers['content-type'], 'application/json; charset=utf-8')
    assert.equal(headers['user-agent'], 'Zoom Marketplace/1.0a')
    const timestamp = String(headers['x-zm-request-timestamp'])
    assert.match(timestamp, /^\d{10}$/)
    assert.equal(headers['x-zm-signature'], webhookSignature('sandbox-secret', timestamp, raw))
    for (const name of ['x-zm-request-id', 'x-zm-trackingid', 'traceparent', 'clientid']) assert.ok(headers[name], name)
  })

  test('is delivered by 200 and 204 only', async context => {
    for (const [status, state] of [
      [200, 'delivered'],
      [204, 'delivered'],
      [201, 'failed'],
      [202, 'failed'],
    ] as const) {
      const { courier } = await setUp(context, () => status)
      assert.equal((await courier.send(WEBHOOK).settled).state, state, String(status))
    }
  })

  test('is tried again after 5, 20 and 60 minutes when the server fails, then given up', async context => {
    for (const reaction of [500, 503, 'reset'] as const) {
      const { receiver, courier, slept } = await setUp(context, () => reaction)
      const { state, attempts } = await courier.send(WEBHOOK).settled
      assert.deepEqual({ reaction, state, attempts }, { reaction, state: 'failed', attempts: 4 })
      assert.deepEqual(slept, [300_000, 1_200_000, 3_600_000])
      assert.equal(new Set(receiver.received.map(({ raw }) => raw)).size, 1)
      assert.equal(new Set(receiver.received.map(({ headers }) => headers['x-zm-request-id'])).size, 1)
    }
  })

  test('is tried again when no answer comes in time', async context => {
    const { courier, slept } = await setUp(context, (_, number) => (number === 1 ? 'silence' : 204), { timeoutMs: 500 })
    const { state, attempts } = await courier.send(WEBHOOK).settled
    assert.deepEqual({ state, attempts, slept }, { state: 'delivered', attempts: 2, slept: [300_000] })
  })

  test('is never tried again after a 3xx or 4xx, and a redirect is not followed', async context => {
    for (const status of [301, 302, 307, 400, 401, 404, 429]) {
      const { receiver, courier, slept } = await setUp(context, () => status)
      assert.equal((await courier.send(WEBHOOK).settled).state, 'failed')
      assert.deepEqual([status, receiver.received.length, slept.length], [status, 1, 0])
    }
  })

  test('is tried again sooner when the scale says so', async context => {
    const { courier, slept } = await setUp(context, () => 500, { retryScale: 1 / 150 })
    await courier.send(WEBHOOK).settled
    assert.deepEqual(slept.map(Math.round), [2_000, 8_000, 24_000])
  })
})

describe('the endpoint', () => {
  test('is validated once, before the first webhook', async context => {
    const { receiver, courier } = await setUp(context, () => 204)
    await Promise.all([courier.send(WEBHOOK).settled, courier.send(WEBHOOK).settled])
    assert.deepEqual([receiver.validations(), receiver.received.length], [1, 2])
  })

  test('gets no webhook when it signs the challenge with another secret', async context => {
    const { receiver, courier } = await setUp(context, () => 204, { secret: 'another-secret' })
    await assert.rejects(courier.validate(), { code: 'ZOOM_ENDPOINT_NOT_VALIDATED', message: /ZOOM_WEBHOOK_SECRET/ })
    assert.equal((await courier.send(WEBHOOK).settled).state, 'failed')
    assert.equal(receiver.received.length, 0)
  })

  test('is asked again while it is not there yet', async () => {
    const { clock, slept } = noSleep()
    const courier = createCourier({ url: 'http://127.0.0.1:9', secret: 'any', clock, validationTries: 3 })
    await assert.rejects(courier.validate(), { code: 'ZOOM_ENDPOINT_NOT_VALIDATED' })
    assert.deepEqual(slept, [1_000, 1_000])
  })
})

describe('playing the recording', () => {
  test('sends every webhook once, the same bytes at each play', async context => {
    const { receiver, courier } = await setUp(context, () => 204)
    const play = { file: FILE, courier, clock: systemClock, speed: Number.POSITIVE_INFINITY }
    const recorded = readRecording(FILE).map(({ body }) => JSON.stringify(body))
    const progress = await playRecording(play)
    assert.deepEqual(progress, { sent: recorded.length, delivered: recorded.length, failed: 0 })
    assert.deepEqual(receiver.received.map(({ raw }) => raw).sort(), recorded.sort())
    await playRecording(play)
    assert.equal(new Set(receiver.received.map(({ raw }) => raw)).size, new Set(recorded).size)
  })

  test('sends a join only after the registrations before it had their first attempt', async context => {
    const open = new Set<string>()
    const early: string[] = []
    const receiver = await startReceiver(context)
    const url = `${receiver.url}/webhooks/zoom`
    const courier = createCourier({ url, secret: 'sandbox-secret', clock: systemClock, timeoutMs: PATIENCE_MS })
    const watched: typeof courier = {
      ...courier,
      send: (webhook, signal) => {
        const key = JSON.stringify(webhook)
        if (webhook.event.startsWith('webinar.participant_') && open.size > 0) early.push(webhook.event)
        const sent = courier.send(webhook, signal)
        if (webhook.event.startsWith('webinar.registration_')) {
          open.add(key)
          void sent.firstAttempt.then(() => open.delete(key))
        }
        return sent
      },
    }
    await playRecording({ file: FILE, courier: watched, clock: systemClock, speed: Number.POSITIVE_INFINITY })
    assert.deepEqual(early, [])
  })

  test('keeps to the recorded times, divided by the speed', async context => {
    const { courier, receiver } = await setUp(context, () => 204)
    const clock = leapingClock(0)
    await playRecording({ file: FILE, courier, clock, speed: 2 })
    assert.equal(clock.now(), (readRecording(FILE).at(-1)?.at ?? 0) / 2)
    assert.equal(receiver.received.length, readRecording(FILE).length)
  })

  test('knows what has happened at its own time, however late its webhook is sent', async context => {
    const { courier, clock } = await setUp(context, () => 204)
    const leaves = new Set<string>()
    const late: string[] = []
    const times: number[] = []
    const onHappened = (webhook: Webhook): void => {
      times.push(webhook.event_ts)
      if (webhook.event === 'webinar.participant_left') leaves.add(JSON.stringify(webhook))
    }
    const recorded = readRecording(FILE).map(({ body }) => body)
    const watched: typeof courier = {
      ...courier,
      send: (webhook, signal) => {
        for (const body of webhook.event === 'webinar.ended' ? recorded : []) {
          const isKnown = leaves.has(JSON.stringify(body))
          if (body.event === 'webinar.participant_left' && body.event_ts <= webhook.event_ts && !isKnown)
            late.push(JSON.stringify(body))
        }
        return courier.send(webhook, signal)
      },
    }
    await playRecording({ file: FILE, courier: watched, clock, speed: Number.POSITIVE_INFINITY, onHappened })
    assert.deepEqual(late, [])
    assert.deepEqual(
      times,
      recorded.map(({ event_ts }) => event_ts).toSorted((one, other) => one - other),
    )
  })

  test('goes on from where another play was settled', async context => {
    const { receiver, courier, clock } = await setUp(context, () => 204)
    const settled: number[] = []
    const onSettledUpTo = (at: number): void => void settled.push(at)
    const recorded = readRecording(FILE)
    const from = recorded[600]?.at ?? 0
    await playRecording({ file: FILE, courier, clock, speed: 1_000_000, from, onSettledUpTo })
    assert.equal(receiver.received.length, recorded.filter(({ at }) => at >= from).length)
    assert.deepEqual(
      settled,
      settled.toSorted((one, other) => one - other),
    )
    assert.equal(settled.at(-1), recorded.at(-1)?.at)
  })

  test('ends when it is told to, without the rest', async context => {
    const ending = new AbortController()
    const { receiver, courier, clock } = await setUp(context, (_, number) => {
      if (number === 50) ending.abort()
      return 204
    })
    const { sent } = await playRecording({ file: FILE, courier, clock, signal: ending.signal, maxInFlight: 1 })
    assert.ok(sent >= 50 && sent < 60, `${sent} were sent`)
    assert.ok(receiver.received.length < 60)
  })

  test('refuses a recording that is not there, naming those that are', async context => {
    const { courier, clock } = await setUp(context, () => 204)
    await assert.rejects(playRecording({ file: '../people', courier, clock }), {
      code: 'RECORDING_UNKNOWN',
      message: /product-webinar/,
    })
  })
})

describe('live traffic', () => {
  test('goes on at its rate until it is told to end', async context => {
    const { courier } = await setUp(context, () => 204)
    const clock = leapingClock(1_800_000_000_000)
    const ending = new AbortController()
    const webinars = createLiveWebinars({ account: 'account', seed: 1 })
    const began = clock.now()
    const onHappened = (): void => {
      if (clock.now() - began >= 10_000) ending.abort()
    }
    const { sent } = await playLive({ rate: 50, webinars, courier, clock, signal: ending.signal, onHappened })
    assert.ok(sent >= 495 && sent <= 505, `${sent} webhooks in ten seconds at 50 a second`)
  })
})
