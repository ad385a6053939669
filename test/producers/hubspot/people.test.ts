import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createDirectory } from '../../../services/identity/directory.ts'
import {
  type ActivityContact,
  activityContact,
  inOrderOfChoice,
  syncedWithSalesforce,
} from '../../../services/producers/hubspot/activities/people.ts'

const contact = (id: string, createdAt: number | null): ActivityContact => ({
  ...{ id, alias: `hubspot:contact:${id}`, createdAt, owner: null },
})
const idsOf = (contacts: readonly ActivityContact[]) => contacts.map(({ id }) => id)

interface Case {
  readonly what: string
  readonly given: readonly (readonly [id: string, createdAt: number | null])[]
  readonly synced: readonly string[]
  readonly expected: readonly string[]
}

const cases: readonly Case[] = [
  { what: 'nobody', given: [], synced: [], expected: [] },
  {
    what: 'who is synced before who was made later',
    given: [
      ['1', 300],
      ['2', 100],
    ],
    synced: ['2'],
    expected: ['2', '1'],
  },
  {
    what: 'of those who are synced who was made last',
    given: [
      ['1', 100],
      ['2', 300],
      ['3', 200],
    ],
    synced: ['1', '2', '3'],
    expected: ['2', '3', '1'],
  },
  {
    what: 'of those made at the same time the largest record id, as a number',
    given: [
      ['9', 100],
      ['10', 100],
      ['9007199254740993', 100],
      ['9007199254740992', 100],
    ],
    synced: ['9', '10', '9007199254740992', '9007199254740993'],
    expected: ['9007199254740993', '9007199254740992', '10', '9'],
  },
  {
    what: 'the others in the same order',
    given: [
      ['1', 100],
      ['2', 300],
      ['3', 300],
      ['4', 50],
    ],
    synced: ['4'],
    expected: ['4', '3', '2', '1'],
  },
  {
    what: 'who is not known any more last',
    given: [
      ['5', null],
      ['1', 100],
    ],
    synced: [],
    expected: ['1', '5'],
  },
]

describe('the people of an activity', () => {
  for (const { what, given, synced, expected } of cases)
    it(`T5 begin with ${what}`, () => {
      const aliases = new Set(synced.map(id => `hubspot:contact:${id}`))
      const contacts = given.map(([id, createdAt]) => contact(id, createdAt))
      assert.deepEqual(idsOf(inOrderOfChoice(contacts, aliases)), expected)
      assert.deepEqual(idsOf(inOrderOfChoice(contacts.toReversed(), aliases)), expected)
    })

  it('T5 are the same whatever their order in HubSpot, and each of them is there', () => {
    const people = fc.uniqueArray(fc.record({ id: fc.nat(), createdAt: fc.nat({ max: 3 }), isSynced: fc.boolean() }), {
      selector: ({ id }) => id,
    })
    fc.assert(
      fc.property(people, fc.infiniteStream(fc.nat()), (given, random) => {
        const contacts = given.map(({ id, createdAt }) => contact(String(id + 1), createdAt))
        const synced = new Set(given.flatMap(({ id, isSynced }) => (isSynced ? [`hubspot:contact:${id + 1}`] : [])))
        const ordered = idsOf(inOrderOfChoice(contacts, synced))
        const shuffled = contacts
          .map(one => [random.next().value ?? 0, one] as const)
          .toSorted(([a], [b]) => a - b)
          .map(([, one]) => one)
        assert.deepEqual(idsOf(inOrderOfChoice(shuffled, synced)), ordered)
        assert.deepEqual(new Set(ordered), new Set(idsOf(contacts)))
        const isSynced = ordered.map(id => synced.has(`hubspot:contact:${id}`))
        assert.equal(isSynced.lastIndexOf(true) + 1, isSynced.filter(Boolean).length)
      }),
    )
  })

  it('T5 T6 are read with when they were made and whose they are', () => {
    const properties = { createdate: '2026-08-25T10:00:00Z', hubspot_owner_id: '71' }
    const read = activityContact('501', { id: '501', properties })
    const createdAt = Date.parse('2026-08-25T10:00:00Z')
    assert.deepEqual(read, { id: '501', alias: 'hubspot:contact:501', createdAt, owner: '71' })
    const unknown = { id: '501', alias: 'hubspot:contact:501', createdAt: null, owner: null }
    assert.deepEqual(activityContact('501', undefined), unknown)
    const odd = { createdate: 'soon', hubspot_owner_id: '' }
    assert.deepEqual(activityContact('501', { id: '501', properties: odd }), unknown)
  })

  const aliases: readonly (readonly [also: string, isSynced: boolean])[] = [
    ['salesforce:contact:003Hx00000AAAAAIA5', true],
    ['salesforce:lead:00QHx00000AAAAAMA3', true],
    ['email:ada@example.com', false],
  ]
  for (const [also, isSynced] of aliases)
    it(`T5 who are also ${also} are ${isSynced ? '' : 'not '}synced with Salesforce`, () => {
      const directory = createDirectory('an-erasure-key-of-ours')
      const row = { kind: 'PERSON', person: null, aliases: ['hubspot:contact:501', also], attributes: {} } as const
      directory.apply('person:p1', { ...row, lifted: null } as never)
      const synced = syncedWithSalesforce(directory)(['hubspot:contact:501', 'hubspot:contact:502'])
      assert.deepEqual([...synced.keys()], isSynced ? ['hubspot:contact:501'] : [])
    })
})
