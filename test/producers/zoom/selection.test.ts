import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AccountSelection, checkSelection } from '../../../services/producers/zoom/selection.ts'
import { selection } from '../../../topology/selection.ts'

const ofDefault = (account: unknown): AccountSelection =>
  checkSelection({ zoom: { default: account } }, ['default']).of('default')

describe('Z7 selection of webinars', () => {
  it('Z7 the file in the repository is valid', () => {
    checkSelection(selection, ['default'])
  })

  for (const [what, webinars, taken, left] of [
    ['all', 'all', ['1', '2'], []],
    ['only some', { only: [93498765432, '112 3456 7890'] }, ['93498765432', '11234567890'], ['2']],
    ['all except some', { except: ['934-9876-5432'] }, ['2'], ['93498765432']],
    ['some of them, less one', { only: [1, 2], except: [2] }, ['1'], ['2', '3']],
  ] as [string, unknown, string[], string[]][]) {
    it(`Z7 selects ${what}`, () => {
      const { selects } = ofDefault({ webinars })
      for (const number of taken) assert.ok(selects(number), number)
      for (const number of left) assert.ok(!selects(number), number)
    })
  }

  it('Z7 an account that the file does not name takes all', () => {
    const checked = checkSelection({ zoom: {} }, ['default', 'emea'])
    assert.ok(checked.of('emea').selects('1'))
  })

  it('panelists are known by their address in lower case', () => {
    assert.deepEqual(
      [...ofDefault({ webinars: 'all', panelists: [' Ada@Example.com '] }).panelists],
      ['ada@example.com'],
    )
  })

  it('accounts that the file names need not exist in the sandbox', () => {
    checkSelection({ zoom: { emea: { webinars: 'all' } } }, null)
  })
})

describe('Z7 every mistake of the selection is listed', () => {
  const mistakesOf = (value: unknown): string[] => {
    try {
      checkSelection(value, ['default', 'emea'])
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'SELECTION_INVALID')
      return (error as Error).message.split('\n- ').slice(1)
    }
    return []
  }
  for (const [what, value, patterns] of [
    ['nothing', undefined, [/^selection must be/]],
    ['another vendor', { zoom: {}, zooom: {} }, [/nothing but zoom, but it has zooom too/]],
    ['no account', { zoom: 7 }, [/^zoom must be an object with one entry per account/]],
    [
      'an account that is not configured',
      { zoom: { emae: { webinars: 'all' } } },
      [/^zoom\.emae must be .*Probably emea/],
    ],
    [
      'no choice',
      { zoom: { default: {} } },
      [/^zoom\.default\.webinars must be 'all', or an object with only or except/],
    ],
    ['another word', { zoom: { default: { webinars: 'none' } } }, [/^zoom\.default\.webinars must be 'all'/]],
    ['null', { zoom: { default: null } }, [/^zoom\.default must be an object with webinars/]],
    [
      'an empty choice',
      { zoom: { default: { webinars: {} } } },
      [/^zoom\.default\.webinars must be an object with only or except/],
    ],
    ['an empty list', { zoom: { default: { webinars: { only: [] } } } }, [/only must be a list of at least one/]],
    [
      'a number that is none',
      { zoom: { default: { webinars: { only: [1, 'x', 1.5] } } } },
      [/only\.1 must be a webinar number/, /only\.2/],
    ],
    [
      'a misspelt key',
      { zoom: { default: { webinars: { exept: [1], only: [1] } } } },
      [/nothing but only and except, but it has exept too/],
    ],
    [
      'an address that is none',
      { zoom: { default: { webinars: 'all', panelists: ['x'] } } },
      [/panelists\.0 must be an e-mail address/],
    ],
    [
      'several, at once',
      { zoom: { default: { webinars: 'al', panelist: [] }, emea: { webinars: { only: ['a'] }, panelists: ['b'] } } },
      [
        /zoom\.default\.webinars/,
        /zoom\.default must be .*panelist/,
        /zoom\.emea\.webinars\.only\.0/,
        /zoom\.emea\.panelists\.0/,
      ],
    ],
  ] as [string, unknown, RegExp[]][]) {
    it(`Z7 ${what}`, () => {
      const found = mistakesOf(value)
      assert.equal(found.length, patterns.length, found.join('\n'))
      for (const pattern of patterns)
        assert.ok(
          found.some(mistake => pattern.test(mistake)),
          `${pattern} in ${found.join('\n')}`,
        )
    })
  }

  it('without showing an address', () => {
    const found = mistakesOf({ zoom: { default: { webinars: 'all', panelists: ['ada at example'] } } })
    assert.doesNotMatch(found.join(), /ada/)
  })
})
