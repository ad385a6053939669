import { type Command, Option } from 'commander'
import { pipeline } from '../../topology/pipeline.ts'
import { selection } from '../../topology/selection.ts'
import { type LetterDetails, type LetterRow, listLetters, showLetter } from '../dead-letters/reading.ts'
import {
  type Choice,
  dropLetters,
  type LetterResult,
  retryLetters,
  type SettlingParts,
} from '../dead-letters/settling.ts'
import type { LetterFilter } from '../dead-letters/stored-letters.ts'
import { checkSelection } from '../producers/zoom/selection.ts'
import { systemClock as clock } from '../runtime/clock.ts'
import { createCodec } from '../runtime/codec.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { SchemaRegistry } from '../runtime/registry.ts'
import { addressesOf, connect, readConfig } from './connections.ts'
import { detailsAsJson, detailsAsLines, rowForPeople, rowForPrograms } from './dead-letters-text.ts'
import { printJson, printLines, printTable } from './output.ts'
import { hubSpotMappingOf } from './start/hubspot.ts'

const failed = 1
const foundSomething = 2

export const addDeadLettersCommand = (program: Command): void => {
  const letters = program
    .command('dead-letters')
    .description('records that were set aside: why, and sending them again')
  filtered(letters.command('list').description('print the open ones, newest last, without personal data'))
    .option('--all', 'also those that were retried or dropped')
    .option('--check', 'exit code 2 when any is open, for monitoring')
    .option('--json', 'print them as JSON')
    .action((flags: ListFlags) => withCluster(parts => list(parts, flags)))
  letters
    .command('show')
    .argument('<id>', 'of the list')
    .description(
      'print all of one, personal data included: reason, what to do, headers, and the original as JSON or hex',
    )
    .option('--json', 'print it as JSON')
    .action((id: string, { json = false }: { json?: boolean }) => withCluster(parts => show(parts, id, json)))
  filtered(letters.command('retry').argument('[ids...]', 'of the list').description(retryDescription))
    .option('--all', 'all open ones that the filters let through')
    .option('--again', 'also those of the given ids that were retried or dropped before')
    .option('--json', 'print the results as JSON')
    .action((ids: string[], flags: SettleFlags) => withCluster(parts => settle(retryLetters, parts, ids, flags)))
  filtered(letters.command('drop').argument('[ids...]', 'of the list').description(dropDescription))
    .option('--all', 'all open ones that the filters let through')
    .option('--json', 'print the results as JSON')
    .action((ids: string[], flags: SettleFlags) => withCluster(parts => settle(dropLetters, parts, ids, flags)))
}

const retryDescription =
  'send originals again, as they came, to the topic and partition they were read from. Mend the cause and restart the service first. ' +
  'Every consumer of the topic handles the event again: those that handled it before change nothing by it. A webhook is mapped again by this ' +
  'program, as the ingest does it, to the same event ids. What fails again comes back under a new id'

const dropDescription = 'mark them as done without sending them; nothing is deleted, the topic keeps them for 30 days'

const filtered = (command: Command): Command =>
  command
    .addOption(new Option('--service <name>', 'only those that this consumer, sink or producer set aside'))
    .addOption(new Option('--code <code>', 'only those with this code'))
    .addOption(new Option('--topic <name>', 'only those that came from this topic'))

interface ListFlags extends LetterFilter {
  readonly all?: boolean
  readonly check?: boolean
  readonly json?: boolean
}

interface SettleFlags extends LetterFilter {
  readonly all?: boolean
  readonly again?: boolean
  readonly json?: boolean
}

type Cluster = SettlingParts & { readonly registry: SchemaRegistry }

const withCluster = async (work: (cluster: Cluster) => Promise<void>): Promise<void> => {
  const config = readConfig()
  const { kafka, registry } = connect(config, addressesOf(config), 'tributary-dead-letters')
  try {
    const { topics } = pipeline
    const { topicPrefix } = config
    const codec = await createCodec({ registry, topics, clock, topicPrefix, register: false })
    const hubspot = hubSpotMappingOf(config)
    await work({ kafka, registry, codec, topics, clock, selection: checkSelection(selection, null), hubspot })
  } finally {
    await kafka.close()
  }
}

const list = async (
  cluster: Cluster,
  { all = false, check = false, json = false, ...filter }: ListFlags,
): Promise<void> => {
  const rows = await listLetters(cluster, { ...filter, done: all })
  if (json) printJson(rows.map(rowForPrograms))
  else if (rows.length === 0) printLines(all ? 'There are no dead letters.' : 'No dead letter is open.')
  else printTable(rows.map(rowForPeople))
  if (check && rows.some(({ state }: LetterRow) => state === 'open')) process.exitCode = foundSomething
}

const show = async (cluster: Cluster, id: string, json: boolean): Promise<void> => {
  const details: LetterDetails = await showLetter(cluster, id)
  if (json) printJson(detailsAsJson(details))
  else printLines(...detailsAsLines(details))
}

const settle = async (
  work: (parts: SettlingParts, choice: Choice) => Promise<readonly LetterResult[]>,
  cluster: Cluster,
  ids: readonly string[],
  { json = false, ...flags }: SettleFlags,
): Promise<void> => {
  const results = await work(cluster, choiceOf(ids, flags))
  if (json) printJson(results)
  else if (results.length === 0) printLines('No dead letter is open that the filters let through.')
  else printLines(...results.map(resultAsLine))
  if (results.some(({ result }) => result === 'failed')) process.exitCode = failed
}

/** Ids, or all with filters; what is neither or both is refused before anything is done. Throws `DEAD_LETTERS_NOT_CHOSEN`. */
export const choiceOf = (ids: readonly string[], { all = false, again = false, ...filter }: SettleFlags): Choice => {
  const filters = Object.keys(filter).length
  if (ids.length > 0 && !all && filters === 0) return { ids, again }
  if (ids.length === 0 && all && !again) return { filter }
  throw new TributaryError(
    'DEAD_LETTERS_NOT_CHOSEN',
    'Expected ids, or --all with or without --service, --code and --topic, but not both; --again goes with ids only.',
  )
}

const resultAsLine = ({ id, result, appended, reason }: LetterResult): string => {
  const where = appended.length === 0 ? '' : ` to ${appended.join(', ')}`
  const hint = result === 'unchanged' ? ' `retry --again` sends it all the same.' : ''
  return `${id}  ${result}${where}${reason === undefined ? '' : `: ${reason}${hint}`}`
}
