import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  chosenName,
  type Named,
  namingOfEvent,
  namingOfProperty,
  type ProductEventKind,
} from '../../services/sinks/hubspot/product-events/names.ts'

const kinds: readonly ProductEventKind[] = ['track', 'page', 'feature']
const takenByHubSpot = /^[a-z][a-z0-9_]{0,49}$/

describe('names of product events', () => {
  const cases: { kind: ProductEventKind; original: string; name: string | RegExp; label?: string }[] = [
    { kind: 'track', original: 'Report exported', name: 'pendo_track_report_exported' },
    { kind: 'page', original: 'Dashboard', name: 'pendo_page_dashboard' },
    { kind: 'feature', original: 'Export (CSV)', name: 'pendo_feature_export_csv' },
    { kind: 'track', original: 'Ünïcødé', name: 'pendo_track_unic_de' },
    { kind: 'track', original: '2nd visit', name: 'pendo_track_2nd_visit' },
    { kind: 'track', original: 'x'.repeat(60), name: `pendo_track_${'x'.repeat(38)}` },
    { kind: 'track', original: `${'x'.repeat(37)} y`, name: `pendo_track_${'x'.repeat(37)}` },
    { kind: 'track', original: '日本語', name: /^pendo_track_[0-9a-f]{6}$/ },
    { kind: 'track', original: ' a \n b ', name: 'pendo_track_a_b', label: 'a b' },
    { kind: 'track', original: '', name: /^pendo_track_[0-9a-f]{6}$/, label: 'Without a name' },
    { kind: 'track', original: 'y'.repeat(101), name: `pendo_track_${'y'.repeat(38)}`, label: `${'y'.repeat(99)}…` },
  ]
  for (const { kind, original, name, label = original } of cases) {
    it(`P5 the ${kind} ${JSON.stringify(original.slice(0, 20))} is ${name}`, () => {
      const naming = namingOfEvent(kind, original)
      const chosen = chosenName(naming, () => undefined)?.name ?? ''
      if (typeof name === 'string') assert.equal(chosen, name)
      else assert.match(chosen, name)
      assert.equal(naming.label, label)
    })
  }

  it('P5 on a collision the last 7 characters are _ and 6 hex digits of the hash of the name, within 50', () => {
    const [plain = '', hashed = ''] = namingOfEvent('track', 'x'.repeat(60)).candidates
    assert.equal(hashed.length, 50)
    assert.equal(hashed.slice(0, 43), plain.slice(0, 43))
    assert.match(hashed.slice(43), /^_[0-9a-f]{6}$/)
    assert.notEqual(namingOfEvent('track', 'x'.repeat(61)).candidates[1], hashed)
  })

  const properties: { original: string; name: string | RegExp }[] = [
    { original: 'format', name: 'format' },
    { original: 'Row count', name: 'row_count' },
    { original: '2nd', name: 'p_2nd' },
    { original: 'hs_browser', name: 'p_hs_browser' },
    { original: '日本', name: /^p_[0-9a-f]{6}$/ },
  ]
  for (const { original, name } of properties) {
    it(`P5 the property ${original} is ${name}`, () => {
      const chosen = chosenName(namingOfProperty(original), () => undefined)?.name ?? ''
      if (typeof name === 'string') assert.equal(chosen, name)
      else assert.match(chosen, name)
    })
  }
})

/** Spellings that often collide. */
const original = fc.oneof(
  fc.constantFrom('Report exported', 'report exported', 'report-exported', 'REPORT_EXPORTED', 'Report  exported', ' '),
  fc.integer({ min: 0, max: 4 }).map(more => `${'long name '.repeat(8)}${more}`),
  fc.string({ unit: 'binary', maxLength: 60 }),
)

/** What happens to an account: somebody does something new or known, and people edit what they see. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom(...kinds), original }) },
  { weight: 1, arbitrary: fc.record({ relabelled: fc.nat() }) },
)

/** The definitions of an account, which is all that is remembered: a process that starts knows nothing else. */
const account = () => {
  const definitions = new Map<string, Named>()
  return {
    definitions,
    nameOf: (kind: ProductEventKind, name: string): string => {
      const naming = namingOfEvent(kind, name)
      const chosen = chosenName(naming, candidate => definitions.get(candidate))
      assert.ok(chosen)
      if (!chosen.exists) definitions.set(chosen.name, naming)
      return chosen.name
    },
  }
}

describe('names given in an account', () => {
  it('P5 an event keeps its name for good, and no two share one, in whatever order they come and whatever people relabel', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const { definitions, nameOf } = account()
        const names = new Map<string, string>()
        for (const one of steps) {
          if ('relabelled' in one) {
            const name = [...definitions.keys()][one.relabelled % Math.max(1, definitions.size)] ?? ''
            const definition = definitions.get(name)
            if (definition) definitions.set(name, { ...definition, label: 'as people like it' })
            continue
          }
          const key = `${one.kind} ${one.original}`
          const name = nameOf(one.kind, one.original)
          assert.match(name, takenByHubSpot)
          assert.ok(name.startsWith(`pendo_${one.kind}_`))
          assert.equal(names.get(key) ?? name, name, 'another name than before')
          names.set(key, name)
        }
        assert.equal(new Set(names.values()).size, names.size, 'two events share a name')
      }),
      { numRuns: 300 },
    )
  })

  it('P5 whoever comes first keeps the plain name, and the name of whoever comes later follows from its original alone', () => {
    fc.assert(
      fc.property(fc.uniqueArray(original, { maxLength: 12 }), fc.func(fc.nat()), (originals, orderOf) => {
        const plainOf = (name: string) => namingOfEvent('track', name).candidates[0] ?? ''
        const inOrder = (names: readonly string[]) => {
          const { nameOf } = account()
          return new Map(names.map(name => [name, nameOf('track', name)]))
        }
        const one = inOrder(originals)
        const other = inOrder(originals.toSorted((a, b) => orderOf(a) - orderOf(b)))
        for (const name of originals) {
          // The same in both orders, unless one of the orders has made it the first or a later one of those that collide.
          const [a = '', b = ''] = [one.get(name), other.get(name)]
          if (a !== plainOf(name) && b !== plainOf(name)) assert.equal(a, b)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('P5 where the mark was taken from the description the label says whose it is', () => {
    const naming = namingOfEvent('track', 'Report exported')
    const byHand = { label: 'Report exported', description: 'Made by hand' }
    assert.deepEqual(
      chosenName(naming, name => (name === naming.candidates[0] ? byHand : undefined)),
      { name: 'pendo_track_report_exported', exists: true },
    )
    const foreign = { label: 'Something else', description: undefined }
    assert.equal(chosenName(naming, name => (name === naming.candidates[0] ? foreign : undefined))?.exists, false)
  })

  it('P5 properties of one event share no name either', () => {
    fc.assert(
      fc.property(fc.uniqueArray(original, { maxLength: 40 }), originals => {
        const given = new Map<string, Named>()
        for (const name of [...originals, ...originals]) {
          const naming = namingOfProperty(name)
          const chosen = chosenName(naming, candidate => given.get(candidate))
          assert.ok(chosen)
          assert.match(chosen.name, takenByHubSpot)
          if (!chosen.exists) given.set(chosen.name, naming)
        }
        assert.equal(given.size, originals.length)
      }),
      { numRuns: 300 },
    )
  })
})
