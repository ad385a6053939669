import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type {
  Destination,
  StandaloneInput,
  StandaloneObject,
  StandaloneResult,
} from '../../services/delivery/destination.ts'
import type { FieldValue } from '../../topology/define.ts'

type Fields = Readonly<Record<string, FieldValue>>

/** A destination with an object that stands alone, and a vendor behind it that the suite can look into and disturb. */
export interface StandaloneHarness {
  readonly destination: Destination
  /** Name of the object. */
  readonly object: string
  /** Everything that the vendor holds of the object. */
  held(): Promise<readonly Fields[]>
  /** What happens to the next request that may change something of the object. */
  disturb(how: 'reset' | 'reset-after-apply' | 'token' | 'limit' | 'busy'): Promise<void>
  /** All fields of one; they differ with the number. */
  fields(number: number): Fields
  /** What of an input makes the vendor refuse it, though it keeps the rules that are known here. */
  readonly refused: Partial<Pick<StandaloneInput, 'key' | 'fields'>>
  /** What of `fields(number)` the vendor keeps, as `held` spells it. */
  kept(number: number): Fields
  /** Fields that are too few to make one of, where only a write of all fields does. */
  readonly change?: Fields
  /** Whether the vendor makes a second one of an append that is put again, because it knows no key of it. */
  readonly makesSecond?: true
  /** When appends happen, in milliseconds since the epoch. */
  readonly at?: number
}

interface Opened extends StandaloneHarness {
  readonly alone: StandaloneObject
  put(
    ...inputs: readonly (Partial<StandaloneInput> & Pick<StandaloneInput, 'key'>)[]
  ): Promise<readonly StandaloneResult[]>
  /** Every one that is held, reduced to these fields. */
  heldOf(fields: Fields): Promise<readonly Fields[]>
}

/** A first write that is whole has no news for what is there. */
const asEngine = ({ isWhole }: StandaloneObject, input: StandaloneInput): StandaloneInput =>
  isWhole?.(input) && !input.known ? { ...input, news: {} } : input

const openedBy =
  (open: (context: TestContext) => Promise<StandaloneHarness>) =>
  async (context: TestContext): Promise<Opened> => {
    const { signal } = new AbortController()
    const harness = await open(context)
    const alone = harness.destination.objects[harness.object]
    assert.ok(alone && alone.kind !== 'record' && alone.of === null)
    assert.equal((await harness.destination.prepare(signal)).kind, 'ready')
    const at = alone.kind === 'appended' ? (harness.at ?? Date.now()) : null
    const whole = { fields: harness.fields(1), at, known: false, repeated: false }
    return {
      ...harness,
      alone,
      put: (...inputs) =>
        alone.put(
          inputs.map(input => asEngine(alone, { ...whole, ...input })),
          signal,
        ),
      heldOf: async fields =>
        (await harness.held()).map(one =>
          Object.fromEntries(Object.keys(fields).map(name => [name, one[name] ?? null])),
        ),
    }
  }

/** What the delivery engine relies on in an object that stands alone, whatever the vendor. */
export const standaloneContract = (name: string, open: (context: TestContext) => Promise<StandaloneHarness>): void => {
  const opened = openedBy(open)
  const kinds = (results: readonly StandaloneResult[]): readonly string[] => results.map(({ kind }) => kind)

  describe(`the contract of an object that stands alone: ${name}`, () => {
    it('K3 makes one, and not a second one when it is put again, if the vendor can tell', async context => {
      const { put, kept, heldOf, makesSecond } = await opened(context)
      assert.deepEqual(kinds(await put({ key: 'key-1' })), ['put'])
      assert.deepEqual(kinds(await put({ key: 'key-1', known: true, repeated: true })), ['put'])
      assert.deepEqual(await heldOf(kept(1)), makesSecond ? [kept(1), kept(1)] : [kept(1)])
    })

    it('K3 changes a keyed one, and never one that was appended', async context => {
      const { put, fields, kept, heldOf, alone, makesSecond } = await opened(context)
      await put({ key: 'key-1' })
      if (makesSecond) return
      assert.deepEqual(kinds(await put({ key: 'key-1', fields: fields(2), known: true })), ['put'])
      const standing = kept(alone.kind === 'keyed' ? 2 : 1)
      assert.deepEqual(await heldOf(standing), [standing])
    })

    it('K3 refuses one input alone, and tells why without its values', async context => {
      const { put, refused, kept, heldOf } = await opened(context)
      const results = await put({ key: 'key-1', ...refused }, { key: 'key-2' })
      assert.deepEqual(kinds(results), ['rejected', 'put'])
      assert.ok((await heldOf(kept(1))).some(one => JSON.stringify(one) === JSON.stringify(kept(1))))
      const [first] = results
      assert.ok(first?.kind === 'rejected')
      assert.match(first.code, /^[A-Z0-9_]+$/)
      for (const value of Object.values(refused.fields ?? {}))
        if (value) assert.ok(!first.message.includes(String(value)))
    })

    it('T8 K4 makes none of a change when only a write of all fields does, and loses neither', async context => {
      const { put, change, kept, held, heldOf } = await opened(context)
      if (!change) return
      const [refused] = await put({ key: 'key-1', fields: change })
      assert.equal(refused?.kind, 'rejected')
      assert.deepEqual(await held(), [])
      assert.deepEqual(kinds(await put({ key: 'key-1' })), ['put'])
      assert.deepEqual(kinds(await put({ key: 'key-1', fields: change })), ['put'])
      const standing = { ...kept(1), ...change }
      assert.deepEqual(await heldOf(standing), [standing])
    })

    it('T8 K4 leaves what somebody changed on one that an attempt made of which no answer came', async context => {
      const { put, change, kept, heldOf } = await opened(context)
      if (!change) return
      await put({ key: 'key-1' })
      await put({ key: 'key-1', fields: change, known: true })
      const standing = { ...kept(1), ...change }
      for (const repeated of [true, false]) {
        const [again] = await put({ key: 'key-1', repeated })
        assert.ok(again?.kind === 'put' && !again.created)
        assert.deepEqual(await heldOf(standing), [standing])
      }
    })

    it('T8 changes of one that was delivered only what is new', async context => {
      const { put, change, fields, kept, heldOf } = await opened(context)
      if (!change) return
      await put({ key: 'key-1' })
      await put({ key: 'key-1', fields: change, known: true })
      const news = Object.fromEntries(Object.entries(fields(2)).filter(([name]) => !(name in change)))
      assert.deepEqual(kinds(await put({ key: 'key-1', fields: fields(2), known: true, news })), ['put'])
      const standing = { ...kept(2), ...change }
      assert.deepEqual(await heldOf(standing), [standing])
    })

    it('K4 asks to try again after a reset', async context => {
      const { put, disturb, kept, heldOf, makesSecond } = await opened(context)
      await disturb('reset')
      assert.deepEqual(kinds(await put({ key: 'key-1' })), ['retry'])
      assert.deepEqual(await heldOf(kept(1)), [])
      await disturb('reset-after-apply')
      assert.deepEqual(kinds(await put({ key: 'key-1', repeated: true })), ['retry'])
      assert.deepEqual(kinds(await put({ key: 'key-1', repeated: true })), ['put'])
      assert.equal((await heldOf(kept(1))).length, makesSecond ? 2 : 1)
    })

    it('K3 tells a limit and an illness from a key that is refused', async context => {
      const { put, disturb } = await opened(context)
      await disturb('limit')
      const [limited] = await put({ key: 'key-1' })
      assert.ok(limited?.kind === 'retry')
      assert.equal(limited.limited, true)
      await disturb('busy')
      const [busy] = await put({ key: 'key-1' })
      assert.ok(busy?.kind === 'retry')
      assert.notEqual(busy.limited, true)
      await disturb('token')
      const [blocked] = await put({ key: 'key-1' })
      assert.equal(blocked?.kind, 'needs-person')
    })

    it('K3 takes a full batch', async context => {
      const { put, alone, held } = await opened(context)
      const results = await put(...Array.from({ length: alone.batchSize }, (_, n) => ({ key: `key-${n}` })))
      assert.ok(results.every(({ kind }) => kind === 'put'))
      assert.equal((await held()).length, alone.batchSize)
    })

    it('K3 K5 takes what its own rules leave, and they leave all of that', async context => {
      const { put, alone, fields, at = null } = await opened(context)
      const when = alone.kind === 'appended' ? (at ?? Date.now()) : null
      const fitted = alone.fit?.(fields(1), when)
      if (!fitted) return
      assert.equal(fitted.refusal, undefined)
      assert.deepEqual(alone.fit?.(fitted.fields, when).fields, fitted.fields)
      assert.deepEqual(kinds(await put({ key: 'key-1', fields: fitted.fields })), ['put'])
    })

    it('K5 reads what is held, where the vendor can be asked', async context => {
      const { put, fields, alone } = await opened(context)
      await put({ key: 'key-1' })
      const names = Object.keys(fields(1))
      const results = await alone.read?.(['key-none', 'key-1'], names, new AbortController().signal)
      if (!results) return
      const [missing, found] = results
      assert.equal(missing?.kind, 'missing')
      assert.ok(found?.kind === 'held')
      assert.deepEqual(found.fields, fields(1))
    })
  })
}
