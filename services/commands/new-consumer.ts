import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import { schemaOf } from '../../schemas/records.ts'
import type { IfMissing, StreamTopic, Topic } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import * as declared from '../../topology/topics.ts'
import { TributaryError } from '../runtime/errors.ts'
import {
  type ConsumerPlan,
  checkConsumerName,
  consumerPath,
  consumerSource,
  consumerTestPath,
  consumerTestSource,
  ifMissingChoices,
} from './new/consumer.ts'
import { withConsumer } from './new/map-entry.ts'
import { printJson, printLines } from './output.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const mapPath = 'topology/pipeline.ts'

export const addNewCommand = (program: Command): void => {
  program
    .command('new')
    .description('write the start of something')
    .command('consumer')
    .argument('<name>', 'its file and consumer group, for example company-website')
    .description('write a consumer, its line in the map and a test that fails until it asks for something')
    .addOption(new Option('--reads <stream>', 'what it reads').choices(readableStreams()).default('tracks'))
    .addOption(
      new Option('--if-missing <choice>', 'what happens to an event whose person nobody knows yet')
        .choices(ifMissingChoices)
        .default('park'),
    )
    .option('--json', 'print what was written as JSON')
    .action(newConsumer)
}

interface NewConsumerFlags {
  readonly reads: string
  readonly ifMissing: IfMissing
  readonly json?: boolean
}

const newConsumer = (name: string, { reads, ifMissing, json = false }: NewConsumerFlags): void => {
  checkConsumerName(name, pipeline)
  const plan: ConsumerPlan = { name, ...declarationOf(reads), ifMissing }
  const [source, test] = [consumerPath(name), consumerTestPath(name)]
  for (const path of [source, test]) refuseToOverwrite(path)
  const map = withConsumer(readFileSync(root + mapPath, 'utf8'), name)
  // The map comes last: until it names the consumer, what was written changes nothing.
  writeFileSync(root + source, consumerSource(plan), { flag: 'wx' })
  writeFileSync(root + test, consumerTestSource(plan), { flag: 'wx' })
  writeFileSync(root + mapPath, map)
  const next = nextSteps(name)
  if (json) printJson({ consumer: name, reads, ifMissing, wrote: [source, test], changed: [mapPath], next })
  else {
    printLines(`wrote   ${source}`, `wrote   ${test}`, `changed ${mapPath}`, '', 'Next:')
    printLines(...next.map((step, index) => `${index + 1}. ${step}`))
  }
}

const nextSteps = (name: string): readonly string[] => [
  `Let handle in ${consumerPath(name)} return the writes that an event leads to.`,
  `npm test -- ${consumerTestPath(name)}   fails until it does; then say there which event leads to which fields.`,
  'npm run generate   draws the map anew; then restart: npm start',
]

/** Streams whose events name a person. What goes to a sink or comes from one is not read by consumers. */
function readableStreams(): readonly string[] {
  const ofSinks = pipeline.sinks.flatMap(({ reads, replays }) => [reads.name, replays.name])
  const aboutNobody = pipeline.consumers.flatMap(({ reads, joins }) => (joins === null ? reads.name : []))
  const others = new Set([...ofSinks, declared.receipts.name, ...aboutNobody])
  return pipeline.topics
    .filter(isStream)
    .flatMap(topic => (others.has(topic.name) || !namesPerson(topic) ? [] : topic.name))
}

const isStream = (topic: Topic): topic is StreamTopic => topic.kind === 'stream'

const namesPerson = ({ record }: StreamTopic): boolean => {
  const schema = schemaOf(record)
  return typeof schema !== 'string' && 'fields' in schema && (schema.fields ?? []).some(({ name }) => name === 'person')
}

/** How topology/topics.ts calls the topic, and the topic's record. */
const declarationOf = (topic: string): Pick<ConsumerPlan, 'stream' | 'record'> => {
  for (const [stream, value] of Object.entries(declared)) {
    if (typeof value === 'object' && 'name' in value && value.name === topic && isStream(value)) {
      return { stream, record: value.record }
    }
  }
  throw new TributaryError('STREAM_UNKNOWN', `Expected a stream that topology/topics.ts exports, came ${topic}.`)
}

const refuseToOverwrite = (path: string): void => {
  if (!existsSync(root + path)) return
  throw new TributaryError(
    'FILE_EXISTS',
    `Expected no file ${path}, came one; nothing was written. Choose another name, or remove the file.`,
  )
}
