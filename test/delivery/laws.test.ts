import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { type MemoryFault, memoryDestination } from '../../services/delivery/memory.ts'
import type { FieldValue } from '../../topology/define.ts'
import { delivering, turns } from './delivering.ts'

const persons = ['p1', 'p2', 'p3'] as const
const fieldNames = ['count', 'status', 'note'] as const

interface Asked {
  readonly person: (typeof persons)[number]
  readonly version: number
  readonly fields: Readonly<Record<string, FieldValue>>
}

type Step =
  | { readonly kind: 'writes'; readonly from: number; readonly count: number }
  | { readonly kind: 'fault'; readonly fault: MemoryFault }
  | { readonly kind: 'crash' }
  | { readonly kind: 'lost-commit' }
  | { readonly kind: 'time'; readonly turns: number }

const value: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.constant(null),
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom('a', 'b'),
)

/** A set of writes in which a version belongs to one write only, in any order. */
const asked: fc.Arbitrary<readonly Asked[]> = fc
  .array(
    fc.record({
      person: fc.constantFrom(...persons),
      fields: fc.dictionary(fc.constantFrom(...fieldNames), value, { minKeys: 1, noNullPrototype: true }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .chain(all =>
    fc
      .shuffledSubarray(
        all.map((_, index) => index),
        { minLength: all.length },
      )
      .map(order => all.map((one, index) => ({ ...one, version: order[index] ?? 0 }))),
  )

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('writes' as const),
      from: fc.nat(24),
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      fault: fc.constantFrom<MemoryFault>('reset', 'reset-after-apply', { limitedForMs: 500 }, 'needs-person'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lost-commit' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), turns: fc.integer({ min: 1, max: 12 }) }) },
)

/** What the records must hold in the end: per person and field the value of the highest version. */
const model = (writes: readonly Asked[]): Record<string, Record<string, FieldValue>> => {
  const held: Record<string, Record<string, FieldValue>> = {}
  for (const { person, fields } of writes.toSorted((a, b) => a.version - b.version))
    held[person] = { ...held[person], ...fields }
  return Object.fromEntries(
    Object.entries(held).map(([person, fields]) => [
      person,
      Object.fromEntries(Object.entries(fields).filter(([, one]) => one !== null)),
    ]),
  )
}

const delivered = async (writes: readonly Asked[], steps: readonly Step[], versionBy: 'revision' | 'time') => {
  const harness = await delivering(clock => memoryDestination({ clock, batchSize: 3, concurrency: 2 }), {
    settings: { window: 10 },
  })
  const { destination, kafka, members, start, know, write, done, clock } = harness
  for (const person of persons) know(person, `email:${person}@example.com`)
  destination.latencyMs = 20
  await start()
  const publish = (some: readonly Asked[]): Promise<void> =>
    write(
      ...some.map(({ person, fields, version }) => ({
        ...{ person, fields, eventId: `event-${version}` },
        ...(versionBy === 'revision' ? { revision: version } : { time: version }),
      })),
    )
  for (const one of steps) {
    if (one.kind === 'writes') await publish(writes.slice(one.from, one.from + one.count))
    else if (one.kind === 'fault') destination.fail(one.fault)
    else if (one.kind === 'lost-commit') kafka.failNextCommit('memory')
    else if (one.kind === 'crash') {
      for (const member of members.splice(0)) kafka.crash(member)
      await start()
    } else {
      await turns(one.turns)
      clock.advanceToNext()
    }
  }
  await publish(writes)
  await done()
  return harness
}

const heldBy = (harness: Awaited<ReturnType<typeof delivered>>) =>
  Object.fromEntries(
    [...harness.destination.records.values()].map(({ addresses, fields }) => [addresses[0]?.split('@')[0], fields]),
  )

it('any order, repetition, fault and crash of the same writes ends in the records of the model', async () => {
  await fc.assert(
    fc.asyncProperty(
      asked,
      fc.array(step, { maxLength: 12 }),
      fc.constantFrom('revision' as const, 'time' as const),
      async (writes, steps, versionBy) => {
        const harness = await delivered(writes, steps, versionBy)
        assert.deepEqual(heldBy(harness), model(writes))
        assert.deepEqual(harness.destination.collisions, [])
        assert.deepEqual(await harness.deadLetters(), [])
        assert.deepEqual(harness.fatal, [])
      },
    ),
    { numRuns: 60 },
  )
})

it('writing the same again from the beginning changes nothing at the vendor', async () => {
  await fc.assert(
    fc.asyncProperty(asked, async writes => {
      const harness = await delivered(writes, [], 'revision')
      const effects = harness.destination.effects.length
      await harness.write(
        ...writes.map(({ person, fields, version }) => ({
          person,
          fields,
          revision: version,
          eventId: `event-${version}`,
        })),
      )
      await harness.done()
      assert.equal(harness.destination.effects.length, effects)
    }),
    { numRuns: 20 },
  )
})
