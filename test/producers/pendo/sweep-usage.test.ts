import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Track } from '../../../schemas/generated.ts'
import { groupsOf } from '../../../services/producers/pendo/rest/paging.ts'
import { startPendoSweep } from '../../../services/producers/pendo/sweep/service.ts'
import { silentLogger } from '../../../services/runtime/log.ts'
import { hour, type Sweeping, startSweeping } from './sweeping.ts'

const page = { kind: 'page', name: 'Reports' }
const track = (name: string, properties: object = {}) => ({ kind: 'track', name, properties })
const short = ({ kind, name, person, account, core }: Track) => [kind, name, person, account, core].join(' ')
const times = async (count: number, act: () => Promise<void>): Promise<void> => {
  for (let done = 0; done < count; done++) await act()
}

describe('the sweep of usage', () => {
  it('P8 tells what no webhook told: pages, features and track events, with their names, Core Events, accounts and properties', async context => {
    const sweeping = await startSweeping(context)
    await sweeping.ask('POST', '/_sandbox/items', { kind: 'TrackType', name: 'Registered', isCoreEvent: true })
    sweeping.lose(true)
    const began = sweeping.clock.now()
    await sweeping.use(page)
    await times(2, () => sweeping.use(track('Registered', { plan: 'Pro' })))
    await sweeping.use({ kind: 'feature', name: 'Schedule report', visitorId: 'Bo@Example.com' })
    sweeping.lose(false)
    sweeping.untilCompared()
    await sweeping.sweep()
    const swept = await sweeping.swept()
    assert.deepEqual(swept.map(short).toSorted(), [
      'FEATURE Schedule report user:Bo@Example.com acme false',
      'PAGE Reports user:ada acme true',
      'TRACK Registered user:ada acme true',
      'TRACK Registered user:ada acme true',
    ])
    for (const { kind, properties, occurredAt } of swept) {
      assert.deepEqual(properties, kind === 'TRACK' ? { plan: 'Pro' } : {})
      assert.equal(occurredAt, began - (began % hour))
    }
    const claimed = (await sweeping.claims()).map(({ aliases }) => aliases.join())
    assert.ok(claimed.includes('user:Bo@Example.com,email:bo@example.com'))
    assert.equal(new Set(swept.map(({ eventId }) => eventId)).size, 4)
  })

  it('P8 tells nothing that a webhook told, however often it sweeps', async context => {
    const sweeping = await startSweeping(context)
    await times(3, () => sweeping.use(track('Registered', { plan: 'Pro' })))
    sweeping.lose(true)
    await sweeping.use(track('Registered', { plan: 'Pro' }))
    await sweeping.use(track('Registered', { plan: 'Free' }))
    sweeping.lose(false)
    sweeping.untilCompared()
    await times(3, () => sweeping.sweep())
    assert.deepEqual((await sweeping.swept()).map(({ properties }) => properties['plan']).toSorted(), ['Free', 'Pro'])
    assert.equal((await sweeping.tracks()).length, 5)
  })

  it('P8 is one process’s at a time; another stands by', async context => {
    const sweeping = await startSweeping(context)
    const parts = { kafka: sweeping.kafka, codec: sweeping.codec, client: sweeping.client, clock: sweeping.clock }
    const options = { ...parts, metrics: sweeping.metrics, logger: silentLogger, everyMs: hour, onFatal: assert.fail }
    const running = [await startPendoSweep(options), await startPendoSweep(options)]
    await sweeping.kafka.idle()
    assert.deepEqual(running.map(one => one.status().state).toSorted(), ['running', 'standby'])
    for (const one of running) await one.close()
  })

  it('P8 waits until webhooks of the hour have come', async context => {
    const sweeping = await startSweeping(context)
    sweeping.lose(true)
    await sweeping.use(page)
    sweeping.untilCompared()
    sweeping.clock.advance(-1)
    await sweeping.sweep()
    assert.deepEqual(await sweeping.swept(), [])
    sweeping.clock.advance(1)
    await sweeping.sweep()
    assert.equal((await sweeping.swept()).length, 1)
  })

  it('P8 tells what rows grow by, which they may for twelve hours', async context => {
    const sweeping = await startSweeping(context, { processingLagMs: 5 * hour })
    sweeping.lose(true)
    await times(2, () => sweeping.use(page))
    sweeping.clock.advance(hour / 2)
    await times(2, () => sweeping.use(page))
    sweeping.lose(false)
    sweeping.untilCompared()
    await sweeping.sweep()
    assert.equal((await sweeping.swept()).length, 0)
    sweeping.clock.advance(2 * hour)
    await sweeping.sweep()
    assert.equal((await sweeping.swept()).length, 2)
    sweeping.clock.advance(hour)
    await sweeping.sweep()
    assert.equal((await sweeping.swept()).length, 4)
  })

  it('P8 goes on where it was after an outage of days', async context => {
    const sweeping = await startSweeping(context)
    await sweeping.sweep()
    sweeping.lose(true)
    await sweeping.use(page)
    sweeping.clock.advance(3 * 24 * hour)
    await sweeping.use(page)
    sweeping.lose(false)
    sweeping.untilCompared()
    await sweeping.sweep()
    assert.equal((await sweeping.swept()).length, 2)
  })

  for (const unlucky of ['failNextCommit', 'loseNextAnswer'] as const)
    it(`P8 tells nothing twice when Kafka does not say what became of a transaction (${unlucky})`, async context => {
      const sweeping = await startSweeping(context)
      const registered = () => sweeping.use(track('Registered'))
      for (const expected of [3, 6]) {
        await times(2, registered)
        sweeping.lose(true)
        await times(3, registered)
        sweeping.lose(false)
        sweeping.untilCompared()
        if (expected === 6) sweeping.kafka[unlucky]('pendo-sweep')
        await sweeping.sweep('begin-again')
        assert.equal((await sweeping.swept()).length, expected)
      }
      assert.equal(new Set((await sweeping.tracks()).map(({ eventId }) => eventId)).size, 10)
    })

  it('P8 leaves those alone whom nobody knows, until Pendo says who they are', async context => {
    const sweeping = await startSweeping(context)
    const anonymous = { visitorId: '_PENDO_T_abc', accountId: '' }
    await sweeping.use({ ...page, ...anonymous })
    sweeping.lose(true)
    await sweeping.use({ ...page, ...anonymous })
    sweeping.lose(false)
    await sweeping.use({ kind: 'page', name: 'Dashboard', merges: '_PENDO_T_abc' })
    sweeping.untilCompared()
    await sweeping.sweep()
    assert.deepEqual((await sweeping.swept()).map(short).toSorted(), [
      'PAGE Dashboard user:ada acme false',
      'PAGE Reports user:ada acme true',
      'PAGE Reports user:ada acme true',
    ])
  })

  it('P8 counts and passes over what Pendo does not list', async context => {
    const sweeping = await startSweeping(context)
    const item = (await sweeping.ask('POST', '/_sandbox/items', { kind: 'Page', name: 'Old' })) as {
      readonly id: string
    }
    sweeping.lose(true)
    await sweeping.use({ kind: 'page', name: 'Old' })
    await sweeping.use(page)
    sweeping.lose(false)
    const { client, untilCompared, metrics } = sweeping
    untilCompared()
    await sweepWithout(sweeping, item.id)
    assert.ok(client)
    assert.deepEqual((await sweeping.swept()).map(short), ['PAGE Reports user:ada acme true'])
    assert.equal(await metrics.value('tributary_pendo_swept_total', { what: 'unnamed' }), 1)
  })

  it('P8 has told of everybody who is known exactly what Pendo counts, whatever webhooks were lost', async context => {
    const sweeping = await startSweeping(context)
    for (let part = 0; part < 12; part++) {
      sweeping.lose(part % 3 === 1)
      await sweeping.play(40)
      sweeping.clock.advance(hour / 3)
    }
    sweeping.lose(false)
    sweeping.untilCompared()
    await sweeping.sweep()
    await sweeping.sweep()
    const counted = await countedByPendo(sweeping)
    const told = new Map<string, number>()
    for (const { kind, name, person, occurredAt } of await sweeping.tracks()) {
      const key = [kind, name, person, occurredAt - (occurredAt % hour)].join('|')
      if (!person.startsWith('anonymous:')) told.set(key, (told.get(key) ?? 0) + 1)
    }
    assert.ok(counted.size > 50)
    assert.deepEqual([...told].toSorted(), [...counted].toSorted())
  })
})

/** The page is there when Pendo counts its use and gone when it is asked what there is. */
const sweepWithout = async (sweeping: Sweeping, id: string): Promise<void> => {
  const answer = { status: 200, body: { results: [{ id: 'other', name: 'Other', isCoreEvent: false }] } }
  assert.notEqual(id, '')
  const pages = (await sweeping.ask('GET', '/api/v1/page')) as readonly { readonly id: string }[]
  const match = { method: 'POST', path: '/api/v1/aggregation' }
  // Visitors and accounts are read first, then the pages after the names of track events.
  const whole = { status: 200, body: { results: [] } }
  for (const given of [whole, whole, whole, { ...answer, body: { results: pages.filter(page => page.id !== id) } }])
    await sweeping.ask('POST', '/_sandbox/faults', { match, times: 1, answer: given })
  await sweeping.sweep()
}

const countedByPendo = async ({ client, clock }: Sweeping): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>()
  const { signal } = new AbortController()
  const timeSeries = { period: 'hourRange', first: clock.now() - 20 * hour, last: 'now()' }
  const { readCatalogue, usageKinds, usageSources } = await import('../../../services/producers/pendo/catalogue.ts')
  const catalogue = await readCatalogue(client, signal)
  for (const kind of usageKinds) {
    const { events, id } = usageSources[kind]
    const read = { operation: 'count', stages: [{ source: { [events]: null, timeSeries } }], key: ['visitorId'] }
    for await (const rows of groupsOf(client, read, { onTooMany: () => assert.fail() }, signal))
      for (const row of rows) {
        const visitor = String(row['visitorId'])
        if (visitor.startsWith('_PENDO_T_')) continue
        const name = catalogue.byId(kind, String(row[id]))?.name
        const key = [kind, name, `user:${visitor}`, row['hour']].join('|')
        counts.set(key, (counts.get(key) ?? 0) + Number(row['numEvents']))
      }
  }
  return counts
}
