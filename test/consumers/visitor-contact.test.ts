import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Visitor } from '../../schemas/generated.ts'
import { visitorContactBy } from '../../services/consumers/visitor-contact.ts'
import { profileOf } from '../../services/pendo-and-hubspot/people.ts'
import { type Asked, people } from '../pendo-and-hubspot/driving.ts'
import { alike, contact, lawful, mappingOf, visitor, wholeContact } from '../pendo-and-hubspot/sides.ts'
import { checkLaws } from './laws.ts'

const bare = (asked: readonly Asked[]) => asked.map(({ to, fields }) => ({ to, fields }))
const hubspot = (fields: Asked['fields']) => ({ to: 'hubspot:contact', fields })
const pendo = (fields: Asked['fields'], id = '42') => ({ to: `pendo:visitor:${id}`, fields })

interface Row {
  readonly name: string
  readonly given: readonly Visitor[]
  readonly when: Visitor
  readonly asks: readonly unknown[]
}

const rows: readonly Row[] = [
  {
    name: 'what Pendo tells waits until HubSpot tells of the contact',
    given: [],
    when: visitor({ 'custom.title': 'Analyst', 'agent.role': 'admin' }),
    asks: [],
  },
  {
    name: 'once HubSpot tells of the contact it gets what Pendo holds, and Pendo what HubSpot does',
    given: [visitor({ 'custom.title': 'Analyst', 'agent.role': 'admin' })],
    when: wholeContact({ phone: '+49 30 1', lifecyclestage: 'lead' }, { time: 1 }),
    asks: [hubspot({ jobtitle: 'Analyst', pendo_role: 'admin' }), pendo({ phone: '+49 30 1', stage: 'lead' })],
  },
  {
    name: 'a property that HubSpot has not told is not overwritten, for it may hold something',
    given: [visitor({ 'custom.title': 'Analyst' })],
    when: contact({ lifecyclestage: 'lead' }, { time: 1 }),
    asks: [pendo({ stage: 'lead' })],
  },
  {
    name: 'an empty value never counts where both first meet',
    given: [visitor({ 'custom.stage': 'customer', 'custom.phone': '1' }, { time: 1 })],
    when: wholeContact({ lifecyclestage: null, phone: null }, { time: 5 }),
    asks: [hubspot({ phone: '1' })],
  },
  {
    name: 'equal values need no write',
    given: [visitor({ 'custom.title': 'Analyst', 'custom.size': 40 })],
    when: wholeContact({ jobtitle: 'Analyst', size: '40' }, { time: 1 }),
    asks: [],
  },
  {
    name: 'a change in Pendo goes to HubSpot',
    given: alike,
    when: visitor({ 'custom.title': 'Head' }, { time: 3 }),
    asks: [hubspot({ jobtitle: 'Head' })],
  },
  {
    name: 'a change in HubSpot goes to Pendo',
    given: alike,
    when: contact({ jobtitle: 'Head' }, { time: 3 }),
    asks: [pendo({ title: 'Head' })],
  },
  {
    name: 'a value that is emptied is emptied on the other side',
    given: alike,
    when: contact({ jobtitle: '' }, { time: 3 }),
    asks: [pendo({ title: null })],
  },
  {
    name: 'our own write that comes back from Pendo goes nowhere',
    given: [...alike, contact({ jobtitle: 'Head' }, { time: 3 })],
    when: visitor({ 'custom.title': 'Head' }, { time: 9 }),
    asks: [],
  },
  {
    name: 'our own write that comes back from HubSpot goes nowhere',
    given: [...alike, visitor({ 'custom.title': 'Head' }, { time: 3 })],
    when: wholeContact({ jobtitle: 'Head' }, { time: 9 }),
    asks: [],
  },
  {
    name: 'a late echo of our own write does not undo what was changed since',
    given: [...alike, contact({ jobtitle: 'Head' }, { time: 3 }), contact({ jobtitle: 'Chief' }, { time: 4 })],
    when: visitor({ 'custom.title': 'Head' }, { time: 9 }),
    asks: [],
  },
  {
    name: 'a reading of Pendo from before our write changes nothing',
    given: [...alike, contact({ jobtitle: 'Head' }, { time: 3 })],
    when: visitor({ 'custom.title': 'Analyst', 'agent.role': 'admin' }, { time: 9 }),
    asks: [hubspot({ pendo_role: 'admin' })],
  },
  {
    name: 'a change that is told after a later one changes nothing',
    given: [...alike, contact({ jobtitle: 'Chief' }, { time: 5 })],
    when: contact({ jobtitle: 'Head' }, { time: 4, receivedAt: 6 }),
    asks: [],
  },
  {
    name: 'both changed, newest: the later one counts and is written over the other',
    given: [...alike, visitor({ 'custom.title': 'Head' }, { time: 5 })],
    when: contact({ jobtitle: 'Chief' }, { time: 4, receivedAt: 6 }),
    asks: [hubspot({ jobtitle: 'Head' })],
  },
  {
    name: 'both changed, newest, the other way round: the later one goes everywhere, for an older one is under way',
    given: [...alike, visitor({ 'custom.title': 'Head' }, { time: 5, receivedAt: 9 })],
    when: contact({ jobtitle: 'Chief' }, { time: 6, receivedAt: 10 }),
    asks: [hubspot({ jobtitle: 'Chief' }), pendo({ title: 'Chief' })],
  },
  {
    name: 'both changed, hubspot: HubSpot counts though it changed earlier',
    given: [
      visitor({ 'custom.phone': '0' }, { time: 1 }),
      wholeContact({ phone: '0' }, { time: 2 }),
      visitor({ 'custom.phone': '1' }, { time: 5 }),
    ],
    when: contact({ phone: '2' }, { time: 4, receivedAt: 6 }),
    asks: [hubspot({ phone: '2' }), pendo({ phone: '2' })],
  },
  {
    name: 'both changed, pendo: Pendo counts though it changed earlier',
    given: [
      visitor({ 'custom.size': 1 }, { time: 1 }),
      wholeContact({ size: '1' }, { time: 2 }),
      contact({ size: '2' }, { time: 5 }),
    ],
    when: visitor({ 'custom.size': 3 }, { time: 4, receivedAt: 6 }),
    asks: [hubspot({ size: '3' }), pendo({ size: 3 })],
  },
  {
    name: 'a change on the other side that was made after ours had been asked for counts by itself',
    given: [
      visitor({ 'custom.size': 1 }, { time: 1 }),
      wholeContact({ size: '1' }, { time: 2 }),
      visitor({ 'custom.size': 2 }, { time: 5 }),
    ],
    when: contact({ size: '3' }, { time: 8 }),
    asks: [hubspot({ size: '3' }), pendo({ size: 3 })],
  },
  {
    name: 'a value that was set back in HubSpot after our write counts, for HubSpot says that it changed',
    given: [...alike, visitor({ 'custom.title': 'Head' }, { time: 3 })],
    when: contact({ jobtitle: 'Analyst' }, { time: 60 }),
    asks: [hubspot({ jobtitle: 'Analyst' }), pendo({ title: 'Analyst' })],
  },
  {
    name: 'what has one source is set back when somebody changes it on the other side',
    given: [
      visitor({ 'agent.role': 'admin' }, { time: 1 }),
      wholeContact({ pendo_role: 'admin', lifecyclestage: 'lead' }, { time: 2 }),
    ],
    when: contact({ pendo_role: 'owner' }, { time: 3 }),
    asks: [hubspot({ pendo_role: 'admin' })],
  },
  {
    name: 'a value of another type is not taken over',
    given: alike,
    when: contact({ size: 'many' }, { time: 3 }),
    asks: [],
  },
  {
    name: 'a second visitor of the same person gets what was settled',
    given: [...alike, contact({ phone: '1' }, { time: 3 })],
    when: visitor({ 'agent.role': 'admin' }, { time: 4, id: '43' }),
    asks: [hubspot({ pendo_role: 'admin' }), pendo({ phone: '1', title: 'Analyst' }, '43')],
  },
]

describe('visitor-contact', () => {
  for (const { name, given, when, asks } of rows) {
    it(`P7 ${name}`, () => {
      const system = people(mappingOf())
      for (const event of given) system.told(event)
      assert.deepEqual(bare(system.told(when)), asks)
    })
  }

  it('P7 what names no visitor and no contact is of nobody', () => {
    const system = people(mappingOf())
    assert.deepEqual(
      system.told({ ...visitor({ 'custom.title': 'x' }), person: 'email:ada@example.com', aliases: [] }),
      [],
    )
    assert.equal(system.rows.size, 0)
  })

  it('P7 visitors of Segment are none of it', () => {
    const system = people(mappingOf())
    assert.deepEqual(system.told({ ...visitor({ 'custom.title': 'x' }), source: 'segment:web' }), [])
    assert.equal(system.rows.size, 0)
  })

  describe('once a vendor has said that it took a write', () => {
    const late = { time: 600_000, receivedAt: 601_000 }
    /** HubSpot changed the title and the telephone number, and Pendo took both. */
    const taken = () => {
      const system = people(mappingOf())
      const start = [...alike, visitor({ 'custom.title': 'Analyst', 'custom.phone': '0' }, { time: 3 })]
      for (const event of [...start, contact({ phone: '0' }, { time: 4 })]) system.told(event)
      for (const event of [contact({ jobtitle: 'Head' }, { time: 5 }), contact({ phone: '1' }, { time: 6 })])
        for (const asked of system.told(event)) if (asked.to.startsWith('pendo')) system.took(asked, 1_000)
      return system
    }

    it('P7 a value that is set back in Pendo counts', () =>
      assert.deepEqual(bare(taken().told(visitor({ 'custom.title': 'Analyst' }, late))), [
        hubspot({ jobtitle: 'Analyst' }),
      ]))

    it('P7 another value in Pendo counts although HubSpot has the last word', () =>
      assert.deepEqual(bare(taken().told(visitor({ 'custom.phone': '2' }, late))), [hubspot({ phone: '2' })]))

    it('P7 what Pendo held before is still nothing new, and so it is where Pendo does not say when it changed', () => {
      const before = { time: 900, receivedAt: 601_000 }
      assert.deepEqual(taken().told(visitor({ 'custom.title': 'Analyst', 'agent.x': 1 }, before)), [])
      const untimed = { time: 601_000, receivedAt: 601_000 }
      assert.deepEqual(taken().told(visitor({ 'custom.title': 'Analyst' }, untimed)), [])
    })
  })

  it('P7 a write says by itself which of two is newer, so that what was delivered before does not decide', () => {
    const system = people(mappingOf())
    for (const event of alike) system.told(event)
    const [first] = system.told(visitor({ 'custom.title': 'Head' }, { time: 3 }))
    const [second] = system.told(visitor({ 'custom.title': 'Chief' }, { time: 4, receivedAt: 3 }))
    assert.ok(first && second && second.revision > first.revision)
  })
})

checkLaws(
  visitorContactBy(() => mappingOf()),
  lawful.flatMap(event => profileOf(event, mappingOf().contacts)),
)
