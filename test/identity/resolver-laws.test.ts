import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { IdentityClaim } from '../../schemas/generated.ts'
import { modelOf, modelOfRows } from './claim-set-model.ts'
import { apart, deliver, deliveries, erase, erasures, lift, seen, Table } from './claim-sets.ts'

const runs = { numRuns: 500 }

const set = (...kinds: fc.Arbitrary<IdentityClaim>[]): fc.Arbitrary<IdentityClaim[]> =>
  fc.array(fc.oneof(...kinds), { maxLength: 9 })

/** Who leads where holds together, whatever the claims were. */
const assertWhole = (table: Table): void => {
  for (const [key, row] of table.rows) {
    if (row.kind === 'ALIAS') {
      const person = table.row(`person:${row.person}`)
      assert.equal(person?.kind, 'PERSON', `${key} leads to a person`)
      assert.ok(person.aliases.includes(key), `${key} is an alias of its person`)
      assert.equal(table.erased(key)?.lifted === null, false, `${key} is not erased`)
    }
    if (row.kind === 'PERSON') {
      for (const alias of row.aliases) assert.equal(table.row(alias)?.person, row.person, `${alias} leads to ${key}`)
      for (const { person } of row.former) assert.equal(table.row(`person:${person}`)?.person, row.person)
    }
    if (row.kind === 'MERGED') {
      const survivor = table.row(`person:${row.person}`)
      assert.equal(survivor?.kind, 'PERSON', `${key} leads to a person in one step`)
      assert.ok(survivor.former.some(({ person }) => key === `person:${person}`))
    }
    if (row.kind === 'ERASED') {
      assert.deepEqual([row.person, row.aliases, row.former, row.links, row.attributes], [null, [], [], [], {}])
      assert.equal(row.pointer?.alias ?? null, null)
    }
  }
  for (const [id, alias] of table.seen) assertSeenIdLeads(table, id, alias)
}

/** A reader who holds an id follows it to whoever has the alias it was made of, or learns that this one is forgotten. */
const assertSeenIdLeads = (table: Table, id: string, alias: string): void => {
  const row = table.row(`person:${id}`)
  if (!row) {
    assert.ok(table.erased(`person:${id}`), 'an id without a row is an erased one')
    return
  }
  assert.equal(row.person, table.row(alias)?.person)
}

const law = (
  name: string,
  claims: fc.Arbitrary<readonly (readonly IdentityClaim[])[]>,
  holds: (phases: readonly (readonly IdentityClaim[])[], ways: readonly [Table, Table]) => void = () => {},
): void => {
  const twoWays = claims.chain(phases =>
    fc.record({
      phases: fc.constant(phases),
      one: fc.tuple(...phases.map(deliveries)),
      other: fc.tuple(...phases.map(deliveries)),
      // A LIFT acts on what it meets, so a second one is another one; its own phase repeats it.
      again: fc.subarray(phases.flat().filter(({ kind }) => kind !== 'LIFT')),
    }),
  )
  test(name, () => {
    fc.assert(
      fc.property(twoWays, ({ phases, one, other, again }) => {
        const first = deliver(new Table(), one.flat())
        const second = deliver(new Table(), [...other.flat(), again])
        assertWhole(first)
        assertWhole(second)
        const ids = new Map([...first.seen, ...second.seen])
        for (const [id, alias] of ids) {
          first.seen.set(id, first.seen.get(id) ?? alias)
          second.seen.set(id, second.seen.get(id) ?? alias)
        }
        assert.deepEqual(second.state(), first.state())
        holds(phases, [first, second])
      }),
      runs,
    )
  })
}

law(
  'the same claims in any order, repetition and batches make the same rows, APART included',
  fc.tuple(set(seen(), apart())),
  ([claims = []], [table]) => assert.deepEqual(modelOfRows(table, claims), modelOf(claims)),
)

law(
  'claims and erasures make the same rows in any order',
  fc.tuple(set(seen(), seen(), erase())),
  ([claims = []], [table]) => assert.deepEqual(modelOfRows(table, claims), modelOf(claims)),
)

law(
  'an erasure takes the persons as operators told them apart before it, wherever the links come',
  fc.tuple(set(seen(), apart()), set(seen(), seen(), erase())),
  ([early = [], late = []], [table]) => {
    const claims = [...early, ...late]
    assert.deepEqual(modelOfRows(table, claims), modelOf(claims))
  },
)

const atLift = fc.integer({ min: 11, max: 18 })
const afterwards = fc.integer({ min: 21, max: 28 })
law(
  'what a LIFT lets in does not depend on the order of what is older or of what is newer, and older claims do not come back',
  fc.tuple(
    set(seen(), apart()),
    set(seen(), erase(), erase()),
    set(lift(atLift)),
    set(apart(), apart(afterwards)),
    set(seen(), seen(afterwards), seen(afterwards), erase(afterwards)),
  ),
)

test('the rows hold all that is needed: a table read back from a compacted topic goes on as if nothing had happened', () => {
  fc.assert(
    fc.property(set(seen(), apart(), erase()), set(seen(), apart(), erase()), (before, after) => {
      const table = deliver(new Table(), [before])
      const restarted = new Table()
      for (const [key, row] of table.rows) restarted.rows.set(key, JSON.parse(JSON.stringify(row)))
      deliver(table, [after])
      deliver(restarted, [after])
      assert.deepEqual(Object.fromEntries(restarted.rows), Object.fromEntries(table.rows))
    }),
    runs,
  )
})

test('no text of a claim remains in the rows of the forgotten', () => {
  fc.assert(
    fc.property(set(seen(), erase()), claims => {
      const table = deliver(new Table(), [claims])
      const { forgotten } = modelOf(claims)
      const rows = JSON.stringify([...table.rows])
      for (const alias of forgotten) assert.ok(!rows.includes(alias))
      for (const [key, row] of table.rows) {
        if (row.kind === 'ERASED') assert.match(key + JSON.stringify(row), /^erased:[0-9a-f]{64}\{[^@]*\}$/)
      }
    }),
    runs,
  )
})

test('an erased alias is erased under its secret only', () => {
  assert.match(erasures.keyOf('email:a@x.example'), /^erased:[0-9a-f]{64}$/)
})
