import { type Command, InvalidArgumentError } from 'commander'
import { pipeline } from '../../topology/pipeline.ts'
import { type Chain, chainOf } from '../replay/chain.ts'
import { dryRun } from '../replay/dry-run/dry-run.ts'
import { locateRange, type ReplayRange } from '../replay/positions.ts'
import { followPresentState } from '../replay/present-state.ts'
import { parseRange, pointForms, type Range } from '../replay/range.ts'
import { ReplayBroken, type ReplayParts, type ReplayRequest, runReplay } from '../replay/replay.ts'
import { systemClock as clock } from '../runtime/clock.ts'
import { createCodec } from '../runtime/codec.ts'
import type { Config } from '../runtime/config/config.ts'
import type { Logger } from '../runtime/log.ts'
import { addressesOf, connect, readConfig } from './connections.ts'
import { destinationsOf } from './destinations.ts'
import { printJson, printLines, printTable } from './output.ts'
import { progressBar } from './replay-progress.ts'
import {
  type Asked,
  differencesAsJson,
  differencesAsRows,
  dryRunAsLines,
  goOnCommand,
  replayAsJson,
  replayAsLines,
} from './replay-text.ts'

const failed = 1
const changePending = 2
const defaultRate = 50

export const addReplayCommand = (program: Command): void => {
  program
    .command('replay')
    .argument('<consumer>', `whose input is processed again: ${pipeline.consumers.map(({ name }) => name).join(', ')}`)
    .description(
      'process a range of events again, with identities and rows as they are now, and send what the destinations lack. It changes no row; nothing newer is ' +
        'overwritten, and nothing is added twice',
    )
    .requiredOption('--from <time|offset>', `first record: ${pointForms}`)
    .option('--to <time|offset>', 'the record after the last one; without it all that is there now')
    .option(
      '--key <key>',
      'only events with this key, or of this person (email:ada@example.com); repeatable',
      collect,
      [],
    )
    .option('--dry-run', 'send nothing: read the destinations and print each difference; exit code 2 when there is any')
    .option('--rate <writes>', 'writes a second, so that live ones have room; 0 for no limit', rateOf, defaultRate)
    .option('--json', 'print the result as JSON')
    .action((consumer: string, flags: ReplayFlags) => replay(consumer, flags))
}

export interface ReplayFlags {
  readonly from: string
  readonly to?: string
  readonly key: readonly string[]
  readonly dryRun?: boolean
  readonly rate: number
  readonly json?: boolean
}

const collect = (key: string, former: readonly string[]): readonly string[] => [...former, key]

const rateOf = (text: string): number => {
  if (/^\d{1,6}(?:\.\d{1,3})?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected writes a second, for example 50, or 0 for no limit.')
}

/** All that both kinds of replay need. */
interface Prepared extends ReplayParts {
  readonly config: Config
  readonly logger: Logger
  readonly asked: Asked
  readonly request: ReplayRequest
}

const replay = async (consumer: string, flags: ReplayFlags): Promise<void> => {
  const chain = chainOf(pipeline, consumer)
  const range = parseRange(flags.from, flags.to, clock.now())
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  await prepared(chain, range, flags, stopping.signal, flags.dryRun ? printDifferences : send)
}

const prepared = async (
  chain: Chain,
  range: Range,
  flags: ReplayFlags,
  signal: AbortSignal,
  work: (prepared: Prepared, flags: ReplayFlags) => Promise<void>,
): Promise<void> => {
  const config = readConfig()
  const { kafka, registry, logger } = connect(config, addressesOf(config), 'tributary-replay')
  try {
    const { topics } = pipeline
    const codec = await createCodec({ registry, topics, clock, topicPrefix: config.topicPrefix, register: false })
    const located: ReplayRange = await locateRange(kafka, chain.consumer.reads.name, range)
    const state = await followPresentState({ kafka, codec, logger, chain, erasureSecret: config.erasureSecret })
    const progress = progressBar(process.stderr, clock, flags.dryRun !== true)
    try {
      const request = { chain, range: located, keys: flags.key, signal, onProgress: progress.show }
      const asked = { consumer: chain.consumer, range, located, keys: flags.key, rate: flags.rate }
      await work({ kafka, codec, clock, state, config, logger, asked, request }, flags)
    } finally {
      progress.end()
      await state.close()
    }
  } finally {
    await kafka.close()
  }
}

const send = async (parts: Prepared, { rate, json = false }: ReplayFlags): Promise<void> => {
  try {
    const result = await runReplay(parts, { ...parts.request, rate })
    if (json) printJson(replayAsJson(parts.asked, result))
    else printLines(...replayAsLines(parts.asked, result))
    if (result.interrupted || result.tally.failed > 0) process.exitCode = failed
  } catch (error) {
    if (!(error instanceof ReplayBroken)) throw error
    process.stderr.write(`${goOnCommand(parts.asked, error.goOnAt)}\n`)
    throw error.cause
  }
}

const printDifferences = async (parts: Prepared, { json = false }: ReplayFlags): Promise<void> => {
  const { config, logger, asked } = parts
  const { recreateDeleted } = config
  const result = await dryRun(
    { ...parts, destinations: destinationsOf(config, {}, { logger }), recreateDeleted },
    parts.request,
  )
  if (json) printJson(differencesAsJson(asked, result))
  else {
    printTable(differencesAsRows(result, parts.state.directory))
    printLines(...dryRunAsLines(asked, result))
  }
  if (result.pending) process.exitCode = changePending
  if (result.tally.failed > 0) process.exitCode = failed
}
