import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { MemoryDestination } from '../../services/delivery/memory.ts'
import type { Difference } from '../../services/replay/dry-run/comparison.ts'
import { pendingEffects } from '../../services/replay/dry-run/differences.ts'
import { tracks } from '../../topology/topics.ts'
import { trackEvent } from '../tracks/events.ts'
import { type CrmSystem, crmTopology, startCrmSystem } from './crm.ts'

const addresses = ['ada@example.com', 'bob@example.com', 'carol@example.com'] as const
const names = ['signed up', 'joined', 'left'] as const

/** What people do at the vendor meanwhile. */
type Deed =
  | { readonly kind: 'edit' | 'remove' | 'edit-task'; readonly nth: number }
  | { readonly kind: 'add'; readonly address: string }

interface Scenario {
  /** Who has a record from the beginning. */
  readonly known: readonly string[]
  readonly events: readonly (readonly [address: string, name: string])[]
  readonly deeds: readonly Deed[]
  /** What the mapping calls things afterwards. */
  readonly corrected: { readonly track: boolean; readonly subject: boolean; readonly occurrence: boolean }
  readonly key: string | null
}

const address = fc.constantFrom(...addresses)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('edit' as const, 'remove' as const, 'edit-task' as const),
    nth: fc.nat({ max: 3 }),
  }),
  fc.record({ kind: fc.constant('add' as const), address }),
)
const scenario: fc.Arbitrary<Scenario> = fc.record({
  known: fc.subarray([...addresses]),
  events: fc.array(fc.tuple(address, fc.constantFrom(...names)), { minLength: 1, maxLength: 6 }),
  deeds: fc.array(deed, { maxLength: 4 }),
  corrected: fc.record({ track: fc.boolean(), subject: fc.boolean(), occurrence: fc.boolean() }),
  key: fc.option(address),
})

const play = async (system: CrmSystem, { events, deeds }: Scenario): Promise<void> => {
  for (const each of addresses) await system.person(`email:${each}`)
  await system.given(tracks, ...events.map(([whose, name]) => trackEvent(`email:${whose}`, name)))
  for (const each of deeds) act(system.crm, each)
}

/** The maps of the destination are its own; here somebody at the vendor changes what they hold. */
const act = (crm: MemoryDestination, deed: Deed): void => {
  if (deed.kind === 'add') {
    crm.add([deed.address], { track: 'of another time' })
    return
  }
  const held = (deed.kind === 'edit-task' ? crm.dependents : crm.records) as unknown as Map<
    string,
    { readonly fields: object }
  >
  const keys = [...held.keys()].filter(key => deed.kind !== 'edit-task' || key.startsWith('task:'))
  const key = keys[deed.nth % Math.max(1, keys.length)]
  const before = key === undefined ? undefined : held.get(key)
  if (key === undefined || before === undefined) return
  if (deed.kind === 'remove') crm.remove(key)
  else held.set(key, { ...before, fields: { ...before.fields, track: 'by hand', subject: 'by hand' } })
}

type State = ReadonlyMap<string, { readonly new: string; readonly fields: Readonly<Record<string, unknown>> }>

const stateOf = ({ records, dependents }: MemoryDestination): State =>
  new Map([
    ...[...records].map(
      ([
        id,
        {
          addresses: [first],
          fields,
        },
      ]) => [id, { new: `new:${first}`, fields }] as const,
    ),
    ...[...dependents].map(([place, { fields }]) => [place, { new: place, fields }] as const),
  ])

/** `<place> <field>` and the value that came to be there. */
const changesBetween = (before: State, after: State): readonly string[] =>
  [...after].flatMap(([place, { new: made, fields }]) => {
    const former = before.get(place)
    return Object.entries(fields).flatMap(([field, value]) =>
      former?.fields[field] === value ? [] : [`${former ? place : made} ${field} ${value}`],
    )
  })

const plannedIn = (differences: readonly Difference[], addressOf: (person: string) => string): readonly string[] =>
  differences
    .filter(({ effect }) => pendingEffects.has(effect))
    .map(({ object, record, person, field, wouldBe }) => {
      const place = object === 'contact' ? (record ?? `new:${addressOf(person ?? '')}`) : `${object}:${record}`
      return `${place} ${field} ${wouldBe}`
    })

describe('a dry run and the replay after it', () => {
  it('K5 agree on every change, whatever was delivered, corrected, edited and deleted before', async () => {
    let changed = 0
    await fc.assert(
      fc.asyncProperty(scenario, async given => {
        const system = await startCrmSystem(...given.known)
        await play(system, given)
        const corrected = (is: boolean) => (name: string) => (is ? `${name}!` : name)
        const { track, subject, occurrence } = given.corrected
        const mapping = { track: corrected(track), subject: corrected(subject), occurrence: corrected(occurrence) }
        const flags = given.key === null ? {} : { keys: [`email:${given.key}`] }
        const before = stateOf(system.crm)
        const { differences, pending } = await system.dryRun(crmTopology(mapping), 'track-crm', flags)
        assert.deepEqual(stateOf(system.crm), before)
        await system.replay(crmTopology(mapping), 'track-crm', flags)
        const addressOf = (person: string): string => {
          const found = system.pipeline.directory.find(`person:${person}`)
          return found.status === 'known' ? (found.person.emails[0] ?? '') : ''
        }
        const changes = changesBetween(before, stateOf(system.crm))
        assert.deepEqual(changes.toSorted(), plannedIn(differences, addressOf).toSorted())
        assert.equal(pending, changes.length > 0)
        changed += changes.length
        await system.close()
      }),
      { numRuns: 30 },
    )
    assert.ok(changed > 0, 'no scenario changed anything')
  })
})
