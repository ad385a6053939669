import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { anonymousId, objectId } from '../../services/sandbox/pendo/ids.ts'
import { createUsage } from '../../services/sandbox/pendo/model/usage.ts'
import { openStore } from '../../services/sandbox/store.ts'
import { manualClock } from '../clock.ts'
import { DAY, HOUR, hours, openSubscription, SAMPLES, type TestSubscription } from './pendo.ts'

const MINUTE = 60_000
const ANONYMOUS = anonymousId('somebody')
const REPORTS = objectId('Page Reports')

/** Two pages and a feature of two people and a nobody, over three hours. */
const fill = async (subscription: TestSubscription): Promise<void> => {
  const { clock, use } = subscription
  const start = clock.now()
  const uses: [hour: number, minute: number, happening: object][] = [
    [0, 1, { kind: 'page', name: 'Reports' }],
    [0, 1, { kind: 'page', name: 'Reports' }],
    [0, 9, { kind: 'page', name: 'Reports' }],
    [1, 0, { kind: 'page', name: 'Reports' }],
    [1, 0, { kind: 'page', name: 'Dashboard', visitorId: 'v2', accountId: 'a2' }],
    [1, 5, { kind: 'feature', name: 'Create report' }],
    [2, 0, { kind: 'page', name: 'Reports', visitorId: ANONYMOUS, accountId: '' }],
  ]
  for (const [hour, minute, happening] of uses) {
    clock.advance(start + hour * HOUR + minute * MINUTE - clock.now())
    await use(happening)
  }
}

const START = Date.UTC(2026, 9, 14, 12)
const range = (more: object): object => ({ period: 'hourRange', first: START, ...more })

describe('usage by the hour', () => {
  it('is a row for each visitor, thing and hour, which counts events and minutes', async context => {
    const subscription = await openSubscription(context)
    await fill(subscription)
    const rows = await subscription.aggregate(
      { source: { pageEvents: { pageId: REPORTS }, timeSeries: range({ last: 'now()' }) } },
      { sort: ['hour'] },
    )
    assert.deepEqual(
      rows.map(row => [row['visitorId'], row['accountId'], row['hour'], row['numEvents'], row['numMinutes']]),
      [
        ['v1', 'a1', START, 3, 2],
        ['v1', 'a1', START + HOUR, 1, 1],
        [ANONYMOUS, '', START + 2 * HOUR, 1, 1],
      ],
    )
    assert.ok(rows.every(row => row['pageId'] === REPORTS && row['parameters'] === null && row['appId'] === -323232))
  })

  const series: [what: string, timeSeries: object, hours: number[]][] = [
    ['an hour forward', range({ count: 1 }), [0]],
    ['three forward', range({ count: 3 }), [0, 1, 1, 1, 2]],
    ['one backwards', range({ first: START + HOUR + 59 * MINUTE, count: -1 }), [1, 1, 1]],
    ['two backwards from now', range({ first: 'now()', count: -2 }), [1, 1, 1, 2]],
    ['from and to an hour, both included', range({ first: START + HOUR, last: START + HOUR }), [1, 1, 1]],
    ['a time as text', range({ first: String(START + 2 * HOUR), last: 'now()' }), [2]],
    ['by dates', range({ first: 'date(2026, 10, 14)', last: 'date(2026,10,15)' }), [0, 1, 1, 1, 2]],
    ['of another day', range({ first: 'date(2026,10,13)', count: 12 }), []],
  ]
  for (const [what, timeSeries, expected] of series) {
    it(`is found ${what}`, async context => {
      const subscription = await openSubscription(context)
      await fill(subscription)
      const rows = await subscription.aggregate({ source: { events: null, timeSeries } }, { sort: ['hour'] })
      assert.deepEqual(
        rows.map(({ hour }) => (Number(hour) - START) / HOUR),
        expected,
      )
    })
  }

  it('is one row a day when days are wanted', async context => {
    const subscription = await openSubscription(context)
    await fill(subscription)
    const timeSeries = { period: 'dayRange', first: 'now()', count: -1 }
    const rows = await subscription.aggregate(
      { source: { pageEvents: null, timeSeries } },
      { filter: `visitorId == "v1"` },
    )
    assert.deepEqual(
      rows.map(({ day, hour, numEvents, numMinutes }) => [day, hour, numEvents, numMinutes]),
      [[START - 12 * HOUR, undefined, 4, 3]],
    )
  })

  it('grows until it is processed', async context => {
    const subscription = await openSubscription(context, { processingLagMs: 15 * MINUTE })
    const { clock, use } = subscription
    const count = async (): Promise<number[]> => {
      const rows = await subscription.aggregate({ source: { pageEvents: null, timeSeries: hours(clock) } })
      return rows.map(({ numEvents }) => Number(numEvents))
    }
    const counts: number[][] = []
    for (const minutes of [0, 10, 5, 9, 1]) {
      clock.advance(minutes * MINUTE)
      counts.push(await count())
      if (counts.length < 3) await use({ kind: 'page', name: 'Reports' })
    }
    assert.deepEqual(counts, [[], [], [1], [1], [2]])
  })

  it('of a busy hour takes little room, however much waits', () => {
    const clock = manualClock()
    const store = openStore({ vendor: 'pendo', clock })
    const usage = createUsage(store, clock.now, { processingLagMs: 15 * MINUTE, rowsByProperties: true })
    const key = { source: 'pageEvents', itemId: 'p', visitorId: 'v', accountId: '', properties: null } as const
    const place = { server: '', remoteIp: '', userAgent: '' }
    for (let seconds = 0; seconds < 30 * 60; seconds += 1) {
      usage.record({ ...key, ...place, at: clock.now() })
      clock.advance(1000)
    }
    const counted = (): number => usage.read().reduce((sum, { numEvents }) => sum + numEvents, 0)
    const [row] = store.table<object>('usage').values()
    assert.ok(JSON.stringify(row).length < 5_000, `${JSON.stringify(row).length} bytes`)
    assert.ok(counted() >= 14 * 60 && counted() <= 15 * 60 + 1, `${counted()} are processed`)
    clock.advance(15 * MINUTE + 15_000)
    assert.equal(counted(), 30 * 60)
  })

  it('with other properties is another row, or the same one when that is the choice', async context => {
    for (const [rowsByProperties, expected] of [
      [true, [1, 1]],
      [false, [2]],
    ] as const) {
      const subscription = await openSubscription(context, { choices: { rowsByProperties } })
      for (const plan of ['Free', 'Pro']) await subscription.track({ properties: { plan } })
      const rows = await subscription.aggregate({
        source: { trackEvents: null, timeSeries: hours(subscription.clock) },
      })
      assert.deepEqual(
        rows.map(({ numEvents }) => numEvents),
        expected,
      )
    }
  })

  it('of somebody anonymous becomes that of who logs in, within the window', async context => {
    const subscription = await openSubscription(context, { choices: { mergeWindowMs: HOUR } })
    const { clock, use } = subscription
    const nobody = { visitorId: ANONYMOUS, accountId: '' }
    await use({ kind: 'page', name: 'Pricing', ...nobody })
    clock.advance(3 * HOUR)
    await use({ kind: 'page', name: 'Pricing', ...nobody })
    await use({ kind: 'page', name: 'Dashboard', merges: ANONYMOUS })
    const rows = await subscription.aggregate(
      { source: { pageEvents: null, timeSeries: hours(clock) } },
      { sort: ['hour'] },
    )
    assert.deepEqual(
      rows.map(({ visitorId }) => visitorId),
      [ANONYMOUS, 'v1', 'v1'],
    )
  })
})

describe('a pipeline', () => {
  const pipelines: [what: string, stages: object[], visitors: unknown[]][] = [
    ['leaves out the anonymous', [{ identified: 'visitorId' }], ['v1', 'v2']],
    ['filters', [{ filter: 'visitorId == "v2" || visitorId == "v1"' }], ['v1', 'v2']],
    [
      'filters by a nested field',
      [{ filter: "metadata.auto.lastvisit > 0 && !(visitorId == 'v1')" }],
      [ANONYMOUS, 'v2'],
    ],
    ['filters by what nobody has', [{ filter: 'metadata.custom.plan != null' }], []],
    ['sorts down', [{ sort: ['-visitorId'] }], ['v2', 'v1', ANONYMOUS]],
    [
      'pages by the last key',
      [{ sort: ['visitorId'] }, { filter: `visitorId > "${ANONYMOUS}"` }, { limit: 1 }],
      ['v1'],
    ],
  ]
  for (const [what, stages, expected] of pipelines) {
    it(what, async context => {
      const subscription = await openSubscription(context)
      await fill(subscription)
      const rows = await subscription.aggregate({ source: { visitors: null } }, { sort: ['visitorId'] }, ...stages)
      assert.deepEqual(
        rows.map(row => row['visitorId']),
        expected,
      )
    })
  }

  it('selects and renames', async context => {
    const subscription = await openSubscription(context)
    await fill(subscription)
    const select = { id: 'accountId', seen: 'metadata.auto.firstvisit', none: 'metadata.custom.name' }
    const rows = await subscription.aggregate(
      { source: { accounts: null } },
      { select },
      { sort: ['id'] },
      { limit: 1 },
    )
    assert.deepEqual(rows, [{ id: 'a1', seen: START + MINUTE, none: null }])
  })

  it('counts', async context => {
    const subscription = await openSubscription(context)
    await fill(subscription)
    assert.deepEqual(await subscription.aggregate({ source: { visitors: null } }, { count: null }), [{ count: 3 }])
  })

  const apps: [appId: unknown, rows: number][] = [
    ['expandAppIds("*")', 5],
    [-323232, 5],
    [['1', '-323232'], 5],
    [[1], 0],
    ['1', 0],
  ]
  for (const [appId, expected] of apps) {
    it(`is about the app ${JSON.stringify(appId)}`, async context => {
      const subscription = await openSubscription(context)
      await fill(subscription)
      const timeSeries = range({ last: 'now()' })
      const rows = await subscription.aggregate({ source: { events: { appId }, timeSeries } })
      assert.equal(rows.length, expected)
    })
  }

  it('is Pendo’s example, as it stands', async context => {
    const subscription = await openSubscription(context)
    const { body } = SAMPLES.api.aggregation_track_events.request
    assert.deepEqual((await subscription.call('POST', '/api/v1/aggregation', body)).body, { results: [] })
    const other = await openSubscription(context, { choices: { emptyResults: 'null' } })
    assert.deepEqual((await other.call('POST', '/api/v1/aggregation', body)).body, { results: null })
  })

  it('is one of tap-pendo’s, which sorts beside it', async context => {
    const subscription = await openSubscription(context)
    await fill(subscription)
    const filter = `metadata.auto.lastupdated > 0 && metadata.auto.lastupdated <= ${subscription.clock.now()}`
    const pipeline = [{ source: { visitors: { identified: true } } }, { filter }]
    const request = { name: 'all-visitors', pipeline, requestId: 'all-visitors', sort: ['visitorId'] }
    const { body } = await subscription.call('POST', '/api/v1/aggregation', {
      response: { mimeType: 'application/json' },
      request,
    })
    assert.deepEqual(
      body.results.map(({ visitorId }: { visitorId: string }) => visitorId),
      ['v1', 'v2'],
    )
  })

  const source = { visitors: null }
  const timeSeries = range({ count: 1 })
  const refusals: [what: string, pipeline: object[], says: RegExp][] = [
    ['a stage that is not emulated', [{ source }, { group: {} }], /stage group is not emulated.*identified/],
    ['no source at its beginning', [{ limit: 1 }], /first stage must be a source/],
    ['a source that is not emulated', [{ source: { guideEvents: null, timeSeries } }], /guideEvents/],
    ['two sources', [{ source: { visitors: null, accounts: null } }], /exactly one source/],
    ['usage without a time', [{ source: { events: null } }], /needs a timeSeries/],
    [
      'last and count',
      [{ source: { events: null, timeSeries: range({ count: 1, last: 1 }) } }],
      /either last or count/,
    ],
    ['another period', [{ source: { events: null, timeSeries: { ...timeSeries, period: 'weekRange' } } }], /period/],
    ['a time that is not emulated', [{ source: { events: null, timeSeries: range({ last: 'endOf()' }) } }], /endOf/],
    ['a filter that is not emulated', [{ source }, { filter: 'contains(visitorId, "x")' }], /filter: not emulated/],
    ['a filter that is none', [{ source }, { filter: 'visitorId ==' }], /filter: not emulated from "its end"/],
    ['a computed column', [{ source }, { select: { n: '1 + 1' } }], /select: "1 \+ 1" is not emulated/],
    ['a limit that is none', [{ source }, { limit: 'all' }], /limit/],
  ]
  for (const [what, pipeline, says] of refusals) {
    it(`is refused with ${what}`, async context => {
      const subscription = await openSubscription(context)
      const request = { response: { mimeType: 'application/json' }, request: { pipeline } }
      const { status, body } = await subscription.call('POST', '/api/v1/aggregation', request)
      assert.equal(status, 400)
      assert.match(body, says)
    })
  }
})

describe('usage is whole', () => {
  it('whatever is read in between: each event is counted once', async context => {
    const subscription = await openSubscription(context, {
      processingLagMs: 10 * MINUTE,
      choices: { requestsPerSecond: null },
    })
    let used = 0
    const play = async (steps: { minutes: number; visitor: number }[]): Promise<void> => {
      for (const { minutes, visitor } of steps) {
        subscription.clock.advance(minutes * MINUTE)
        await subscription.use({ kind: 'page', name: 'Reports', visitorId: `v${visitor}` })
        used += 1
        await subscription.aggregate({ source: { pageEvents: null, timeSeries: hours(subscription.clock) } })
      }
      subscription.clock.advance(10 * MINUTE)
      const timeSeries = { period: 'hourRange', first: START, last: 'now()' }
      const rows = await subscription.aggregate({ source: { pageEvents: null, timeSeries } })
      assert.equal(
        rows.reduce((sum, { numEvents }) => sum + Number(numEvents), 0),
        used,
      )
    }
    const step = fc.record({ minutes: fc.integer({ min: 0, max: 90 }), visitor: fc.integer({ min: 1, max: 3 }) })
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), play), { numRuns: 8 })
    assert.ok(subscription.clock.now() < START + 8 * DAY)
  })
})
