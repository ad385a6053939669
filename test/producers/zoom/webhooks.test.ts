import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Clock } from '../../../services/runtime/clock.ts'
import { changed, type Receiver, receivedAt, sample, secret, signed, startReceiver } from './receiver.ts'

let receiver: Receiver
const start = async (options?: Parameters<typeof startReceiver>[0]) => {
  await receiver?.close()
  receiver = await startReceiver(options)
}
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

const joined = sample('webinar.participant_joined')
const outcome = (word: string) => ({ status: 200, body: { outcome: word } })
const nothingProduced = async () => {
  for (const topic of ['webinars', 'identity-claims', 'dead-letters'])
    assert.deepEqual(await receiver.stored(topic), [])
}
const counted = (word: string) => receiver.metrics.value('tributary_webhooks_total', { vendor: 'zoom', outcome: word })

describe('signatures', () => {
  const headers = signed(joined)
  const without = (name: string) => Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))
  for (const [what, body, sent] of [
    ['forged', joined, signed(joined, 'another-secret')],
    ['absent', joined, without('x-zm-signature')],
    ['without its timestamp', joined, without('x-zm-request-timestamp')],
    ['of a changed body', joined.replace('jchill', 'jhill'), headers],
    ['in another version', joined, { ...headers, 'x-zm-signature': `v1=${headers['x-zm-signature']?.slice(3)}` }],
    ["replaced by Zoom's old verification token", joined, { ...without('x-zm-signature'), authorization: 'token' }],
    ['of an empty body', '', headers],
  ] as [string, string, Record<string, string>][]) {
    it(`a webhook whose signature is ${what} gets 401 and produces nothing`, async () => {
      const answer = await receiver.post(body, { headers: sent })
      assert.equal(answer.status, 401)
      assert.equal(answer.body['code'], 'ZOOM_SIGNATURE_INVALID')
      assert.equal(await counted('unsigned'), 1)
      await nothingProduced()
    })
  }

  it('is over the bytes: other spacing, escapes and key order are taken when they are what was signed', async () => {
    const pretty = JSON.stringify(JSON.parse(joined), null, 2).replace('Jill Chill', '\\u00c5sa')
    assert.deepEqual(await receiver.post(pretty), outcome('produced'))
    assert.equal((await receiver.records())[0]?.participant?.name, 'Åsa')
  })

  it('has no age limit, for Zoom delivers again after 85 minutes', async () => {
    assert.deepEqual(await receiver.post(joined, { headers: signed(joined, secret, '1') }), outcome('produced'))
  })

  it('whatever content type the body claims to have', async () => {
    const sent = { ...signed(joined), 'content-type': 'text/plain' }
    assert.deepEqual(await receiver.post(joined, { headers: sent }), outcome('produced'))
  })
})

describe('url_validation', () => {
  const challenge = (payload: object) => JSON.stringify({ event: 'endpoint.url_validation', event_ts: 1, payload })

  it("is answered with the token's HMAC", async () => {
    assert.deepEqual(await receiver.post(challenge({ plainToken: 'qgg8vlvZRS6UYooatFL8Aw' })), {
      status: 200,
      body: {
        plainToken: 'qgg8vlvZRS6UYooatFL8Aw',
        encryptedToken: '9d644a9fdedca2004fd16a8fa586497eb15eb3fc2fedf6dd3b0c4748fb78d655',
      },
    })
  })

  it('must be signed too', async () => {
    const body = challenge({ plainToken: 'qgg8vlvZRS6UYooatFL8Aw' })
    assert.equal((await receiver.post(body, { secret: 'another' })).status, 401)
  })

  it('without a token gets 400', async () => {
    assert.equal((await receiver.post(challenge({}))).status, 400)
  })
})

describe('garbage gets 400 and is counted', () => {
  for (const body of [
    '',
    'no json',
    '{"event":',
    'null',
    '[]',
    '7',
    '"webinar.created"',
    '{}',
    '{"event":7}',
    '{"event":""}',
  ]) {
    it(JSON.stringify(body), async () => {
      const answer = await receiver.post(body)
      assert.equal(answer.status, 400)
      assert.equal(answer.body['code'], 'ZOOM_WEBHOOK_UNPARSABLE')
      assert.equal(await counted('unparsable'), 1)
      await nothingProduced()
    })
  }
})

describe('a known event that cannot be read is not lost', () => {
  // biome-ignore lint/suspicious/noExplicitAny: edits bodies of any shape
  const breaks: [string, string, (body: any) => void, string][] = [
    ['no payload', 'webinar.started', body => delete body.payload, 'payload'],
    ['no object', 'webinar.ended', body => delete body.payload.object, 'payload.object'],
    ['no number', 'webinar.created', body => delete body.payload.object.id, 'payload.object.id'],
    [
      'a number of letters',
      'webinar.created',
      body => Object.assign(body.payload.object, { id: 'x' }),
      'payload.object.id',
    ],
    [
      'no registrant',
      'webinar.registration_created',
      body => delete body.payload.object.registrant,
      'payload.object.registrant',
    ],
    [
      'no registrant id and no address',
      'webinar.registration_cancelled',
      body => Object.assign(body.payload.object.registrant, { id: '', email: null }),
      'payload.object.registrant.id, payload.object.registrant.email',
    ],
    [
      'no session',
      'webinar.participant_joined',
      body => Object.assign(body.payload.object.participant, { user_id: '', participant_uuid: '' }),
      'payload.object.participant.participant_uuid',
    ],
  ]
  for (const [what, event, change, paths] of breaks) {
    it(`${event} with ${what} becomes a dead letter and gets 200`, async () => {
      const body = changed(event, change)
      assert.deepEqual(await receiver.post(body), outcome('dead-letter'))
      const [letter, ...more] = await receiver.stored('dead-letters')
      assert.equal(more.length, 0)
      assert.equal(letter?.value?.toString(), body)
      const header = (name: string) => letter?.headers[name]?.toString()
      assert.equal(header('error.code'), 'ZOOM_WEBHOOK_BROKEN')
      assert.equal(header('error.service'), 'zoom-webhooks')
      assert.equal(header('error.topic'), 'webhooks/zoom/default')
      assert.equal(header('x-zm-signature'), signed(body)['x-zm-signature'])
      assert.ok(header('error.message')?.endsWith(`missing or broken: ${paths}.`), header('error.message'))
      assert.deepEqual(await receiver.stored('webinars'), [])
    })
  }

  it('its repetition is none', async () => {
    const body = changed('webinar.created', webhook => delete webhook.payload.object.id)
    await receiver.post(body)
    assert.deepEqual(await receiver.post(body), outcome('repeated'))
    assert.equal((await receiver.stored('dead-letters')).length, 1)
    assert.equal(await receiver.metrics.value('tributary_dead_letters_total', { service: 'zoom-webhooks' }), 1)
  })

  it('and its message tells nothing of a person', async () => {
    await receiver.post(
      changed('webinar.participant_joined', body => {
        body.payload.object.id = 'jchill@example.com'
      }),
    )
    const [letter] = await receiver.stored('dead-letters')
    assert.doesNotMatch(letter?.headers['error.message']?.toString() ?? '', /jchill/)
  })
})

describe('repeats', () => {
  it('Z3 a repeated delivery gets 200 and produces nothing more', async () => {
    assert.deepEqual(await receiver.post(joined), outcome('produced'))
    assert.deepEqual(
      await receiver.post(joined, { headers: signed(joined, secret, '1626235792') }),
      outcome('repeated'),
    )
    assert.equal((await receiver.records()).length, 1)
    assert.equal((await receiver.claims()).length, 1)
  })

  it('Z3 ten deliveries at once produce once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => receiver.post(joined)))
    assert.ok(answers.every(({ status }) => status === 200))
    assert.equal(answers.filter(({ body }) => body['outcome'] === 'produced').length, 1)
    assert.equal((await receiver.records()).length, 1)
  })

  it('Z3 a second join of the same person is no repeat', async () => {
    await receiver.post(joined)
    const again = changed('webinar.participant_joined', body => {
      Object.assign(body.payload.object.participant, { participant_uuid: 'another', join_time: '2021-07-13T22:00:00Z' })
    })
    assert.deepEqual(await receiver.post(again), outcome('produced'))
  })

  it('a repeat carries the same event id in every process', async () => {
    await receiver.post(joined)
    const [first] = await receiver.records()
    await start()
    await receiver.post(joined)
    assert.equal((await receiver.records())[0]?.eventId, first?.eventId)
  })
})

describe('Kafka', () => {
  it('down: 503, nothing counts as done, and the retry produces once', async () => {
    receiver.kafka('down')
    const refused = await receiver.post(joined)
    assert.equal(refused.status, 503)
    assert.equal(refused.body['code'], 'KAFKA_UNAVAILABLE')
    assert.equal(await counted('unavailable'), 1)
    await nothingProduced()
    receiver.kafka('up')
    assert.deepEqual(await receiver.post(joined), outcome('produced'))
    assert.deepEqual(await receiver.post(joined), outcome('repeated'))
    assert.equal((await receiver.records()).length, 1)
  })

  it('down: the dead letter of a broken webhook is not acknowledged either', async () => {
    receiver.kafka('down')
    const body = changed('webinar.created', webhook => delete webhook.payload.object.id)
    assert.equal((await receiver.post(body)).status, 503)
    receiver.kafka('up')
    assert.deepEqual(await receiver.post(body), outcome('dead-letter'))
  })

  it('down for a while is two log lines, however many webhooks come', async () => {
    receiver.kafka('down')
    for (let i = 0; i < 5; i++) {
      await receiver.post(joined)
      await receiver.post(sample('recording.completed'))
    }
    receiver.kafka('up')
    await receiver.post(joined)
    assert.equal(receiver.logged.length, 2)
    assert.doesNotMatch(receiver.logged.join('\n'), /jchill|Jill|zoom-secret-token/)
  })

  it('answers after it appended all the same: the retry appends once more, under the same event id', async () => {
    receiver.kafka('append-then-fail')
    assert.equal((await receiver.post(joined)).status, 503)
    receiver.kafka('up')
    assert.deepEqual(await receiver.post(joined), outcome('produced'))
    const ids = (await receiver.records()).map(({ eventId }) => eventId)
    assert.equal(ids.length, 2)
    assert.equal(new Set(ids).size, 1)
  })

  it('slower than Zoom waits: 503 in time, and the retry finds it done', async () => {
    let timeUp = () => {}
    const limits: number[] = []
    const clock: Clock = {
      now: () => receivedAt,
      sleep: (ms, signal) =>
        new Promise(resolve => {
          limits.push(ms)
          timeUp = resolve
          signal?.addEventListener('abort', () => resolve())
        }),
    }
    await start({ clock })
    receiver.kafka('silent')
    const answer = receiver.post(joined)
    while (receiver.publishes() === 0) await new Promise(setImmediate)
    timeUp()
    assert.equal((await answer).status, 503)
    assert.equal((await answer).body['code'], 'NOT_ACKNOWLEDGED')
    assert.ok((limits[0] ?? Number.POSITIVE_INFINITY) < 3_000)
    receiver.kafka('up')
    assert.deepEqual(await receiver.post(joined), outcome('repeated'))
    assert.equal((await receiver.records()).length, 1)
  })
})

describe('Z11 several accounts', () => {
  const accounts = [
    { name: 'default', accountId: null, webhookSecret: secret },
    { name: 'emea', accountId: 'AAAAAABBBB', webhookSecret: 'secret-of-emea' },
    { name: 'apac', accountId: 'CCCCCCDDDD', webhookSecret: 'secret-of-apac' },
  ]
  beforeEach(() => start({ accounts }))

  it('Z11 each takes webhooks at its own address with its own secret', async () => {
    assert.deepEqual(
      await receiver.post(joined, { path: '/webhooks/zoom/emea', secret: 'secret-of-emea' }),
      outcome('produced'),
    )
    const [record] = await receiver.records()
    assert.equal(record?.account, 'emea')
    assert.equal(record?.source, 'zoom:emea')
    assert.equal((await receiver.claims())[0]?.source, 'zoom:emea')
  })

  it('Z11 the secret of another account is a forged signature', async () => {
    assert.equal((await receiver.post(joined, { path: '/webhooks/zoom/emea', secret })).status, 401)
  })

  for (const name of ['latam', '__proto__', 'EMEA', '%00']) {
    it(`Z11 the unknown account ${name} gets 404`, async () => {
      const answer = await receiver.post(joined, { path: `/webhooks/zoom/${name}` })
      assert.equal(answer.status, 404)
      assert.equal(answer.body['code'], 'ZOOM_ACCOUNT_UNKNOWN')
    })
  }

  it('Z11 a webhook of an account other than the configured one gets 403 and a log line', async () => {
    const answer = await receiver.post(joined, { path: '/webhooks/zoom/apac', secret: 'secret-of-apac' })
    assert.equal(answer.status, 403)
    assert.equal(answer.body['code'], 'ZOOM_ACCOUNT_MISMATCH')
    assert.match(receiver.logged.join(), /ZOOM_ACCOUNT_MISMATCH/)
    await nothingProduced()
  })

  it('Z11 the account without a name is at /webhooks/zoom/default too, and a slash at the end does not matter', async () => {
    assert.deepEqual(await receiver.post(joined, { path: '/webhooks/zoom/default' }), outcome('produced'))
    assert.deepEqual(await receiver.post(joined, { path: '/webhooks/zoom/' }), outcome('repeated'))
  })
})

describe('Z7 selection', () => {
  it('Z7 a webinar that is not selected gets 200, is counted, and produces nothing', async () => {
    await start({ selection: { zoom: { default: { webinars: { only: [93498765432] } } } } })
    assert.deepEqual(await receiver.post(joined), outcome('not-selected'))
    assert.equal(await counted('not-selected'), 1)
    await nothingProduced()
  })

  it('Z7 a selected one is taken, as a number and as a text', async () => {
    await start({ selection: { zoom: { default: { webinars: { only: ['123 456 7890'] } } } } })
    assert.deepEqual(await receiver.post(joined), outcome('produced'))
    assert.deepEqual(await receiver.post(sample('webinar.created')), outcome('produced'))
  })

  it('Z7 a panelist is no attendee, like the host', async () => {
    await start({ selection: { zoom: { default: { webinars: 'all', panelists: ['JChill@example.com'] } } } })
    await receiver.post(joined)
    const [record] = await receiver.records()
    assert.equal(record?.participant?.host, true)
    assert.equal(record?.person, null)
    assert.deepEqual(await receiver.claims(), [])
  })
})
