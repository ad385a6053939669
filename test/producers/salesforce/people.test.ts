import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkClaim } from '../../../services/identity/claims.ts'
import { type PersonObject, personTold } from '../../../services/producers/salesforce/people.ts'

const receivedAt = Date.parse('2026-10-14T12:00:00Z')
const modifiedAt = Date.parse('2026-10-14T11:30:00Z')
const touchedAt = Date.parse('2026-10-14T11:31:00Z')
const reading = { receivedAt, userId: null, isGone: () => false }

const row = (values: object = {}) => ({
  ...{ Id: '0035g0000000001', IsDeleted: false, Email: 'Ada@Example.com', FirstName: 'Ada', LastName: ' Lovelace ' },
  ...{ LastModifiedDate: '2026-10-14T11:30:00.000+0000', SystemModstamp: '2026-10-14T11:31:00.000+0000' },
  ...values,
})
const lead = { Id: '00Q5g0000000001', Company: '[not provided]', Title: 'Analyst', City: 'London', IsConverted: false }
const claimsOf = (values: object = {}, object: PersonObject = 'contact') => {
  const { claims = [], records = [] } = personTold(object)(row(values), reading) ?? {}
  assert.deepEqual(records, [])
  for (const claim of claims) checkClaim(claim)
  return claims.map(({ kind, aliases, attributes, time }) => ({ kind, aliases, attributes, time }))
}

const contact = 'salesforce:contact:0035g0000000001AAA'
const ofLead = 'salesforce:lead:00Q5g0000000001EAA'
const names = { firstName: 'Ada', lastName: 'Lovelace' }
const email = 'email:ada@example.com'

describe('who people of Salesforce are', () => {
  const cases: readonly (readonly [what: string, object: PersonObject, values: object, claims: readonly object[]])[] = [
    [
      'a contact is its record and its address',
      'contact',
      { Title: 'Analyst', Phone: '+44 20', MailingCity: 'London', MailingCountry: 'UK' },
      [
        {
          ...{ kind: 'SEEN', aliases: [contact, email], time: modifiedAt },
          attributes: { ...names, jobTitle: 'Analyst', phone: '+44 20', city: 'London', country: 'UK' },
        },
      ],
    ],
    [
      'a contact without a usable address is its record',
      'contact',
      { Email: 'none' },
      [{ kind: 'SEEN', aliases: [contact], attributes: names, time: modifiedAt }],
    ],
    [
      'a lead is its record and its address, and of a company that nobody told nothing is known',
      'lead',
      lead,
      [
        {
          ...{ kind: 'SEEN', aliases: [ofLead, email], time: modifiedAt },
          attributes: { ...names, jobTitle: 'Analyst', city: 'London' },
        },
      ],
    ],
    [
      'a converted lead and its contact are one person',
      'lead',
      { ...lead, IsConverted: true, ConvertedContactId: '0035g0000000001AAA', Title: null, City: null },
      [
        { kind: 'SEEN', aliases: [ofLead, email], attributes: names, time: modifiedAt },
        { kind: 'MERGE', aliases: [contact, ofLead], attributes: {}, time: touchedAt },
      ],
    ],
    [
      'a contact that was merged and the one it went into are one person',
      'contact',
      { Id: '0035g0000000002', IsDeleted: true, MasterRecordId: '0035g0000000001' },
      [
        {
          ...{ kind: 'MERGE', aliases: [contact, 'salesforce:contact:0035g0000000002AAA'] },
          ...{ attributes: {}, time: touchedAt },
        },
      ],
    ],
    ['a deleted contact claims nothing', 'contact', { IsDeleted: true, MasterRecordId: null }, []],
    ['a deleted lead claims nothing', 'lead', { ...lead, IsDeleted: true }, []],
    ['a record without an id claims nothing', 'contact', { Id: 'x' }, []],
  ]
  for (const [what, object, values, claims] of cases)
    it(`A1 ${what}`, () => assert.deepEqual(claimsOf(values, object), claims))

  it('A1 a name that is too long for one is left out', () =>
    assert.deepEqual(claimsOf({ FirstName: 'A'.repeat(1_001) })[0]?.attributes, { lastName: 'Lovelace' }))

  it('A1 is told again when an address, a name or a merge changes, and not when only time did', () => {
    const contentOf = (values: object) => personTold('contact')(row(values), reading)?.content
    for (const [values, differs] of [
      [{ Email: 'ada@lovelace.example' }, true],
      [{ FirstName: 'Augusta' }, true],
      [{ IsDeleted: true, MasterRecordId: '0035g0000000009' }, true],
      [{ Email: 'ada@example.com' }, false],
      [{ SystemModstamp: '2026-10-14T11:59:00.000+0000', LastModifiedDate: null }, false],
    ] as const)
      assert.equal(contentOf(values) !== contentOf({}), differs, JSON.stringify(values))
  })

  it('A1 the claims of one reading have ids of their own, which a repetition repeats', () => {
    const values = { ...lead, IsConverted: true, ConvertedContactId: '0035g0000000001AAA' }
    const claimIds = () => personTold('lead')(row(values), reading)?.claims.map(({ id }) => id) ?? []
    assert.equal(new Set(claimIds()).size, 2)
    assert.deepEqual(claimIds(), claimIds())
    for (const id of claimIds()) assert.match(id, /^salesforce:lead:00Q5g0000000001EAA:\d+-[0-9a-z]+:(seen|merged)$/)
  })
})
