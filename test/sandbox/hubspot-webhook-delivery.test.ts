import assert from 'node:assert/strict'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import type { Clock } from '../../services/runtime/clock.ts'
import type { HubSpotSandboxOptions } from '../../services/sandbox/hubspot/start.ts'
import { type Account, openAccount } from './hubspot.ts'
import {
  expectedSignatures,
  openHubSpotReceiver,
  type Reaction,
  type ReceivedEvent,
  type ReceivedRequest,
} from './hubspot-receiver.ts'
import { until } from './zoom-receiver.ts'

const CREATION = [{ type: 'contact.creation' }] as const

const open = async (
  context: TestContext,
  { webhooks, ...options }: HubSpotSandboxOptions = {},
  react?: (request: ReceivedRequest, number: number) => Reaction,
) => {
  const receiver = await openHubSpotReceiver(context, react)
  const settings = { subscriptions: CREATION, gatherMs: 5, duplicates: 0, retryScale: 1e-6, ...webhooks }
  const account = await openAccount(context, { ingestUrl: receiver.url, webhooks: settings, ...options })
  return { ...account, receiver }
}

const create = async (account: Account, contacts: number): Promise<void> => {
  for (let made = 0; made < contacts; made += 100) {
    const inputs = Array.from({ length: Math.min(100, contacts - made) }, (_, index) => ({
      properties: { email: `p${made + index}@example.com` },
    }))
    assert.equal((await account.call('POST', '/crm/v3/objects/contacts/batch/create', { inputs })).status, 201)
  }
}

/** HubSpot's key of one event: an id alone may be another event's, and an attempt is not another event. */
const keyOf = ({ portalId, subscriptionId, eventId, objectId, occurredAt, propertyName }: ReceivedEvent): string =>
  [portalId, subscriptionId, eventId, objectId, occurredAt, propertyName].join(' ')

describe('the check of the tests itself', () => {
  it('gives the signature v1 of the example of HubSpot’s client', () => {
    const raw =
      '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
    const request = { method: 'POST', path: '/', headers: {}, raw }
    const { v1 } = expectedSignatures('yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy', 'www.example.com', request)
    assert.equal(v1, '232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de')
  })
})

describe('P7 a request of HubSpot’s webhooks', () => {
  const addresses: readonly (readonly [what: string, prefix: string])[] = [
    ['a plain address', ''],
    ['an address with codes that HubSpot decodes', '/%40team%2Fa%3a%28b%29%2C%27%21%24%2A%3B%3F'],
    ['an address with codes that it leaves', '/a%20b%25c%C3%A9'],
  ]
  for (const [what, prefix] of addresses) {
    it(`carries signatures v3 and v1 of its own bytes: ${what}`, async context => {
      const receiver = await openHubSpotReceiver(context)
      const account = await openAccount(context, {
        ...{ ingestUrl: receiver.url + prefix, webhookSecret: 'another secret' },
        webhooks: { gatherMs: 5 },
      })
      await account.call('POST', '/crm/v3/objects/contacts', {
        properties: { firstname: 'Zoë', email: 'z@example.com' },
      })
      await until(() => receiver.requests.length > 0, 'a request')
      for (const request of receiver.requests) {
        const { headers, path } = request
        const { v1, v3 } = expectedSignatures('another secret', receiver.host, request)
        assert.equal(path, `${prefix}/webhooks/hubspot`)
        assert.equal(headers['x-hubspot-signature-v3'], v3)
        assert.equal(headers['x-hubspot-signature'], v1)
        assert.equal(headers['x-hubspot-signature-version'], 'v1')
        assert.equal(headers['content-type'], 'application/json')
        assert.match(String(headers['x-hubspot-request-timestamp']), /^\d{13}$/)
      }
    })
  }

  it('holds at most 100 events, in no order, none lost', async context => {
    const account = await open(context, { webhooks: { gatherMs: 200 } })
    await create(account, 350)
    await until(() => account.receiver.events().length === 350, '350 events')
    const sizes = account.receiver.requests.map(({ events }) => events.length)
    assert.ok(Math.max(...sizes) <= 100 && Math.max(...sizes) > 1, `sizes were ${sizes.join(', ')}`)
    const ids = account.receiver.events().map(({ objectId }) => objectId)
    assert.equal(new Set(ids).size, 350)
    assert.notDeepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    )
  })

  it('may tell an event again in another request; the same event by its key', async context => {
    const account = await open(context, { webhooks: { duplicates: 1 } })
    await create(account, 20)
    await until(() => account.receiver.events().length === 40, 'each event twice')
    const counts = Object.values(Object.groupBy(account.receiver.events(), keyOf)).map(all => all?.length)
    assert.deepEqual(
      counts,
      Array.from({ length: 20 }, () => 2),
    )
    for (const { events } of account.receiver.requests) assert.equal(new Set(events.map(keyOf)).size, events.length)
  })

  it('may give two events one eventId, by default a hundredth of them', async context => {
    const always = await open(context, { webhooks: { repeatedEventIds: 1 } })
    await create(always, 20)
    await until(() => always.receiver.events().length === 20, '20 events')
    assert.equal(new Set(always.receiver.events().map(({ eventId }) => eventId)).size, 1)
    assert.equal(new Set(always.receiver.events().map(keyOf)).size, 20)
    const usual = await open(context)
    await create(usual, 1000)
    await until(() => usual.receiver.events().length === 1000, '1,000 events')
    const different = new Set(usual.receiver.events().map(({ eventId }) => eventId)).size
    assert.ok(different > 970 && different < 1000, `${different} ids`)
  })
})

describe('P7 a failed request', () => {
  const failures: readonly (readonly [what: string, reaction: Reaction])[] = [
    ['400', 400],
    ['401', 401],
    ['404', 404],
    ['429', 429],
    ['500', 500],
    ['503', 503],
    ['a cut connection', 'reset'],
    ['no answer in time', 'silence'],
  ]
  for (const [what, reaction] of failures) {
    it(`is sent again after ${what}: another attemptNumber, all else the same, signed anew`, async context => {
      const account = await open(context, { webhooks: { answerWithinMs: 150 } }, (_, number) =>
        number < 3 ? reaction : 200,
      )
      await create(account, 3)
      const { requests } = account.receiver
      await until(() => requests.length === 3, 'three attempts')
      for (const [attempt, request] of requests.entries()) {
        const { v3 } = expectedSignatures('sandbox-secret', account.receiver.host, request)
        assert.equal(request.headers['x-hubspot-signature-v3'], v3)
        assert.deepEqual(
          request.events.map(({ attemptNumber }) => attemptNumber),
          [attempt, attempt, attempt],
        )
        assert.deepEqual(request.events.map(keyOf), requests[0]?.events.map(keyOf))
      }
      await until(
        async () => (await account.call('GET', '/_sandbox/webhooks')).body[0].state === 'delivered',
        'its delivery',
      )
    })
  }

  it('is sent again ten times, then lost', async context => {
    const account = await open(context, {}, () => 500)
    await create(account, 1)
    await until(async () => (await account.call('GET', '/_sandbox/webhooks')).body[0]?.state === 'failed', 'the end')
    assert.deepEqual(
      account.receiver.events().map(({ attemptNumber }) => attemptNumber),
      Array.from({ length: 11 }, (_, attempt) => attempt),
    )
    assert.match(await (await fetch(`${account.url}/webhooks`)).text(), /1 events sent, 0 delivered, 1 lost/)
  })

  it('is not sent again after an answer below 400', async context => {
    const statuses = [200, 202, 204, 302]
    const account = await open(context, {}, (_, number) => statuses[number - 1] ?? 200)
    for (let count = 1; count <= statuses.length; count += 1) {
      await account.call('POST', '/crm/v3/objects/contacts', { properties: { firstname: `${count}` } })
      await until(() => account.receiver.requests.length === count, `request ${count}`)
    }
    await until(
      async () =>
        (await account.call('GET', '/_sandbox/webhooks')).body.every(
          (one: { state: string }) => one.state === 'delivered',
        ),
      'all outcomes',
    )
    assert.equal(account.receiver.requests.length, statuses.length)
  })

  it('waits from a minute to hours, never the same, ten times within a day', async context => {
    let now = Date.UTC(2026, 9, 14)
    const clock: Clock = {
      now: () => now,
      sleep: ms => {
        now += ms
        return Promise.resolve()
      },
    }
    const account = await open(context, { clock, webhooks: { retryScale: 1 } }, () => 500)
    await create(account, 1)
    const { requests } = account.receiver
    await until(() => requests.length === 11, 'all attempts')
    const times = requests.map(({ headers }) => Number(headers['x-hubspot-request-timestamp']))
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    assert.ok((times.at(-1) ?? 0) - (times[0] ?? 0) <= 24 * 60 * 60_000)
    assert.ok(pauses.every(pause => pause >= 40_000))
    assert.equal(new Set(pauses.map(pause => Math.round(pause / 60_000))).size, 10)
  })
})

describe('P7 how many requests are open', () => {
  for (const [set, most] of [
    [undefined, 10],
    [6, 6],
  ] as const) {
    it(`is at most ${most} when the app says ${set ?? 'nothing'}`, async context => {
      let openRequests = 0
      let highest = 0
      const gate = Promise.withResolvers<void>()
      const account = await open(
        context,
        { webhooks: { gatherMs: 1, ...(set === undefined ? {} : { maxConcurrentRequests: set }) } },
        async () => {
          openRequests += 1
          highest = Math.max(highest, openRequests)
          if (openRequests === most) setTimeout(gate.resolve, 100)
          await gate.promise
          openRequests -= 1
          return 200
        },
      )
      for (let count = 0; count < most + 5; count += 1) {
        await account.call('POST', '/crm/v3/objects/contacts', { properties: { firstname: `${count}` } })
        const sent = async (): Promise<number> => (await account.call('GET', '/_sandbox/webhooks')).body.length
        await until(async () => (await sent()) > count, 'a batch of its own')
      }
      await until(() => account.receiver.events().length === most + 5, 'all events')
      assert.equal(highest, most)
    })
  }
})

for (const scheme of ['http', 'https'])
  it(`P7 a receiver at ${scheme} that does not speak it is tried again`, async context => {
    const silent = createServer(socket => socket.destroy())
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    context.after(() => silent.close())
    const ingestUrl = `${scheme}://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const account = await openAccount(context, { ingestUrl, webhooks: { gatherMs: 5, subscriptions: CREATION } })
    await create(account, 1)
    // As it was while it waited for the next attempt, which may be under way when it is asked again.
    let waiting: { status: number | null; problem: string } | undefined
    await until(async () => {
      const [delivery] = (await account.call('GET', '/_sandbox/webhooks')).body
      if (delivery?.state === 'retrying') waiting = delivery
      return waiting !== undefined
    }, 'an attempt has failed')
    assert.equal(waiting?.status, null)
    assert.match(waiting?.problem ?? '', /no connection/)
  })

it('P7 without a receiver nothing is sent, and all else is the same', async context => {
  const account = await openAccount(context)
  await create(account, 1)
  assert.deepEqual((await account.call('GET', '/_sandbox/webhooks')).body, [])
  assert.equal((await fetch(`${account.url}/webhooks`)).status, 200)
})

it('P7 a reset ends what is under way, and further changes are told', async context => {
  const account = await open(context, { webhooks: { retryScale: 1 } }, (_, number) => (number === 1 ? 500 : 200))
  await create(account, 1)
  await until(() => account.receiver.requests.length === 1, 'the first attempt')
  await account.call('POST', '/_sandbox/reset')
  assert.deepEqual((await account.call('GET', '/_sandbox/webhooks')).body, [])
  await create(account, 2)
  await until(() => account.receiver.events().length === 3, 'the two after the reset')
  assert.deepEqual(
    account.receiver.events().map(({ attemptNumber }) => attemptNumber),
    [0, 0, 0],
  )
})
