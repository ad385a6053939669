import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { memoryDestination } from '../../services/delivery/memory.ts'
import type { MemoryFault } from '../../services/delivery/memory-wire.ts'
import type { FieldValue } from '../../topology/define.ts'
import { delivering, turns, type WriteFacts } from './delivering.ts'

const persons = ['p1', 'p2', 'p3'] as const
const fieldNames = ['count', 'status', 'note'] as const

interface Asked {
  readonly person: (typeof persons)[number]
  /** What the write is about: the person's contact, a task with a key, or an event that is appended. */
  readonly object: 'contact' | 'task' | 'joined'
  /** Which task or event. */
  readonly which: number
  readonly version: number
  readonly fields: Readonly<Record<string, FieldValue>>
}

type Step =
  | { readonly kind: 'writes'; readonly from: number; readonly count: number; readonly isReplay: boolean }
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
      object: fc.constantFrom('contact' as const, 'task' as const, 'joined' as const),
      which: fc.nat(1),
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
      isReplay: fc.boolean(),
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

/** Every person gets a contact in the end, whatever else is asked. */
const made: readonly Asked[] = persons.map(person => ({
  ...{ person, object: 'contact', which: 0, version: -1 },
  fields: { made: true },
}))

const placeOf = ({ object, person, which }: Asked): string =>
  object === 'contact' ? person : `${object}:${person}:${which}`

/** What must be held in the end: of contacts and tasks the value of the highest version per field; events as they are, whoever came first. */
const model = (writes: readonly Asked[]): Record<string, Record<string, FieldValue>> => {
  const held: Record<string, Record<string, FieldValue>> = {}
  for (const one of [...made, ...writes].toSorted((a, b) => a.version - b.version)) {
    const place = placeOf(one)
    held[place] = one.object === 'joined' ? { place } : { ...held[place], ...one.fields }
  }
  return Object.fromEntries(
    Object.entries(held).map(([place, fields]) => [
      place,
      Object.fromEntries(Object.entries(fields).filter(([, one]) => one !== null)),
    ]),
  )
}

const writeOf = (asked: Asked, versionBy: 'revision' | 'time'): WriteFacts => {
  const { person, object, fields, version } = asked
  const key = placeOf(asked).slice(object.length + 1)
  return {
    ...{ person, object, fields, eventId: `event-${version}` },
    ...(versionBy === 'revision' ? { revision: version } : { time: version }),
    ...(object === 'task' ? { key } : {}),
    ...(object === 'joined' ? { operation: 'APPEND', once: key, at: 1, fields: { place: placeOf(asked) } } : {}),
  }
}

const delivered = async (writes: readonly Asked[], steps: readonly Step[], versionBy: 'revision' | 'time') => {
  const harness = await delivering(clock => memoryDestination({ clock, batchSize: 3, concurrency: 2 }), {
    settings: { window: 10, replayWindow: 4 },
  })
  const { destination, kafka, members, start, know, write, replay, done, clock } = harness
  for (const person of persons) know(person, `email:${person}@example.com`)
  destination.latencyMs = 20
  await start()
  for (const one of steps) {
    if (one.kind === 'writes') {
      const some = writes.slice(one.from, one.from + one.count).map(each => writeOf(each, versionBy))
      await (one.isReplay ? replay : write)(...some)
    } else if (one.kind === 'fault') destination.fail(one.fault)
    else if (one.kind === 'lost-commit') kafka.failNextCommit('memory')
    else if (one.kind === 'crash') {
      for (const member of members.splice(0)) kafka.crash(member)
      await start()
    } else {
      await turns(one.turns)
      clock.advanceToNext()
    }
  }
  await write(...[...made, ...writes].map(each => writeOf(each, versionBy)))
  await done()
  return harness
}

const heldBy = ({ destination }: Awaited<ReturnType<typeof delivered>>) =>
  Object.fromEntries([
    ...[...destination.records.values()].map(({ addresses, fields }) => [addresses[0]?.split('@')[0], fields]),
    ...[...destination.dependents].map(([place, { fields }]) => [place, fields]),
  ])

it('any order, repetition, fault and crash of the same writes ends in what the model holds', async () => {
  await fc.assert(
    fc.asyncProperty(
      asked,
      fc.array(step, { maxLength: 12 }),
      fc.constantFrom('revision' as const, 'time' as const),
      async (writes, steps, versionBy) => {
        const harness = await delivered(writes, steps, versionBy)
        assert.deepEqual(heldBy(harness), model(writes))
        assert.deepEqual(harness.destination.collisions, [])
        const appended = harness.destination.effects.filter(({ record }) => record.startsWith('joined:'))
        assert.equal(new Set(appended.map(({ record }) => record)).size, appended.length)
        assert.deepEqual(await harness.deadLetters(), [])
        assert.deepEqual(harness.fatal, [])
      },
    ),
    { numRuns: 60 },
  )
})

it('K5 writing or replaying the same again from the beginning asks nothing of the vendor', async () => {
  await fc.assert(
    fc.asyncProperty(asked, fc.boolean(), async (writes, isReplay) => {
      const harness = await delivered(writes, [], 'revision')
      const requests = harness.destination.requests.length
      await (isReplay ? harness.replay : harness.write)(...writes.map(each => writeOf(each, 'revision')))
      await harness.done()
      assert.equal(harness.destination.requests.length, requests)
    }),
    { numRuns: 20 },
  )
})
