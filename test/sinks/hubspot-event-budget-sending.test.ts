import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { systemClock } from '../../services/runtime/clock.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import {
  type BudgetAccount,
  createEventBudget,
  type UsageLog,
  unlimitedBudget,
} from '../../services/sinks/hubspot/events/budget.ts'
import type { WriteFacts } from '../delivery/delivering.ts'
import { openAccount } from '../sandbox/hubspot.ts'
import { addContact, disturb, opened, requestsOf } from './hubspot-sink.ts'

const november = Date.UTC(2026, 10, 15)
const dayMs = 86_400_000

/** Real time that can be set forward. */
const movableClock = () => {
  let ahead = november - Date.now()
  return {
    now: () => Date.now() + ahead,
    sleep: systemClock.sleep,
    advance: (ms: number) => {
      ahead += ms
    },
  }
}

const productEvent = (number: number): WriteFacts => ({
  ...{ person: 'p1', object: 'product_event', once: `product:${number}`, id: `event ${number}`, at: november },
  operation: 'APPEND',
  fields: { 'event.kind': 'track', 'event.name': 'Report exported' },
})

/** The sink of custom events with a budget, before an emulated account. */
const sinkWithBudget = async (context: TestContext, budgetLimit: number) => {
  const clock = movableClock()
  const counts = new Map<string, number>()
  const log: UsageLog = {
    caughtUp: () => Promise.resolve(),
    ofOthers: () => 0,
    count: (_, month, reserved) => {
      counts.set(month, reserved)
      return Promise.resolve()
    },
  }
  const budget = createEventBudget({ log, limit: budgetLimit, clock })
  const sink = await opened(context, {
    ...{ sink: 'hubspot-events', clock, destination: { budget } },
    settings: { pause: { failuresToOpen: 5, firstPauseMs: 5, longestPauseMs: 20 } },
  })
  const contact = await addContact(sink.account, { email: 'ada@example.com' })
  sink.know('p1', 'email:ada@example.com', `hubspot:contact:${contact}`)
  const occurrences = async (): Promise<number> => (await sink.account.call('GET', '/_sandbox/state')).body.event.length
  return { ...sink, clock, counts, occurrences }
}

describe('the account of the budget', () => {
  it("P6 the account's time zone, and what was used, are learned before anything is sent", async context => {
    const opens: BudgetAccount[] = []
    const account = await openAccount(context, { timeZone: 'Europe/Berlin', portalId: 77 })
    const { 'hubspot-events': events } = hubSpotDestinations({
      ...{ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock },
      budget: {
        ...unlimitedBudget,
        open: of => {
          opens.push(of)
          return opens.length > 1 ? Promise.resolve() : Promise.reject(new TributaryError('KAFKA_UNAVAILABLE', 'away'))
        },
      },
    })
    const { signal } = new AbortController()
    const [first, second] = [await events.prepare(signal), await events.prepare(signal)]
    assert.deepEqual([first.kind, second.kind], ['retry', 'ready'])
    assert.deepEqual(
      opens.map(({ portalId, timeZone }) => ({ portalId, timeZone })),
      Array(2).fill({ portalId: '77', timeZone: 'Europe/Berlin' }),
    )
  })

  it('P6 an account that does not tell its time zone has its events all the same, in months of UTC', async context => {
    const opens: BudgetAccount[] = []
    const account = await openAccount(context)
    const { 'hubspot-events': events } = hubSpotDestinations({
      ...{ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock },
      budget: { ...unlimitedBudget, open: of => Promise.resolve(opens.push(of)).then(() => undefined) },
    })
    await disturb(account, '/account-info', { status: 403, body: { category: 'MISSING_SCOPES' } })
    assert.equal((await events.prepare(new AbortController().signal)).kind, 'ready')
    assert.deepEqual(opens, [{ portalId: 'unknown', timeZone: 'UTC' }])
  })
})

describe('custom events at the limit of the month', () => {
  it('P6 wait, none is set aside, and go on when the month turns', async context => {
    const { write, until, done, running, clock, occurrences, deadLetters, outcomes } = await sinkWithBudget(context, 3)
    await write(...[1, 2, 3, 4, 5].map(productEvent))
    await until('the sink pauses', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /^HUBSPOT_EVENT_BUDGET: /)
    clock.advance(2 * dayMs)
    await systemClock.sleep(60)
    assert.equal(await occurrences(), 3)
    clock.advance(14 * dayMs)
    await done()
    assert.equal(await occurrences(), 5)
    assert.equal(running.status().state, 'running')
    assert.deepEqual(await deadLetters(), [])
    assert.deepEqual(new Set(Object.values(await outcomes())), new Set(['CREATED']))
  })

  it('P6 count whoever sends: those of webinars too', async context => {
    const { write, done, counts } = await sinkWithBudget(context, 3_000)
    const joined = { ...productEvent(1), object: 'zoom_webinar_joined', fields: { webinar_id: '85746065432' } }
    await write(joined, productEvent(2))
    await done()
    assert.equal(counts.get('2026-11'), 3)
  })

  it('P6 that HubSpot refused are not counted, those of a lost answer are', async context => {
    const { account, write, done, until, occurrences, running } = await sinkWithBudget(context, 3)
    await disturb(account, '/events/v3/send', { status: 429, headers: { 'retry-after': '0' }, body: {} })
    await write(productEvent(1))
    await done()
    await disturb(account, '/events/v3/send', 'reset-after-apply')
    await write(productEvent(2))
    await done()
    // Two were sent, one of them twice: the third place is taken.
    await write(productEvent(3))
    await until('the sink pauses', () => running.status().state === 'paused')
    assert.equal(await occurrences(), 2)
    const sends = (await requestsOf(account)).filter(({ path }) => path.startsWith('/events/v3/send'))
    assert.equal(sends.length, 4)
  })
})
