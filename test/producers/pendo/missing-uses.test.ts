import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Track } from '../../../schemas/generated.ts'
import { catalogueOf } from '../../../services/producers/pendo/catalogue.ts'
import { ToldUses } from '../../../services/producers/pendo/sweep/told.ts'
import { missingUses } from '../../../services/producers/pendo/sweep/usage.ts'
import { hour } from './sweeping.ts'

const start = Date.UTC(2026, 9, 14, 12)
const receivedAt = start + 30 * hour
const catalogue = catalogueOf([
  { kind: 'TRACK', id: 't1', name: 'Registered', core: true },
  { kind: 'TRACK', id: 't2', name: 'Looked', core: false },
  { kind: 'TRACK', id: 't3', name: 'Looked', core: false },
])

/** One use, as Pendo has seen it. */
interface Seen {
  readonly at: number
  readonly item: string
  readonly account: string
  readonly plan: string
  readonly place: string
}

let webhooks = 0
const told = ({ at, item, account, plan }: Seen, eventId = `pendo:${webhooks++}`): Track => ({
  ...{ eventId, source: 'pendo:default', occurredAt: at, receivedAt, kind: 'TRACK' },
  ...{ name: catalogue.byId('TRACK', item)?.name ?? '', person: 'user:ada', aliases: ['user:ada'] },
  ...{ account: account || null, core: false, properties: { plan }, destinations: {} },
})

/** Rows as an aggregation has them: in any order, those of one place apart from those of another. */
const rowsOf = (seen: readonly Seen[]): readonly Record<string, unknown>[] => {
  const alike = Map.groupBy(seen, ({ at, ...use }) => JSON.stringify({ ...use, hour: at - (at % hour) }))
  return [...alike].map(([key, uses]) => {
    const { hour: of, item, account, plan, place } = JSON.parse(key)
    const row = { visitorId: 'ada', accountId: account, trackTypeId: item, hour: of, numEvents: uses.length }
    return { ...row, server: place, properties: { plan } }
  })
}

const missing = (rows: readonly unknown[], tracks: readonly Track[], visitorId: unknown = 'ada'): readonly Track[] => {
  const counted = new ToldUses(start - hour)
  for (const track of tracks) counted.add(track)
  const range = { from: start, until: start + 6 * hour, receivedAt }
  const comparison = { kind: 'TRACK', catalogue, told: counted, ...range, onUnnamed: () => undefined } as const
  return [...missingUses(rows, visitorId, comparison)]
}

const seen = (at: number, more: Partial<Seen> = {}): Seen => ({
  ...{ at: start + at, item: 't1', account: 'acme', plan: 'Pro', place: 'a' },
  ...more,
})
const anySeen = fc.record({
  at: fc.integer({ min: start, max: start + 6 * hour - 1 }),
  item: fc.constantFrom('t1', 't2', 't3'),
  account: fc.constantFrom('acme', 'other', ''),
  plan: fc.constantFrom('Pro', 'Free'),
  place: fc.constantFrom('a', 'b'),
})

const totals = (tracks: readonly Track[]): readonly string[] =>
  [...new Map(tracks.map(track => [track.eventId, track])).values()]
    .map(({ name, account, properties, occurredAt }) =>
      [name, account ?? '', properties['plan'], occurredAt - (occurredAt % hour)].join('|'),
    )
    .toSorted()

describe('the uses that lack', () => {
  it('P8 together with those that webhooks told are those that happened, in whatever order Pendo comes to know them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anySeen, fc.boolean(), fc.nat({ max: 3 })), { maxLength: 40 }), happened => {
        // Webhooks come at once, some of them twice; Pendo counts each use from one of four sweeps on.
        let tracks = happened.flatMap(([use, isTold]) => (isTold ? [told(use)] : []))
        tracks = [...tracks, ...tracks.slice(0, 3)]
        for (const sweep of [0, 1, 2, 3, 3]) {
          const counted = rowsOf(happened.flatMap(([use, , from]) => (from <= sweep ? [use] : [])))
          const found = missing(counted, tracks)
          assert.deepEqual(found, missing(counted.toReversed(), tracks), 'rests on the order of rows')
          tracks = [...tracks, ...found]
        }
        const expected = totals(happened.map(([use], index) => told(use, `expected:${index}`)))
        // What Pendo counts late may have been told for what it counted before it: then only the totals of the hour agree.
        const coarse = (keys: readonly string[]) => keys.map(key => key.replace(/\|.*\|/, '|')).toSorted()
        assert.deepEqual(coarse(totals(tracks)), coarse(expected))
      }),
      { numRuns: 300 },
    )
  })

  it('P8 are exactly those that lack, with their accounts and properties, when Pendo has counted all', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anySeen, fc.boolean()), { maxLength: 40 }), happened => {
        const tracks = happened.flatMap(([use, isTold]) => (isTold ? [told(use)] : []))
        const found = missing(rowsOf(happened.map(([use]) => use)), tracks)
        const lost = happened.flatMap(([use, isTold], index) => (isTold ? [] : [told(use, `lost:${index}`)]))
        assert.deepEqual(totals(found), totals(lost))
      }),
      { numRuns: 300 },
    )
  })

  const cases: readonly {
    readonly name: string
    readonly counted: readonly Seen[]
    readonly told: readonly Seen[]
    readonly lacks: number
  }[] = [
    { name: 'nothing is counted', counted: [], told: [seen(1)], lacks: 0 },
    { name: 'fewer are counted than told', counted: [seen(1)], told: [seen(1), seen(2)], lacks: 0 },
    { name: 'a webhook told it of the hour before', counted: [seen(hour)], told: [seen(hour - 1)], lacks: 0 },
    { name: 'a webhook told it of the hour after', counted: [seen(hour - 1)], told: [seen(hour)], lacks: 0 },
    {
      name: 'a webhook told one of the hour after, where another is counted',
      counted: [seen(hour - 1), seen(hour)],
      told: [seen(hour)],
      lacks: 1,
    },
    {
      name: 'one told use stands between two hours that lack one',
      counted: [seen(1), seen(2 * hour)],
      told: [seen(hour)],
      lacks: 1,
    },
    { name: 'a webhook told it two hours off', counted: [seen(1)], told: [seen(2 * hour)], lacks: 1 },
    { name: 'a webhook told another account', counted: [seen(1)], told: [seen(1, { account: 'other' })], lacks: 0 },
    {
      name: 'two of one name are counted apart',
      counted: [seen(1, { item: 't2' }), seen(1, { item: 't3' })],
      told: [seen(1, { item: 't2' })],
      lacks: 1,
    },
    { name: 'it is before what is compared', counted: [seen(-1)], told: [], lacks: 0 },
    { name: 'it is after what is compared', counted: [seen(6 * hour)], told: [], lacks: 0 },
  ]
  for (const { name, counted, told: known, lacks } of cases)
    it(`P8 are ${lacks} when ${name}`, () =>
      assert.equal(
        missing(
          rowsOf(counted),
          known.map(use => told(use)),
        ).length,
        lacks,
      ))

  it('P8 are none of somebody anonymous, of a placeholder, and of rows that are none', () => {
    const rows = rowsOf([seen(1)])
    for (const visitor of ['_PENDO_T_x', 'VISITOR-UNIQUE-ID', '', null, {}])
      assert.deepEqual(missing(rows, [], visitor), [])
    const broken = [
      {},
      { hour: 'x' },
      { ...rows[0], numEvents: -1 },
      { ...rows[0], numEvents: 1.5 },
      { ...rows[0], hour: 1e300 },
    ]
    assert.deepEqual(missing(broken, []), [])
  })

  it('P8 of anything that Pendo may answer are such as can be', () => {
    const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('t1', start, 3, '', null))
    const names = ['visitorId', 'accountId', 'trackTypeId', 'hour', 'numEvents', 'properties', 'parameters']
    const row = fc.record(Object.fromEntries(names.map(name => [name, odd])), { requiredKeys: [] })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), odd, (rows, visitor) => {
        for (const track of missing(rows, [], visitor)) {
          assert.ok(track.occurredAt <= track.receivedAt)
          assert.ok(track.aliases.includes(track.person))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('P8 are at most 100,000 at a time, whatever Pendo counts', () => {
    const [row] = rowsOf([seen(1)])
    assert.equal(missing([{ ...row, numEvents: Number.MAX_SAFE_INTEGER }], []).length, 100_000)
  })
})

describe('what was told', () => {
  it('P8 counts an event once, however often it lies there', () => {
    const uses = new ToldUses(start)
    const track = told(seen(1), 'pendo:one')
    for (let times = 0; times < 3; times++) uses.add(track)
    assert.deepEqual([uses.uses(start, track), uses.alike(start, track), uses.kept], [1, 1, 3])
  })

  it('P8 lets the oldest hours go when it is too much, and says from when on it is whole', () => {
    const uses = new ToldUses(start, 10)
    for (let at = 0; at < 5; at++) uses.add(told(seen(at * hour)))
    assert.ok(uses.kept <= 10)
    assert.equal(uses.from, start + 2 * hour)
    uses.add(told(seen(0)))
    assert.equal(uses.uses(start, told(seen(0))), 0)
    assert.equal(uses.uses(start + 4 * hour, told(seen(0))), 1)
  })
})
