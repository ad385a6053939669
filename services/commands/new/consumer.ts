import type { IfMissing, Topology } from '../../../topology/define.ts'
import { TributaryError } from '../../runtime/errors.ts'

/** What a new consumer is to be. */
export interface ConsumerPlan {
  /** Name of the file and of the consumer group. */
  readonly name: string
  /** Name in topology/topics.ts of the stream that it reads. */
  readonly stream: string
  /** Record of that stream, whose examples the test runs on. */
  readonly record: string
  readonly ifMissing: IfMissing
}

export const ifMissingChoices: readonly IfMissing[] = ['create', 'park', 'skip', 'dead-letter']

const longestName = 40
const twoWordsOrMore = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/

/**
 * Refuses a name that cannot be a consumer's: it becomes a file, a consumer group and, in camel case, a variable.
 * @throws TributaryError CONSUMER_NAME_INVALID, CONSUMER_NAME_TAKEN
 */
export const checkConsumerName = (name: string, topology: Topology): void => {
  if (!twoWordsOrMore.test(name) || name.length > longestName) {
    throw new TributaryError(
      'CONSUMER_NAME_INVALID',
      `Expected two words or more in lower case with hyphens between them and at most ${longestName} characters, came '${name}'. Say whose and what, as in company-website.`,
    )
  }
  const { topics, producers, resolver, consumers, sinks } = topology
  const taken = new Map([
    ...topics.map((topic): [string, string] => [topic.name, 'topic']),
    ...[...producers, resolver, ...consumers, ...sinks].map((each): [string, string] => [each.name, each.kind]),
  ])
  const kind = taken.get(name)
  if (kind === undefined) return
  throw new TributaryError(
    'CONSUMER_NAME_TAKEN',
    `Expected a name that nothing in the map has, came ${name}, which is a ${kind}. Choose another.`,
  )
}

export const consumerPath = (name: string): string => `services/consumers/${name}.ts`
export const consumerTestPath = (name: string): string => `test/consumers/${name}.test.ts`

/** `services/consumers/<name>.ts`: compiles and runs, and asks for nothing yet. */
export const consumerSource = ({ name, stream, ifMissing }: ConsumerPlan): string => `\
import { consumer } from '../../topology/define.ts'
import { ${['identities', stream].sort().join(', ')} } from '../../topology/topics.ts'
import { hubspotContact } from '../sinks/hubspot/objects.ts'

export default consumer({
  name: '${name}',
  reads: ${stream},
  joins: { table: identities, by: 'person', ifMissing: '${ifMissing}' },
  writes: [hubspotContact],
  handle: () => ({ writes: [] }),
})
`

/** `test/consumers/<name>.test.ts`: fails, and says what to write, until the consumer asks for something. */
export const consumerTestSource = ({ name, record }: ConsumerPlan): string => `\
import assert from 'node:assert/strict'
import { it } from 'node:test'
import ${variableOf(name)} from '../../services/consumers/${name}.ts'
import { examplesOf } from '../schemas/examples.ts'
import { ada, drive } from './drive.ts'
import { checkLaws } from './laws.ts'

const events = examplesOf('${record}').map(({ value }) => value)

it('${name} asks for what its events say', () => {
  const { when } = drive(${variableOf(name)})
  const writes = events.flatMap(event => when(event, event.person === null ? null : ada))
  const next = [
    'No example of ${record} in schemas/examples/${record}/ led to a write.',
    'Let handle in ${consumerPath(name)} return { writes: [hubspotContact.set({ … })] },',
    'then say here which event leads to which fields.',
  ]
  assert.notDeepEqual(writes, [], next.join('\\n'))
})

checkLaws(${variableOf(name)}, events)
`

/** The consumer's name in TypeScript. */
export const variableOf = (name: string): string =>
  name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
