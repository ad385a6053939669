import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { FieldValue } from '../../topology/define.ts'
import { type Asked, people } from './driving.ts'
import { contact, fields, mappingOf, visitor, wholeContact } from './sides.ts'
import { Underway, VendorRecord } from './vendors.ts'

type Command =
  | { readonly kind: 'edit-pendo' | 'edit-hubspot'; readonly field: number; readonly times: number }
  | { readonly kind: 'read-pendo' | 'read-hubspot'; readonly ago: number }
  | { readonly kind: 'deliver-pendo' | 'deliver-hubspot'; readonly count: number; readonly leaks: boolean }
  | { readonly kind: 'receive' | 'repeat'; readonly which: number }

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('edit-pendo' as const, 'edit-hubspot' as const),
      field: fc.nat(fields.length - 1),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('read-pendo' as const, 'read-hubspot' as const),
      ago: fc.constantFrom(0, 0, 0, 1, 2, 5),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('deliver-pendo' as const, 'deliver-hubspot' as const),
      count: fc.integer({ min: 1, max: 4 }),
      leaks: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('receive' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), which: fc.nat(30) }) },
)

/** Sometimes longer than a vendor takes to show what it took, sometimes not. */
const stepMs = 180_000

const history = fc.array(command, { maxLength: 60, size: 'max' })

/** A person's visitor and contact, both vendors, and the two consumers between them. */
class World {
  readonly pendo = new VendorRecord({ 'agent.language': 'de' })
  readonly hubspot = new VendorRecord(Object.fromEntries(fields.map(({ hubspot }) => [hubspot, null])))
  readonly #system = people(mappingOf())
  readonly #underway = new Underway()
  readonly #receipts: { readonly asked: Asked; readonly time: number }[] = []
  #now = 0
  edits = 0

  run(command: Command): void {
    this.#now += stepMs
    if (command.kind === 'edit-pendo') this.#edit('pendo', command)
    else if (command.kind === 'edit-hubspot') this.#edit('hubspot', command)
    else if (command.kind === 'read-pendo') this.#readPendo(command.ago)
    else if (command.kind === 'read-hubspot') this.#readHubSpot(command.ago)
    else if (command.kind === 'receive') this.#receive(command.which)
    else if (command.kind === 'repeat') this.#underway.repeat(command.which)
    else if (command.kind === 'deliver-pendo') this.#deliverToPendo(command.count)
    else if ('leaks' in command) this.#deliverToHubSpot(command.count, command.leaks)
  }

  /** Requests to both vendors. */
  get requests(): number {
    return this.pendo.requests + this.hubspot.requests
  }

  /** Everything arrives, and both are read until that leads to no request. Gives how often that took. */
  settle(): number {
    for (let round = 1; round < 20; round++) {
      const before = this.requests
      this.#now += stepMs
      this.#readReceipts()
      this.#readPendo(0)
      this.#readHubSpot(0)
      while (this.#receive(0)) this.#now += stepMs
      this.#deliverToPendo(100)
      this.#deliverToHubSpot(100, false)
      if (this.requests === before) return round
    }
    return Number.POSITIVE_INFINITY
  }

  /** Each value is another one, as of people who write. */
  #edit(side: 'pendo' | 'hubspot', { field: index, times }: { readonly field: number; readonly times: number }): void {
    const field = fields[index]
    if (!field) return
    this.edits += 1
    const value: FieldValue = field.type === 'number' ? this.edits : String(this.edits)
    if (side === 'pendo') {
      this.pendo.edit(field.pendo, value, this.#now)
      return
    }
    this.hubspot.edit(field.hubspot, String(value), this.#now)
    this.#tellChange(field.hubspot, String(value), times)
  }

  #tellChange(property: string, value: FieldValue, times: number): void {
    const eventId = `hubspot:${this.#now}:${property}`
    this.#underway.send(contact({ [property]: value }, { time: this.#now, eventId }), times)
  }

  #readPendo(ago: number): void {
    const { values, changed } = this.pendo.read(ago)
    this.#underway.send(visitor(values, { time: changed, eventId: `pendo:${changed}` }))
  }

  #readHubSpot(ago: number): void {
    const { values, changed } = this.hubspot.read(ago)
    this.#underway.send(wholeContact(values, { time: changed, eventId: `hubspot:sweep:${changed}` }))
  }

  #deliverToPendo(count: number): void {
    this.#tellReceipts(this.pendo.deliver(count, this.#now).taken)
  }

  /** Our own writes are left out by the producer; some come through all the same. */
  #deliverToHubSpot(count: number, leaks: boolean): void {
    const { changed, taken } = this.hubspot.deliver(count, this.#now)
    if (leaks) for (const [property, value] of Object.entries(changed)) this.#tellChange(property, value, 1)
    this.#tellReceipts(taken)
  }

  /** Receipts come now, later or, while their consumer is away, much later. */
  #tellReceipts(taken: readonly Asked[]): void {
    for (const asked of taken) this.#receipts.push({ asked, time: this.#now + 1 })
    if (this.#now % 3 > 0) this.#readReceipts()
  }

  #readReceipts(): void {
    for (const { asked, time } of this.#receipts.splice(0)) this.#system.took(asked, time)
  }

  #receive(which: number): boolean {
    const event = this.#underway.take(which, this.#now)
    if (!event) return false
    for (const asked of this.#system.told(event))
      if (asked.to === 'hubspot:contact') this.hubspot.ask(asked)
      else this.pendo.ask({ ...asked, fields: inGroup('custom', asked.fields) })
    return true
  }
}

const inGroup = (group: string, values: Readonly<Record<string, FieldValue>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}.${name}`, value]))

const heldBy = ({ pendo, hubspot }: World) =>
  fields.map(field => {
    const [one, other] = [pendo.values[field.pendo] ?? null, hubspot.values[field.hubspot] ?? null]
    return { field: field.hubspot, pendo: one === null ? null : String(one), hubspot: other }
  })

const lived = (all: readonly Command[]): World => {
  const world = new World()
  for (const one of all) world.run(one)
  return world
}

describe('Pendo and HubSpot, whatever happens', () => {
  it('P7 both sides end equal, and what has one source as that', () => {
    fc.assert(
      fc.property(history, all => {
        const world = lived(all)
        assert.ok(world.settle() < 5, 'it never comes to rest')
        for (const { field, pendo, hubspot } of heldBy(world)) {
          const isSourceEmpty =
            (field === 'pendo_role' && pendo === null) || (field === 'lifecyclestage' && hubspot === null)
          if (!isSourceEmpty) assert.equal(pendo, hubspot, field)
        }
      }),
      { numRuns: 600 },
    )
  })

  it('P7 while one side is edited, no echo, no late reading and no repeated event undoes what was written there last', () => {
    const bothWays = fc.constantFrom(...fields.flatMap(({ direction }, index) => (direction === 'both' ? [index] : [])))
    const side = fc.constantFrom('edit-pendo' as const, 'edit-hubspot' as const)
    fc.assert(
      fc.property(history, history, side, bothWays, (before, all, kind, field) => {
        const world = lived(before)
        world.settle()
        for (const one of all) world.run('field' in one ? { ...one, kind, field } : one)
        world.run({ kind, field, times: 1 })
        world.settle()
        const held = heldBy(world)[field]
        assert.equal(held?.pendo, String(world.edits))
        assert.equal(held?.hubspot, String(world.edits))
      }),
      { numRuns: 600 },
    )
  })

  it('P7 nothing is written more often than people edit', () => {
    fc.assert(
      fc.property(history, all => {
        const world = lived(all)
        world.settle()
        assert.ok(world.requests <= 2 * world.edits, `${world.edits} edits`)
        const { requests } = world
        world.settle()
        assert.equal(world.requests, requests, 'it goes on at rest')
      }),
      { numRuns: 400 },
    )
  })
})
