import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { manualClock } from '../clock.ts'
import { openAccount } from './hubspot.ts'
import { EVENTS, NAME, occurrence, openWithEvents, read, SEND, stateOf, UUIDS } from './hubspot-occurrences.ts'

it('reads show an occurrence a while after it was accepted; the state shows it at once', async context => {
  const clock = manualClock()
  const { account, contact } = await openWithEvents(context, { clock, eventLagMs: 2000 })
  await account.call('POST', SEND, occurrence(contact))
  clock.advance(1999)
  assert.deepEqual(await read(account, `eventType=${NAME}`), [])
  assert.equal((await stateOf(account, 'event')).length, 1)
  clock.advance(1)
  assert.equal((await read(account, `eventType=${NAME}`)).length, 1)
})

describe('a read', () => {
  const open = async (context: TestContext) => {
    const { account, contact } = await openWithEvents(context)
    const sends = [1, 2, 3].map(hour =>
      occurrence(contact, { occurredAt: `2026-10-14T0${hour}:00:00Z`, properties: { webinar_id: String(hour) } }),
    )
    await account.call('POST', `${SEND}/batch`, { inputs: sends })
    return { account, contact }
  }
  const queries: readonly [query: string, found: string][] = [
    [`eventType=${NAME}`, '321'],
    [`eventType=${NAME}&sort=occurredAt`, '123'],
    ['objectType=contact&objectProperty.email=ada@example.com', '321'],
    ['objectType=0-1&objectProperty.email=nobody@example.com', ''],
    ['objectType=company&objectId=501', ''],
    [`eventType=${NAME}&occurredAfter=2026-10-14T01:00:00Z`, '32'],
    [`eventType=${NAME}&occurredBefore=2026-10-14T03:00:00Z`, '21'],
    [`eventType=${NAME}&property.webinar_id=2`, '2'],
    ['eventType=pe24700001_webinar_missed', ''],
  ]
  for (const [query, expected] of queries) {
    it(`by ${query} finds ${expected || 'nothing'}`, async context => {
      const { account } = await open(context)
      const found = await read(account, query)
      assert.equal(found.map(({ properties }) => properties.webinar_id).join(''), expected)
    })
  }

  it('comes in pages', async context => {
    const { account } = await open(context)
    const first = (await account.call('GET', `${EVENTS}?eventType=${NAME}&limit=2`)).body
    const next = await read(account, `eventType=${NAME}&limit=2&after=${first.paging.next.after}`)
    assert.deepEqual([first.results.length, next.length], [2, 1])
  })

  for (const query of ['', 'objectId=501', `eventType=${NAME}&limit=0`, `eventType=${NAME}&sort=name`])
    it(`by "${query}" is refused with 400`, async context => {
      const { account } = await open(context)
      assert.equal((await account.call('GET', `${EVENTS}?${query}`)).status, 400)
    })
})

it('a definition takes its occurrences with it, and a removed property leaves its values', async context => {
  const { account, contact } = await openWithEvents(context)
  await account.call('POST', SEND, occurrence(contact, { properties: { webinar_id: '1' } }))
  await account.call('DELETE', `/events/v3/event-definitions/${NAME}/property/webinar_id`)
  assert.deepEqual((await read(account, `eventType=${NAME}`))[0].properties, { webinar_id: '1' })
  assert.equal((await account.call('POST', SEND, occurrence(contact, { properties: { webinar_id: '1' } }))).status, 400)
  await account.call('DELETE', `/events/v3/event-definitions/${NAME}`)
  assert.deepEqual(await stateOf(account, 'event'), [])
})

describe('limits', () => {
  it('sends have a limit of their own for each second, and none of the headers', async context => {
    const clock = manualClock()
    const { account, contact } = await openWithEvents(context, { clock, limits: { burst: 4, eventSendsPerSecond: 2 } })
    const send = () => account.call('POST', SEND, occurrence(contact))
    for (const _ of [1, 2]) {
      const { status, headers } = await send()
      assert.deepEqual([status, headers.get('x-hubspot-ratelimit-max')], [204, null])
    }
    const refused = await send()
    assert.equal(refused.status, 429)
    assert.deepEqual(
      [refused.body.policyName, refused.body.category, refused.body.errorType],
      ['SECONDLY', 'RATE_LIMITS', 'RATE_LIMIT'],
    )
    assert.equal((await account.call('GET', `${EVENTS}/event-types`)).status, 200, 'the burst is not used up')
    clock.advance(1000)
    assert.equal((await send()).status, 204)
  })

  it('sends count in the burst, too, when the account is set so', async context => {
    const limits = { burst: 4, eventSendsInBurst: true }
    const { account, contact } = await openWithEvents(context, { clock: manualClock(), limits })
    const send = () => account.call('POST', SEND, occurrence(contact))
    assert.equal((await send()).status, 204)
    assert.equal((await send()).body.policyName, 'TEN_SECONDLY_ROLLING')
  })
})

it('definitions, deleted names, occurrences and their uuids survive a restart', async context => {
  const folder = mkdtempSync(join(tmpdir(), 'hubspot-events-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const journalFile = join(folder, 'hubspot.jsonl')
  const { account: before, contact } = await openWithEvents(context, { journalFile })
  await before.call('POST', SEND, occurrence(contact, { uuid: UUIDS[0], properties: { minutes: '1' } }))
  await before.call('DELETE', '/events/v3/event-definitions/pe24700001_webinar_missed')
  const state = (await before.call('GET', '/_sandbox/state')).body
  const after = await openAccount(context, { journalFile })
  assert.deepEqual((await after.call('GET', '/_sandbox/state')).body, state)
  await after.call('POST', SEND, occurrence(contact, { uuid: UUIDS[0] }))
  assert.equal((await stateOf(after, 'event')).length, 1)
  const again = { label: 'Missed', name: 'webinar_missed', propertyDefinitions: [] }
  assert.equal((await after.call('POST', '/events/v3/event-definitions', again)).status, 400)
})

it('a batch whose answer was cut off is there once, however often it is sent', async context => {
  const { account, contact } = await openWithEvents(context)
  const { client, call } = account
  await call('POST', '/_sandbox/faults', { match: { path: SEND }, answer: 'reset-after-apply' })
  const input = { eventName: NAME, objectId: contact, uuid: UUIDS[0] ?? '', properties: {} }
  const send = () => client.events.send.batchApi.send({ inputs: [input] })
  await assert.rejects(send(), error => (error as Error).message === 'fetch failed')
  assert.equal((await stateOf(account, 'event')).length, 1)
  await send()
  assert.equal((await stateOf(account, 'event')).length, 1)
})

it('reset forgets definitions, occurrences and uuids', async context => {
  const { account } = await openWithEvents(context)
  await account.call('POST', '/_sandbox/reset')
  const state = (await account.call('GET', '/_sandbox/state')).body
  assert.deepEqual([state.event, state.event_definition], [[], []])
  const again = { label: 'Missed', name: 'webinar_missed', propertyDefinitions: [] }
  assert.equal((await account.call('POST', '/events/v3/event-definitions', again)).status, 201)
})
