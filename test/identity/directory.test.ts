import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Identity, IdentityClaim } from '../../schemas/generated.ts'
import { createDirectory, type WritableDirectory } from '../../services/identity/directory.ts'
import { aliasesToErase } from '../../services/identity/erasure.ts'
import { resolve } from '../../services/identity/resolver.ts'
import { apart, claim, erase, erasures, secret, seen } from './claim-sets.ts'

const ada = 'email:ada@example.com'
const bob = 'email:bob@example.com'
const browser = 'anonymous:b1'

/** A directory behind a resolver: rows reach it one by one, as from the topic. */
class World {
  readonly directory: WritableDirectory = createDirectory(secret)
  readonly rows = new Map<string, Identity>()

  take(...batch: readonly IdentityClaim[]): ReadonlyMap<string, Identity | null> {
    const { rows } = resolve(this.rows, batch, erasures)
    for (const [key, row] of rows) {
      if (row) this.rows.set(key, row)
      else this.rows.delete(key)
      this.directory.apply(key, row)
    }
    return rows
  }

  idOf(alias: string): string {
    const found = this.directory.find(alias)
    return found.status === 'known' ? found.person.id : found.status
  }
}

test('a person is found by any alias and by its id, with addresses and attributes', () => {
  const world = new World()
  world.take(claim('SEEN', [ada, 'user:1', browser], { attributes: { firstName: 'Ada', employees: 3, city: null } }))
  const found = world.directory.find(ada)
  assert.ok(found.status === 'known')
  assert.deepEqual(found.person, {
    id: world.idOf(ada),
    aliases: [ada, 'user:1', browser],
    emails: ['ada@example.com'],
    attributes: { city: null, employees: 3, firstName: 'Ada' },
  })
  for (const alias of ['user:1', browser, `person:${found.person.id}`]) {
    const again = world.directory.find(alias)
    assert.ok(again.status === 'known' && again.person === found.person, `${alias} gives the one Person of the row`)
  }
  assert.deepEqual(world.directory.size(), { persons: 1, aliases: 3, erased: 0 })
})

test('32 whoever holds an id from before a merge is led to the survivor', () => {
  const world = new World()
  world.take(claim('SEEN', [ada]))
  world.take(claim('SEEN', [bob]))
  const former = world.idOf(bob)
  world.take(claim('MERGE', [ada, bob]))
  assert.notEqual(world.idOf(bob), former)
  assert.equal(world.idOf(`person:${former}`), world.idOf(ada))
  assert.equal(world.directory.size().persons, 1)
})

test('29 an erased alias, and an erased id, is neither known nor missing', () => {
  const world = new World()
  world.take(claim('SEEN', [ada, browser]))
  const id = world.idOf(ada)
  world.take(claim('ERASE', [ada]))
  for (const alias of [ada, browser, `person:${id}`]) assert.equal(world.directory.find(alias).status, 'erased', alias)
  assert.equal(world.directory.find(bob).status, 'missing')
  assert.deepEqual(world.directory.size(), { persons: 0, aliases: 0, erased: 3 })
})

test('a lifted alias is missing, and known again after its next claim', () => {
  const world = new World()
  world.take(claim('ERASE', [ada]))
  world.take(claim('LIFT', [ada]))
  assert.equal(world.directory.find(ada).status, 'missing')
  world.take(claim('SEEN', [ada]))
  assert.equal(world.directory.find(ada).status, 'known')
})

test('29 an alias whose row somebody removed by hand is missing until the resolver has erased the person', () => {
  const world = new World()
  world.take(claim('SEEN', [ada, bob]))
  world.directory.apply(ada, null)
  assert.equal(world.directory.find(ada).status, 'missing')
  assert.equal(world.directory.find(bob).status, 'known')
  world.directory.apply(ada, world.rows.get(ada) ?? null)
  assert.equal(world.directory.find(ada).status, 'known')
})

test('29 a person whose row somebody removed by hand is missing under every alias', () => {
  const world = new World()
  world.take(claim('SEEN', [ada, bob]))
  world.directory.apply(`person:${world.idOf(ada)}`, null)
  assert.deepEqual(
    [ada, bob].map(alias => world.directory.find(alias).status),
    ['missing', 'missing'],
  )
})

test('a lifted device that goes along with a forgotten person is erased again', () => {
  const world = new World()
  world.take(claim('ERASE', [browser]))
  world.take(claim('LIFT', [browser]))
  world.take(claim('SEEN', [ada, browser]))
  assert.equal(world.idOf(browser), world.idOf(ada))
  world.take(claim('ERASE', [ada]))
  assert.equal(world.directory.find(browser).status, 'erased')
  world.take(claim('SEEN', [bob, browser]))
  assert.equal(world.idOf(browser), world.idOf(bob))
})

test('listeners hear each key after its row was applied, until they stop', () => {
  const world = new World()
  const heard: [string, string][] = []
  const stop = world.directory.onChange(key => heard.push([key, world.directory.find(ada).status]))
  world.take(claim('SEEN', [ada]))
  assert.deepEqual(heard, [
    [`person:${world.idOf(ada)}`, 'known'],
    [ada, 'known'],
  ])
  stop()
  world.take(claim('SEEN', [bob]))
  assert.equal(heard.length, 2)
})

test('rows of others that go round in a circle are missing, not endless', () => {
  const { directory } = new World()
  const merged = (survivor: string): Identity => ({ ...template, person: survivor })
  directory.apply('person:1', merged('2'))
  directory.apply('person:2', merged('1'))
  assert.equal(directory.find('person:1').status, 'missing')
})

test('an ERASE made from a device names the person whom it points to', () => {
  const world = new World()
  world.take(claim('SEEN', [ada, bob, browser]))
  assert.deepEqual(aliasesToErase(browser, world.directory.find(browser)), [browser, ada, bob])
  assert.deepEqual(aliasesToErase('user:9', world.directory.find('user:9')), ['user:9'])
})

test('after every row the directory knows no alias of a person that does not list it, and in the end what the rows say', () => {
  const claims = fc.array(fc.array(fc.oneof(seen(), seen(), apart(), erase()), { maxLength: 3 }), { maxLength: 6 })
  fc.assert(
    fc.property(claims, batches => {
      const world = new World()
      for (const batch of batches) world.take(...batch)
      for (const [key, row] of world.rows) {
        if (row.kind === 'ALIAS' || row.kind === 'PERSON') assert.equal(world.idOf(key), row.person)
        if (row.kind === 'MERGED') assert.equal(world.idOf(key), row.person)
      }
      const reloaded = createDirectory(secret)
      for (const [key, row] of world.rows) reloaded.apply(key, row)
      assert.deepEqual(reloaded.size(), world.directory.size())
      for (const key of world.rows.keys()) assert.deepEqual(reloaded.find(key), world.directory.find(key))
    }),
    { numRuns: 1_000 },
  )
})

const template: Identity = {
  kind: 'MERGED',
  person: null,
  aliases: [],
  former: [],
  firstClaimed: null,
  links: [],
  apart: [],
  pointer: null,
  attributes: {},
  erased: null,
  lifted: null,
}
