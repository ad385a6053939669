import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkConsumerName, variableOf } from '../../services/commands/new/consumer.ts'
import { withConsumer } from '../../services/commands/new/map-entry.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import { pipeline } from '../../topology/pipeline.ts'

const code = (expected: string) => (error: unknown) => error instanceof TributaryError && error.code === expected

describe('the name of a new consumer', () => {
  const invalid = [
    '',
    'seen',
    'Last-Seen',
    'last_seen',
    'last-',
    '-last',
    'last--seen',
    '2nd-visit',
    '../etc-x',
    'a b-c',
    `a-${'b'.repeat(50)}`,
  ]
  for (const name of invalid) {
    it(`K6 '${name}' is refused`, () =>
      assert.throws(() => checkConsumerName(name, pipeline), code('CONSUMER_NAME_INVALID')))
  }

  const taken = [
    'webinar-contact',
    'identity-claims',
    'hubspot-writes',
    'dead-letters',
    'identity-resolver',
    'zoom-webhooks',
  ]
  for (const name of taken) {
    it(`K6 ${name} is taken`, () => assert.throws(() => checkConsumerName(name, pipeline), code('CONSUMER_NAME_TAKEN')))
  }

  it('K6 two words in lower case are taken as they are', () => {
    checkConsumerName('last-seen', pipeline)
    checkConsumerName('top-10-accounts', pipeline)
    assert.equal(variableOf('top-10-accounts'), 'top10Accounts')
  })
})

describe('the line in the map', () => {
  const mapOf = (...names: readonly string[]): string =>
    [
      ...names.map(name => `import ${variableOf(name)} from '../services/consumers/${name}.ts'`),
      `import { hubspotContact } from '../services/sinks/hubspot/objects.ts'`,
      'export const pipeline: Topology = {',
      `  consumers: [${names.map(variableOf).join(', ')}],`,
      '}',
    ].join('\n')
  const importsOf = (map: string): readonly string[] =>
    [...map.matchAll(/consumers\/([\w-]+)\.ts/g)].map(each => each[1] ?? '')

  const places: { name: string; order: readonly string[] }[] = [
    { name: 'a-first', order: ['a-first', 'm-2', 'm-10'] },
    { name: 'm-3', order: ['m-2', 'm-3', 'm-10'] },
    { name: 'z-last', order: ['m-2', 'm-10', 'z-last'] },
  ]
  for (const { name, order } of places) {
    it(`K6 the import of ${name} goes where Biome wants it`, () =>
      assert.deepEqual(importsOf(withConsumer(mapOf('m-2', 'm-10'), name)), order))
  }

  it('K6 the entry goes to the end, so that the order of the map stays', () =>
    assert.match(withConsumer(mapOf('m-2', 'm-10'), 'a-first'), /^ {2}consumers: \[m2, m10, aFirst\],$/m))

  it('K6 a list that no longer fits a line is broken, and grows on so', () => {
    const names = Array.from({ length: 8 }, (_, index) => `consumer-with-long-name-${index}`)
    const broken = withConsumer(mapOf(...names), 'last-seen')
    assert.match(broken, /^ {2}consumers: \[\n( {4}consumerWithLongName\d,\n){8} {4}lastSeen,\n {2}\],$/m)
    assert.match(withConsumer(broken, 'one-more'), / {4}lastSeen,\n {4}oneMore,\n {2}\],$/m)
  })

  const unknown: { name: string; map: string }[] = [
    { name: 'no list', map: mapOf('m-2').replace('consumers: [', 'readers: [') },
    { name: 'two lists', map: `${mapOf('m-2')}\n  consumers: [],\n` },
    { name: 'a comment in the list', map: mapOf('m-2').replace('[m2', '[/* first */ m2') },
    { name: 'a spread list', map: mapOf('m-2').replace('[m2', '[...m2') },
    { name: 'no import of a consumer', map: mapOf() },
    { name: 'the variable in another use', map: `${mapOf('m-2')}\nconst lastSeen = 1\n` },
  ]
  for (const { name, map } of unknown) {
    it(`K6 ${name} is not touched`, () =>
      assert.throws(() => withConsumer(map, 'last-seen'), code('MAP_NOT_UNDERSTOOD')))
  }
})
