import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aliasesPerPerson, attributesPerPerson } from '../../services/identity/claims.ts'
import { resolve } from '../../services/identity/resolver.ts'
import { mintPersonId } from '../../services/identity/rows.ts'
import type { TributaryError } from '../../services/runtime/errors.ts'
import { claim, erasures, Table } from './claim-sets.ts'

const ada = 'email:ada@example.com'
const adaAtHome = 'email:ada@home.example'
const bob = 'email:bob@example.com'
const registrant = 'zoom:registrant:r1'
const zoomUser = 'zoom:user:z1'
const browser = 'anonymous:b1'
const contact = 'hubspot:contact:501'

const areOne = (table: Table, ...aliases: string[]): boolean =>
  new Set(aliases.map(alias => table.row(alias)?.person ?? alias)).size === 1

describe('strong aliases', () => {
  test('Z14 someone who registers with one address and joins with another is one person', () => {
    const table = new Table()
    table.take(claim('SEEN', [ada, registrant]), claim('SEEN', [adaAtHome, zoomUser]))
    assert.ok(!areOne(table, ada, adaAtHome))
    table.take(claim('SEEN', [adaAtHome, registrant, zoomUser]))
    assert.ok(areOne(table, ada, adaAtHome, registrant, zoomUser))
    assert.deepEqual(table.person(ada)?.aliases, [ada, registrant, adaAtHome, zoomUser])
  })

  test('two people who share a name or a company domain never merge', () => {
    const attributes = { firstName: 'Ada', lastName: 'Lovelace', company: 'Example', domain: 'example.com' }
    const table = new Table().take(claim('SEEN', [ada], { attributes }), claim('SEEN', [bob], { attributes }))
    assert.ok(!areOne(table, ada, bob))
  })

  test('the id is made of the earliest claim, so a claim that arrives late moves it and the old id leads on', () => {
    const table = new Table().take(claim('SEEN', [bob], { time: 500 }))
    const first = table.row(bob)?.person ?? ''
    assert.equal(first, mintPersonId(500, bob))
    table.take(claim('SEEN', [ada, bob], { time: 300 }))
    assert.equal(table.row(bob)?.person, mintPersonId(300, ada))
    assert.deepEqual(
      [table.row(`person:${first}`)?.kind, table.row(`person:${first}`)?.person],
      ['MERGED', mintPersonId(300, ada)],
    )
  })

  test('a chain of merges is one step for every id that was ever seen', () => {
    const table = new Table()
    const letters = ['a', 'b', 'c', 'd', 'e'].map(letter => `user:${letter}`)
    for (const alias of letters) table.take(claim('SEEN', [alias]))
    const ids = letters.map(alias => table.row(alias)?.person ?? '')
    for (const [index, alias] of letters.slice(1).entries()) table.take(claim('MERGE', [alias, letters[index] ?? '']))
    assert.deepEqual(
      ids.map(id => table.row(`person:${id}`)?.person),
      ids.map(() => table.row('user:a')?.person),
    )
  })

  test('two records in one CRM stay aliases of their person, the earliest claimed first', () => {
    const table = new Table().take(
      claim('SEEN', ['hubspot:contact:9', ada], { time: 200 }),
      claim('SEEN', [ada, 'hubspot:contact:5'], { time: 300 }),
    )
    assert.deepEqual(table.person(ada)?.aliases, [ada, 'hubspot:contact:9', 'hubspot:contact:5'])
  })

  test('per attribute the latest claim holds, whenever it comes', () => {
    const table = new Table().take(
      claim('SEEN', [ada], { time: 900, attributes: { firstName: 'Ada', city: 'London' } }),
      claim('SEEN', [ada], { time: 800, attributes: { firstName: 'A.', lastName: 'Lovelace' } }),
      claim('SEEN', [ada], { time: 950, attributes: { city: null } }),
    )
    const attributes = Object.entries(table.person(ada)?.attributes ?? {}).map(([name, { value }]) => [name, value])
    assert.deepEqual(attributes, [
      ['city', null],
      ['firstName', 'Ada'],
      ['lastName', 'Lovelace'],
    ])
  })

  test('a claim that brings nothing new changes no row', () => {
    const table = new Table()
    const known = claim('SEEN', [ada, registrant, zoomUser], { attributes: { firstName: 'Ada' } })
    table.take(known)
    assert.equal(resolve(table.rows, [known, known], erasures).rows.size, 0)
  })
})

describe('APART', () => {
  test('splits two who were taken for one, each with its own attributes, and gives the old id back', () => {
    const table = new Table().take(claim('SEEN', [ada], { attributes: { firstName: 'Ada' } }))
    table.take(claim('SEEN', [bob], { attributes: { firstName: 'Bob' } }))
    const bobsId = table.row(bob)?.person
    table.take(claim('SEEN', [ada, bob, contact]))
    assert.equal(table.row(`person:${bobsId}`)?.kind, 'MERGED')
    table.take(claim('APART', [ada, bob]))
    assert.equal(table.row(bob)?.person, bobsId)
    assert.equal(table.row(`person:${bobsId}`)?.kind, 'PERSON')
    assert.equal(table.person(bob)?.attributes['firstName']?.value, 'Bob')
    assert.equal(table.person(ada)?.attributes['firstName']?.value, 'Ada')
    assert.ok(areOne(table, ada, contact))
  })

  test('holds against later claims, and against no other link', () => {
    const table = new Table().take(claim('APART', [ada, bob]), claim('SEEN', [ada, bob]))
    assert.ok(!areOne(table, ada, bob))
    table.take(claim('SEEN', [ada, contact]), claim('SEEN', [contact, bob]))
    assert.ok(areOne(table, ada, bob, contact))
  })

  test('an id that leads to a split person leads to whoever holds its alias', () => {
    const table = new Table().take(claim('SEEN', [ada]))
    table.take(claim('SEEN', [bob]))
    const bobsFirst = table.row(bob)?.person
    table.take(claim('SEEN', [bob], { time: 7 }))
    table.take(claim('SEEN', [ada, bob]))
    table.take(claim('APART', [bob, ada]))
    assert.equal(table.row(`person:${bobsFirst}`)?.person, table.row(bob)?.person)
    assert.ok(!areOne(table, ada, bob))
  })

  test('keeps the other from being forgotten, also when the link comes after the ERASE', () => {
    const table = new Table().take(claim('APART', [ada, bob]), claim('ERASE', [ada]), claim('SEEN', [ada, bob]))
    assert.equal(table.person(bob)?.kind, 'PERSON')
    assert.ok(table.erased(ada))
  })
})

describe('weak aliases', () => {
  test('a device points to the person of the latest claim and ties nobody together', () => {
    const table = new Table().take(
      claim('SEEN', [ada, browser], { time: 20 }),
      claim('SEEN', [bob, browser], { time: 30 }),
    )
    assert.ok(areOne(table, bob, browser))
    assert.ok(!areOne(table, ada, bob))
    table.take(claim('SEEN', [ada, browser], { time: 25 }))
    assert.ok(areOne(table, bob, browser))
  })

  test('a visitor known by device only is a person, later merged into whoever it turns out to be', () => {
    const table = new Table().take(claim('SEEN', [browser], { attributes: { firstName: 'Somebody' } }))
    const visitor = table.row(browser)?.person
    assert.equal(table.person(browser)?.attributes['firstName']?.value, 'Somebody')
    table.take(claim('SEEN', [ada, browser]))
    assert.equal(table.row(`person:${visitor}`)?.person, table.row(ada)?.person)
    assert.deepEqual(table.person(ada)?.attributes, {})
    table.take(claim('SEEN', [bob, browser]))
    assert.equal(table.row(`person:${visitor}`)?.person, table.row(bob)?.person)
  })

  test('two devices of one claim are two visitors', () => {
    const table = new Table().take(claim('SEEN', [browser, zoomUser]))
    assert.ok(!areOne(table, browser, zoomUser))
  })

  test('a device goes along with a forgotten person, and the next who uses it is not forgotten', () => {
    const table = new Table().take(claim('SEEN', [ada, browser]), claim('ERASE', [ada]))
    assert.ok(table.erased(browser))
    table.take(claim('SEEN', [browser]))
    assert.equal(table.row(browser), undefined)
    table.take(claim('SEEN', [bob, browser]))
    assert.ok(areOne(table, bob, browser))
    assert.equal(table.erased(browser), undefined)
    assert.equal(table.erased(bob), undefined)
  })

  test('an ERASE of a device forgets the device alone', () => {
    const table = new Table().take(claim('SEEN', [browser]))
    const visitor = table.row(browser)?.person
    table.take(claim('SEEN', [ada, browser]))
    table.take(claim('ERASE', [browser]))
    assert.deepEqual(table.person(ada)?.aliases, [ada])
    assert.equal(table.row(`person:${visitor}`), undefined)
    assert.ok(table.erased(`person:${visitor}`))
    table.take(claim('SEEN', [ada, browser]))
    assert.equal(table.row(browser), undefined)
  })
})

describe('ERASE and LIFT', () => {
  test('K9 an erasure leaves HMACs of every alias and of every id that a write in flight may name', () => {
    const table = new Table().take(claim('SEEN', [bob], { attributes: { firstName: 'Bob' } }))
    const former = table.row(bob)?.person
    table.take(claim('SEEN', [ada, bob, browser], { time: 9 }))
    const id = table.row(ada)?.person
    table.take(claim('ERASE', [ada], { time: 2_000_000 }))
    const left = [ada, bob, browser, `person:${id}`, `person:${former}`]
    assert.deepEqual([...table.rows.keys()].sort(), left.map(erasures.keyOf).sort())
    assert.equal(table.erased(ada)?.erased, 2_000_000)
    assert.doesNotMatch(JSON.stringify([...table.rows]), /@|Bob|anonymous/)
  })

  test('K9 an unknown alias leaves its row too, and whoever is claimed with it is forgotten', () => {
    const table = new Table().take(claim('SEEN', [adaAtHome]))
    table.take(claim('ERASE', [ada]))
    assert.ok(table.erased(ada))
    table.take(claim('SEEN', [ada, adaAtHome], { attributes: { firstName: 'Ada' } }))
    assert.ok(table.erased(adaAtHome))
    assert.equal(table.row(adaAtHome), undefined)
  })

  test('`person:<id>` forgets a person, also by an id from before a merge, and an unknown id is remembered', () => {
    const table = new Table().take(claim('SEEN', [ada]))
    table.take(claim('SEEN', [bob]))
    const former = table.row(bob)?.person
    table.take(claim('SEEN', [ada, bob]))
    table.take(claim('ERASE', [`person:${former}`, 'person:ffffffffffffffffffff']))
    assert.ok(table.erased(ada) && table.erased(bob) && table.erased('person:ffffffffffffffffffff'))
    assert.equal(table.row(ada), undefined)
  })

  test('a LIFT lets newer claims in, and older ones not', () => {
    const table = new Table().take(claim('SEEN', [ada], { time: 10 }), claim('ERASE', [ada], { time: 20 }))
    table.take(
      claim('LIFT', [ada], { time: 30 }),
      claim('SEEN', [ada], { time: 10 }),
      claim('SEEN', [ada], { time: 30 }),
    )
    assert.equal(table.row(ada), undefined)
    table.take(claim('SEEN', [ada, contact], { time: 31 }))
    assert.ok(areOne(table, ada, contact))
    assert.equal(table.erased(contact), undefined)
  })

  test('a LIFT older than the ERASE, and one of an alias that is not erased, do nothing', () => {
    const table = new Table().take(claim('LIFT', [ada], { time: 5 }), claim('ERASE', [ada], { time: 20 }))
    table.take(claim('LIFT', [ada], { time: 20 }), claim('SEEN', [ada], { time: 40 }))
    assert.equal(table.row(ada), undefined)
  })

  test('a second LIFT forgets nothing that the first let in, whichever comes first', () => {
    const lifts = [claim('LIFT', [ada], { time: 30 }), claim('LIFT', [ada], { time: 50 })]
    for (const inOrder of [lifts, lifts.toReversed()]) {
      const table = new Table().take(claim('ERASE', [ada], { time: 20 }), ...inOrder)
      assert.equal(table.erased(ada)?.lifted, 30)
      assert.ok(table.take(claim('SEEN', [ada], { time: 40 })).row(ada))
    }
  })

  test('after a LIFT an older ERASE or a repeated one changes nothing, a newer one forgets again', () => {
    const erase = claim('ERASE', [ada], { time: 20 })
    const lift = claim('LIFT', [ada], { time: 30 })
    const table = new Table().take(erase, lift, claim('SEEN', [ada], { time: 40 }), erase)
    assert.ok(table.row(ada))
    table.take(claim('ERASE', [ada], { time: 50 }), lift)
    assert.equal(table.row(ada), undefined)
    assert.deepEqual([table.erased(ada)?.erased, table.erased(ada)?.lifted], [50, null])
  })

  test('a lifted alias that is claimed with a forgotten one is forgotten again, and the LIFT’s repetition does not bring it back', () => {
    const lift = claim('LIFT', [ada], { time: 30 })
    const table = new Table().take(claim('SEEN', [ada, bob], { time: 10 }), claim('ERASE', [bob], { time: 20 }), lift)
    table.take(claim('SEEN', [ada], { time: 40 }))
    assert.ok(table.row(ada))
    table.take(claim('SEEN', [ada, bob], { time: 41 }), lift)
    assert.equal(table.row(ada), undefined)
    assert.equal(table.erased(ada)?.lifted, null)
  })
})

describe('what cannot be taken', () => {
  const refusalOf = (table: Table, refused: ReturnType<typeof claim>): TributaryError | undefined => {
    const { rows, refused: refusals } = resolve(table.rows, [refused], erasures)
    assert.equal(rows.size, 0)
    return refusals.get(0)
  }

  test('a malformed claim is refused and changes nothing', () => {
    const cases: [ReturnType<typeof claim>, string, RegExp][] = [
      [claim('SEEN', []), 'CLAIM_INVALID', /at least one alias/],
      [claim('SEEN', ['ada']), 'ALIAS_MALFORMED', /one of the kinds/],
      [claim('SEEN', ['person:1']), 'ALIAS_MALFORMED', /one of the kinds/],
      [claim('SEEN', [ada], { time: -1 }), 'CLAIM_INVALID', /between the years/],
      [claim('SEEN', [ada], { time: 1e15 }), 'CLAIM_INVALID', /between the years/],
      [claim('APART', [ada]), 'CLAIM_INVALID', /exactly two strong/],
      [claim('APART', [ada, bob, contact]), 'CLAIM_INVALID', /exactly two strong/],
      [claim('APART', [ada, browser]), 'CLAIM_INVALID', /exactly two strong/],
      [claim('SEEN', [ada], { attributes: { notes: 'x'.repeat(1_001) } }), 'CLAIM_INVALID', /at most 1000 characters/],
      [claim('SEEN', [ada], { attributes: { employees: Number.NaN } }), 'CLAIM_INVALID', /finite numbers/],
    ]
    for (const [refused, code, message] of cases) {
      const error = refusalOf(new Table(), refused)
      assert.equal(error?.code, code)
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /ada|bob/)
    }
  })

  test('a claim in another spelling means the same alias', () => {
    const table = new Table().take(claim('SEEN', ['email:Ada@Example.com ']))
    assert.ok(table.row(ada))
  })

  test('a person of too many aliases is none: further ones are refused, known ones still taken', () => {
    const aliases = Array.from({ length: aliasesPerPerson - 1 }, (_, index) => `zoom:registrant:r${index}`)
    const table = new Table().take(...aliases.map(alias => claim('SEEN', [ada, alias])))
    assert.equal(table.person(ada)?.aliases.length, aliasesPerPerson)
    assert.equal(refusalOf(table, claim('SEEN', [ada, contact]))?.code, 'PERSON_TOO_LARGE')
    assert.equal(refusalOf(table, claim('SEEN', [ada, browser]))?.code, 'PERSON_TOO_LARGE')
    table.take(
      claim('SEEN', [ada, 'zoom:registrant:r1'], { attributes: { firstName: 'Ada' } }),
      claim('SEEN', [contact]),
    )
    assert.equal(table.person(ada)?.attributes['firstName']?.value, 'Ada')
    assert.ok(!areOne(table, ada, contact))
  })

  test('two large persons are not merged into a larger one than any may be', () => {
    const half = (owner: string) =>
      Array.from({ length: aliasesPerPerson / 2 }, (_, index) =>
        claim('SEEN', [owner, `zoom:registrant:${owner.slice(6, 9)}${index}`]),
      )
    const table = new Table().take(...half(ada), ...half(bob))
    assert.equal(refusalOf(table, claim('MERGE', [ada, bob]))?.code, 'PERSON_TOO_LARGE')
    assert.ok(!areOne(table, ada, bob))
  })

  test('a person of too many attributes is none', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: attributesPerPerson }, (_, index) => [`field ${index}`, index]),
    )
    const table = new Table().take(claim('SEEN', [ada], { attributes }))
    assert.equal(refusalOf(table, claim('SEEN', [ada], { attributes: { another: 1 } }))?.code, 'PERSON_TOO_LARGE')
  })

  test('a refused claim does not keep its batch from being taken', () => {
    const { rows, refused } = resolve(new Map(), [claim('SEEN', ['nobody']), claim('SEEN', [ada])], erasures)
    assert.deepEqual([...refused.keys()], [0])
    assert.ok(rows.get(ada))
  })
})

test('a reader who applies the rows one by one finds no alias without its person and misses none that is erased', () => {
  const table = new Table().take(claim('SEEN', [ada]))
  table.take(claim('SEEN', [bob]))
  const kinds = (...batch: ReturnType<typeof claim>[]) =>
    [...resolve(table.rows, batch, erasures).rows.values()].map(row => row?.kind ?? 'removed')
  assert.deepEqual([...new Set(kinds(claim('SEEN', [ada, bob])))], ['PERSON', 'MERGED', 'ALIAS'])
  assert.deepEqual([...new Set(kinds(claim('ERASE', [ada])))], ['ERASED', 'removed'])
})
