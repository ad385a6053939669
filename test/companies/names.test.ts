import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  accountIn,
  companyNames,
  domainIn,
  isSameCompany,
  joinedNames,
  namesIn,
} from '../../services/companies/names.ts'

const account = '00190000001pPvHAAU'

describe('what a company is known by', () => {
  for (const [company, names] of [
    [
      { account: '00190000001pPvH', website: 'https://www.Example.com/de?a' },
      [`salesforce:account:${account}`, 'domain:example.com'],
    ],
    [{ account: ` ${account} `, website: null }, [`salesforce:account:${account}`]],
    [{ account: '', website: 'example.com' }, ['domain:example.com']],
    [{ account: '0035g00000ConTaAAJ', website: 'no site' }, []],
    [{ account: 7, website: undefined }, []],
  ] as const)
    it(`T1 is ${names.join(' and ') || 'nothing'} for ${JSON.stringify(company)}`, () => {
      assert.deepEqual(companyNames(company), names)
      assert.deepEqual(namesIn(joinedNames(names)), names)
    })

  it('T1 tells accounts and domains apart', () => {
    assert.deepEqual(['salesforce:account:1', 'domain:a.example'].map(accountIn), ['1', undefined])
    assert.deepEqual(['salesforce:account:1', 'domain:a.example'].map(domainIn), [undefined, 'a.example'])
  })

  const [a1, a2, d1, d2] = ['salesforce:account:1', 'salesforce:account:2', 'domain:1.example', 'domain:2.example']
  for (const [one, other, isSame] of [
    [[a1, d1], [a1, d2], true],
    [[a1, d1], [a2, d1], false],
    [[a1, d1], [d1], true],
    [[a1, d1], [d2], false],
    [[a1], [d1], false],
    [[], [], false],
  ] as const)
    it(`T1 ${one.join(' ') || 'nothing'} is ${isSame ? '' : 'not '}${other.join(' ') || 'nothing'}`, () => {
      assert.equal(isSameCompany(one, other), isSame)
      assert.equal(isSameCompany(other, one), isSame)
    })
})
