import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Account, Profile } from '../../schemas/generated.ts'
import { accountCompanyBy } from '../../services/consumers/account-company.ts'
import { accountProfilesBy } from '../../services/consumers/account-profiles.ts'
import { type Asked, companies } from '../pendo-and-hubspot/driving.ts'
import {
  account,
  alikeAccounts as alike,
  company,
  lawfulAccounts,
  mappingOf,
  wholeCompany,
} from '../pendo-and-hubspot/sides.ts'
import { drive } from './drive.ts'
import { checkLaws } from './laws.ts'

const bare = (asked: readonly Asked[]) => asked.map(({ to, fields }) => ({ to, fields }))
const hubspot = (fields: Asked['fields'], id = '901') => ({ to: `hubspot:company:${id}`, fields })
const pendo = (fields: Asked['fields'], id = 'acme') => ({ to: `pendo:account:${id}`, fields })

interface Row {
  readonly name: string
  readonly given: readonly Account[]
  readonly when: Account
  readonly asks: readonly unknown[]
  readonly match?: { readonly pendoField: string }
}

const byField = { pendoField: 'custom.hubspotid' }

const rows: readonly Row[] = [
  {
    name: 'an account waits for the company of its domain, and no company is made',
    given: [wholeCompany({ jobtitle: 'B' }, { domain: 'other.example' })],
    when: account({ 'custom.title': 'A' }, { time: 1 }),
    asks: [],
  },
  {
    name: 'the account and the company of one domain share what they hold',
    given: [account({ 'custom.title': 'A', 'agent.role': 'gold' })],
    when: wholeCompany({ size: '12', lifecyclestage: 'lead' }, { time: 1 }),
    asks: [hubspot({ jobtitle: 'A', pendo_role: 'gold' }), pendo({ size: 12, stage: 'lead' })],
  },
  {
    name: 'a change that does not tell the domain finds its account',
    given: alike,
    when: company({ jobtitle: 'B' }, { time: 3 }),
    asks: [pendo({ title: 'B' })],
  },
  {
    name: 'a change that is told before the domain is, waits for it',
    given: [account({ 'custom.title': 'A' }, { time: 1 }), company({ size: '7' }, { time: 3 })],
    when: wholeCompany({ jobtitle: 'A', size: '7' }, { time: 4 }),
    asks: [pendo({ size: 7 })],
  },
  {
    name: 'our own write that comes back goes nowhere',
    given: [...alike, company({ jobtitle: 'B' }, { time: 3 })],
    when: account({ 'custom.title': 'B' }, { time: 9 }),
    asks: [],
  },
  {
    name: 'of two accounts with one domain the first takes part',
    given: [...alike, account({ 'custom.title': 'C' }, { time: 3, id: 'workspace' })],
    when: company({ jobtitle: 'B' }, { time: 4 }),
    asks: [pendo({ title: 'B' })],
  },
  {
    name: 'when the first account gets another domain the second one takes its place',
    given: [...alike, account({ 'custom.phone': '5' }, { time: 3, id: 'workspace' })],
    when: account({ 'custom.title': 'A' }, { time: 4, domain: 'moved.example' }),
    asks: [hubspot({ phone: '5' }), pendo({ title: 'A' }, 'workspace')],
  },
  {
    name: 'an account that gets another domain brings what it holds to the company of that',
    given: [...alike, wholeCompany({ jobtitle: 'Z' }, { time: 2, id: '902', domain: 'moved.example' })],
    when: account({ 'custom.title': 'A' }, { time: 4, domain: 'moved.example' }),
    asks: [hubspot({ jobtitle: 'A' }, '902')],
  },
  {
    name: 'with a field that holds the record id, that says which company it is',
    match: byField,
    given: [account({ 'custom.title': 'A', 'custom.hubspotid': 901 }, { domain: null })],
    when: wholeCompany({}, { time: 1, domain: 'unrelated.example' }),
    asks: [hubspot({ jobtitle: 'A' })],
  },
]

describe('account-company', () => {
  for (const { name, given, when, asks, match } of rows) {
    it(`P7 ${name}`, () => {
      const system = companies(mappingOf({ matchCompaniesBy: match ?? 'domain' }))
      for (const event of given) system.told(event)
      assert.deepEqual(bare(system.told(when)), asks)
    })
  }
})

const profiles = drive(accountProfilesBy(() => mappingOf()))

checkLaws(
  accountCompanyBy(() => mappingOf()),
  lawfulAccounts.flatMap(event =>
    profiles.when(event, null).flatMap(output => (output.kind === 'emission' ? [output.value as Profile] : [])),
  ),
)
