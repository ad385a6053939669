import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { profileOf } from '../../services/pendo-and-hubspot/people.ts'
import { fieldsFor, systems } from '../../services/pendo-and-hubspot/targets.ts'
import { lackedBy } from '../../services/shared-fields/asked.ts'
import { type Link, withReading } from '../../services/shared-fields/link.ts'
import { mergeLinks } from '../../services/shared-fields/merge.ts'
import { contact, mappingOf, visitor, wholeContact } from './sides.ts'

const { contacts } = mappingOf()
const plan = { fields: contacts, systems, partners: 'all' } as const
const merge = mergeLinks(contacts)
const empty: Link = { records: [], fields: {} }

const text = fc.constantFrom(null, 'a', 'b', 'c')
const event = fc.record({
  side: fc.constantFrom('pendo', 'whole', 'change'),
  id: fc.constantFrom('1', '2'),
  title: text,
  stage: text,
  time: fc.nat(20),
  late: fc.nat(5),
})

/** A link after some events, some of which may be another link's too. */
const link = fc.array(event, { maxLength: 8 }).map(events =>
  events
    .flatMap(({ side, id, title, stage, time, late }) => {
      const told = { id, time, receivedAt: time + late, eventId: `${side}-${id}-${title}-${stage}-${time}-${late}` }
      if (side === 'pendo') return profileOf(visitor({ 'custom.title': title, 'custom.stage': stage }, told), contacts)
      if (side === 'change') return profileOf(contact({ jobtitle: title }, told), contacts)
      return profileOf(wholeContact({ jobtitle: title, lifecyclestage: stage }, told), contacts)
    })
    .reduce((row, profile) => withReading(row, profile, plan), empty),
)

describe('links of persons who turned out to be one', () => {
  it('P7 merging them is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(link, link, link, (a, b, c) => {
        assert.deepEqual(merge(a, b), merge(b, a))
        assert.deepEqual(merge(merge(a, b), c), merge(a, merge(b, c)))
        assert.deepEqual(merge(a, a), a)
      }),
    )
  })

  const linkOf = (...events: readonly Parameters<typeof profileOf>[0][]): Link =>
    events.flatMap(each => profileOf(each, contacts)).reduce((row, profile) => withReading(row, profile, plan), empty)

  it('P7 a visitor and a contact who turn out to be one person share what they hold, each rule in its place', () => {
    const one = linkOf(visitor({ 'custom.title': 'new', 'custom.phone': '1', 'custom.size': 3 }, { time: 9 }))
    const other = linkOf(wholeContact({ jobtitle: 'old', phone: '2', size: '4', lifecyclestage: 'lead' }, { time: 5 }))
    const asked = lackedBy(merge(one, other), plan)
    assert.deepEqual(
      asked.map(each => ({ target: each.target, fields: fieldsFor(each) })),
      [
        { target: 'hubspot', fields: { jobtitle: 'new', size: '3' } },
        { target: 'pendo:42', fields: { phone: '2', stage: 'lead' } },
      ],
    )
  })

  it('P7 what comes back of the writes of a merge is no change', () => {
    const one = linkOf(visitor({ 'custom.title': 'new' }, { time: 9 }))
    const merged = merge(one, linkOf(wholeContact({ jobtitle: 'old' }, { time: 5 })))
    const [echo] = profileOf(wholeContact({ jobtitle: 'new' }, { time: 12 }), contacts)
    assert.ok(echo)
    const after = withReading(merged, echo, plan)
    assert.deepEqual(after.fields, merged.fields)
    assert.deepEqual(lackedBy(after, plan), [])
  })

  it("P7 an emptied field does not empty the other person's", () => {
    const one = linkOf(visitor({ 'custom.title': 'old' }, { time: 1 }), visitor({ 'custom.title': null }, { time: 9 }))
    const asked = lackedBy(merge(one, linkOf(wholeContact({ jobtitle: 'kept' }, { time: 5 }))), plan)
    assert.deepEqual(asked.map(fieldsFor), [{ title: 'kept' }])
  })
})
