import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type {
  DependentObject,
  Destination,
  PutInput,
  PutResult,
  RecordRef,
} from '../../services/delivery/destination.ts'
import type { FieldValue, Person } from '../../topology/define.ts'

type Fields = Readonly<Record<string, FieldValue>>

/** A destination with an object that belongs to a record, and a vendor behind it that the suite can look into and disturb. */
export interface DependentHarness {
  readonly destination: Destination
  /** Name of the dependent object. */
  readonly object: string
  /** Makes a record that it can belong to, past the destination. */
  add(address: string): Promise<RecordRef>
  /** Gives what stands for both afterwards. */
  merge(from: RecordRef, into: RecordRef): Promise<RecordRef>
  remove(record: RecordRef): Promise<void>
  /** Everything that the vendor holds of the object, by its key as the vendor keeps it or by the order in which it was made. */
  held(): Promise<readonly Fields[]>
  /** What happens to the next request that may change something of the object. */
  disturb(how: 'reset' | 'reset-after-apply' | 'token' | 'limit'): Promise<void>
  /** All fields of one; they differ with the number. */
  fields(number: number): Fields
  /** Fields that the vendor refuses. */
  readonly refused: Fields
  /** What of `fields(number)` the vendor keeps, as `held` spells it. */
  kept(number: number): Fields
}

const person = (address: string): Person => ({
  id: `person of ${address}`,
  aliases: [`email:${address}`],
  emails: [address],
  attributes: {},
})

interface Opened extends DependentHarness {
  readonly dependents: DependentObject
  put(...inputs: readonly (Partial<PutInput> & Pick<PutInput, 'key' | 'of'>)[]): Promise<readonly PutResult[]>
  /** Every one that is held, reduced to these fields. */
  heldOf(fields: Fields): Promise<readonly Fields[]>
}

const openedBy =
  (open: (context: TestContext) => Promise<DependentHarness>) =>
  async (context: TestContext): Promise<Opened> => {
    const { signal } = new AbortController()
    const harness = await open(context)
    const dependents = harness.destination.objects[harness.object]
    assert.ok(dependents && dependents.kind !== 'record' && dependents.of !== null)
    await harness.destination.prepare(signal)
    const at = dependents.kind === 'appended' ? Date.parse('2026-03-04T15:00:00Z') : null
    const whole = { person: person('ada@example.com'), fields: harness.fields(1), at, known: false, repeated: false }
    return {
      ...harness,
      dependents,
      put: (...inputs) =>
        dependents.put(
          inputs.map(input => ({ ...whole, ...input })),
          signal,
        ),
      heldOf: async fields =>
        (await harness.held()).map(one =>
          Object.fromEntries(Object.keys(fields).map(name => [name, one[name] ?? null])),
        ),
    }
  }

/** What the delivery engine relies on in an object that belongs to a person's record, whatever the vendor. */
export const dependentContract = (name: string, open: (context: TestContext) => Promise<DependentHarness>): void => {
  const opened = openedBy(open)
  const kinds = (results: readonly PutResult[]): readonly string[] => results.map(({ kind }) => kind)

  describe(`the contract of an object that belongs to a record: ${name}`, () => {
    it('makes one, and not a second one when it is put again', async context => {
      const { put, add, kept, heldOf } = await opened(context)
      const of = await add('ada@example.com')
      assert.deepEqual(kinds(await put({ key: 'key:1', of })), ['put'])
      assert.deepEqual(kinds(await put({ key: 'key:1', of, known: true, repeated: true })), ['put'])
      assert.deepEqual(await heldOf(kept(1)), [kept(1)])
    })

    it('changes a keyed one, and never one that was appended', async context => {
      const { put, add, fields, kept, heldOf, dependents } = await opened(context)
      const of = await add('ada@example.com')
      await put({ key: 'key:1', of })
      assert.deepEqual(kinds(await put({ key: 'key:1', of, fields: fields(2), known: true })), ['put'])
      const standing = kept(dependents.kind === 'keyed' ? 2 : 1)
      assert.deepEqual(await heldOf(standing), [standing])
    })

    it('refuses one input alone, and tells why without its values', async context => {
      const { put, add, refused, kept, heldOf } = await opened(context)
      const of = await add('ada@example.com')
      const results = await put({ key: 'key:1', of, fields: refused }, { key: 'key:2', of })
      assert.deepEqual(kinds(results), ['rejected', 'put'])
      assert.deepEqual(await heldOf(kept(1)), [kept(1)])
      const [first] = results
      assert.ok(first?.kind === 'rejected')
      assert.match(first.code, /^[A-Z0-9_]+$/)
      for (const value of Object.values(refused)) if (value) assert.ok(!first.message.includes(String(value)))
    })

    it('names what stands in the place of a merged record, and nothing for a deleted one', async context => {
      const { put, add, merge, remove, kept, heldOf } = await opened(context)
      const [gone, into, deleted, well] = [
        await add('ada@example.com'),
        await add('lovelace@example.com'),
        await add('bob@example.com'),
        await add('grace@example.com'),
      ]
      const survivor = await merge(gone, into)
      await remove(deleted)
      const results = await put({ key: 'key:1', of: gone }, { key: 'key:2', of: deleted }, { key: 'key:3', of: well })
      const [merged, removed, put3] = results
      // A vendor may follow its own merges; then nothing is orphaned.
      if (merged?.kind === 'orphaned') assert.deepEqual(merged.survivor, survivor)
      else assert.equal(merged?.kind, 'put')
      assert.deepEqual(removed?.kind === 'orphaned' ? removed.survivor : removed, null)
      assert.equal(put3?.kind, 'put')
      assert.equal((await heldOf(kept(1))).length, merged?.kind === 'put' ? 2 : 1)
    })

    it('asks to try again after a reset, and makes no second one of what a lost answer had made', async context => {
      const { put, add, disturb, kept, heldOf } = await opened(context)
      const of = await add('ada@example.com')
      await disturb('reset')
      assert.deepEqual(kinds(await put({ key: 'key:1', of })), ['retry'])
      assert.deepEqual(await heldOf(kept(1)), [])
      await disturb('reset-after-apply')
      assert.deepEqual(kinds(await put({ key: 'key:1', of, repeated: true })), ['retry'])
      assert.deepEqual(kinds(await put({ key: 'key:1', of, repeated: true })), ['put'])
      assert.deepEqual(await heldOf(kept(1)), [kept(1)])
    })

    it('makes no second one of what was made before a crash, of which nobody tells', async context => {
      const { put, add, disturb, kept, heldOf } = await opened(context)
      const of = await add('ada@example.com')
      await disturb('reset-after-apply')
      await put({ key: 'key:1', of })
      assert.deepEqual(kinds(await put({ key: 'key:1', of })), ['put'])
      assert.deepEqual(await heldOf(kept(1)), [kept(1)])
    })

    it('tells a limit from a token that is refused', async context => {
      const { put, add, disturb } = await opened(context)
      const of = await add('ada@example.com')
      await disturb('limit')
      const [limited] = await put({ key: 'key:1', of })
      assert.ok(limited?.kind === 'retry')
      assert.equal(limited.limited, true)
      await disturb('token')
      const [blocked] = await put({ key: 'key:1', of })
      assert.equal(blocked?.kind, 'needs-person')
    })

    it('takes a full batch, each for its own record', async context => {
      const { put, add, dependents, held } = await opened(context)
      const [ada, bob] = [await add('ada@example.com'), await add('bob@example.com')]
      const inputs = Array.from({ length: dependents.batchSize }, (_, n) => ({
        key: `key:${n}`,
        of: n % 2 === 0 ? ada : bob,
        person: person(n % 2 === 0 ? 'ada@example.com' : 'bob@example.com'),
      }))
      const results = await put(...inputs)
      assert.ok(results.every(({ kind }) => kind === 'put'))
      assert.equal((await held()).length, inputs.length)
    })

    it('reads what is held, where the vendor can be asked', async context => {
      const { put, add, fields, dependents } = await opened(context)
      const of = await add('ada@example.com')
      await put({ key: 'key:1', of })
      const targets = [
        { key: 'key:none', of },
        { key: 'key:1', of },
      ]
      const names = Object.keys(fields(1))
      const results = await dependents.read?.(targets, names, new AbortController().signal)
      if (!results) return
      const [missing, found] = results
      assert.equal(missing?.kind, 'missing')
      assert.ok(found?.kind === 'held')
      assert.deepEqual(found.fields, fields(1))
    })
  })
}
