import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Account, Profile } from '../../schemas/generated.ts'
import { accountProfilesBy } from '../../services/consumers/account-profiles.ts'
import { account, company, lawfulAccounts, mappingOf, wholeCompany } from '../pendo-and-hubspot/sides.ts'
import { drive } from './drive.ts'
import { checkLaws } from './laws.ts'

const consumer = accountProfilesBy(() => mappingOf())

/** What is told after each event: to which link, of what, and which values. */
const toldAfter = (...events: readonly Account[]) => {
  const driven = drive(consumer)
  return events.map(event =>
    driven.when(event, null).flatMap(output => {
      if (output.kind !== 'emission') return []
      const { link, record, gone, values } = output.value as Profile
      return [[link, record, gone, Object.values(values).map(({ value }) => value)]]
    }),
  )
}

describe('account-profiles', () => {
  it('P7 tells nothing of a company while its domain is not known, and then all that was told before', () =>
    assert.deepEqual(
      toldAfter(company({ jobtitle: 'A' }), company({ size: '3' }, { time: 1, domain: 'acme.example' })),
      [[], [['acme.example', '901', false, ['A', 3]]]],
    ))

  it('P7 takes an account away from the link that it had, also when that event comes again', () => {
    const moves = account({ 'custom.title': 'A' }, { time: 2, domain: 'moved.example' })
    const told = toldAfter(account({ 'custom.title': 'A' }, { time: 1 }), moves, moves)
    assert.deepEqual(told[1], [
      ['acme.example', 'acme', true, []],
      ['moved.example', 'acme', false, ['A']],
    ])
    assert.deepEqual(told[2], told[1])
  })

  it('P7 an older domain that is told later changes nothing', () => {
    const told = toldAfter(
      wholeCompany({}, { time: 5, domain: 'new.example' }),
      wholeCompany({}, { time: 4, receivedAt: 6, domain: 'old.example' }),
    )
    assert.deepEqual(
      told.map(each => each.map(([link]) => link)),
      [['new.example'], ['new.example']],
    )
  })

  it('P7 an account and a company of one id are two', () => {
    const told = toldAfter(account({ 'custom.title': 'A' }, { id: '901' }), company({}, { domain: 'other.example' }))
    assert.deepEqual(
      told.map(each => each.map(([link, , , values]) => [link, values])),
      [[['acme.example', ['A']]], [['other.example', []]]],
    )
  })
})

checkLaws(consumer, lawfulAccounts)
