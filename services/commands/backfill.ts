import { type Command, InvalidArgumentError, Option } from 'commander'
import { pipeline } from '../../topology/pipeline.ts'
import { identities } from '../../topology/topics.ts'
import { type BackfillParts, type BackfillRequest, countBackfill, runBackfill } from '../backfill/backfill.ts'
import type { BackfillPart } from '../backfill/part.ts'
import { type BackfillSide, backfillParts, sides, taskWorkers } from '../backfill/parts.ts'
import { createDirectory, type IdentityDirectory } from '../identity/directory.ts'
import { syncedWithSalesforce } from '../producers/hubspot/activities/people.ts'
import { instantOf } from '../producers/input/times.ts'
import { createSalesforceReader } from '../producers/salesforce/rest/reader.ts'
import { systemClock as clock } from '../runtime/clock.ts'
import { createCodec } from '../runtime/codec.ts'
import type { Config } from '../runtime/config/config.ts'
import { TributaryError } from '../runtime/errors.ts'
import { createMetrics } from '../runtime/metrics.ts'
import { startTables } from '../runtime/process/tables.ts'
import { sharedTasks } from '../tasks/mapping.ts'
import { backfillAsJson, backfillAsLines, backfillBar, countAsLines } from './backfill-text.ts'
import { addressesOf, connect, readConfig } from './connections.ts'
import { salesforceLogin } from './destinations.ts'
import { printJson, printLines } from './output.ts'
import { hubSpotActivityReaderOf, hubSpotReaderOf } from './start/hubspot.ts'

const failed = 1
/** Of HubSpot's requests reading then takes about a tenth, writing and reading the copies as much again; the rest is for live traffic. */
const defaultRate = 25

export const addBackfillCommand = (program: Command): void => {
  const backfill = program
    .command('backfill')
    .description('share what was there before it was shared, beside the running services')
  backfill
    .command('tasks')
    .description(
      'tell all tasks that HubSpot and Salesforce hold, and the activities of HubSpot that are taken, so that those without a copy get one. Ended early, the same command goes on ' +
        'where it stopped; after it is done it reads all again, and changes what differs',
    )
    .addOption(new Option('--from <crm>', 'which CRM is read').choices([...sides, 'both']).default('both'))
    .option('--since <date>', 'only what was modified then or later: 2026-10-14, 2026-10-14T09:00:00Z', sinceOf)
    .option(
      '--rate <records>',
      'records told in a second, so that live ones have room; 0 for no limit',
      rateOf,
      defaultRate,
    )
    .option('--restart', 'begin anew where one was ended early')
    .option('--dry-run', 'tell nothing: count what there is')
    .option('--json', 'print the result as JSON')
    .action((flags: BackfillFlags) => backfillTasks(flags))
}

interface BackfillFlags {
  readonly from: BackfillSide | 'both'
  readonly since?: number
  readonly rate: number
  readonly restart?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

const sinceOf = (text: string): number => {
  const time = /^\d{4}-/.test(text.trim()) ? instantOf(text) : null
  if (time !== null) return time
  throw new InvalidArgumentError('Expected a date, for example 2026-10-14 or 2026-10-14T09:00:00Z.')
}

const rateOf = (text: string): number => {
  if (/^\d{1,6}(?:\.\d{1,3})?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected records a second, for example 25, or 0 for no limit.')
}

const backfillTasks = async (flags: BackfillFlags): Promise<void> => {
  const config = readConfig()
  assertShared(config)
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  const { kafka, registry, logger } = connect(config, addressesOf(config), 'tributary-backfill')
  try {
    const { topics } = pipeline
    const codec = await createCodec({ registry, topics, clock, topicPrefix: config.topicPrefix, register: false })
    const directory = createDirectory(config.erasureSecret)
    let broken: Error | undefined
    const onFatal = (error: Error): void => {
      broken ??= error
      stop()
    }
    const metrics = createMetrics()
    const tables = await startTables({ kafka, codec, logger, metrics, directory, state: new Map(), onFatal })
    try {
      await tables.caughtUp(identities.name)
      const parts = { kafka, codec, clock, logger, directory, workers: taskWorkers(pipeline) }
      await tellOrCount(parts, config, partsOf(config, directory, flags.from), flags, stopping.signal)
      if (broken) throw broken
    } finally {
      await tables.close()
    }
  } finally {
    await kafka.close()
  }
}

const tellOrCount = async (
  parts: BackfillParts,
  config: Config,
  chosen: readonly BackfillPart[],
  {
    since = null,
    rate,
    restart = false,
    dryRun = false,
    json = false,
  }: Omit<BackfillFlags, 'since'> & { since?: number | null },
  signal: AbortSignal,
): Promise<void> => {
  const bar = backfillBar(process.stderr, clock)
  const request: BackfillRequest = { parts: chosen, since, rate, restart, signal, onProgress: bar.show }
  if (dryRun) {
    const counted = await countBackfill(parts, request)
    if (json) printJson(counted)
    else printLines(...countAsLines(counted, rate))
    return
  }
  const result = await runBackfill(parts, request).finally(bar.end)
  if (json) printJson(backfillAsJson(result))
  else printLines(...backfillAsLines(result, config.parkLimitMs))
  if (result.parts.some(({ done }) => !done)) process.exitCode = failed
}

const partsOf = (
  config: Config,
  directory: IdentityDirectory,
  from: BackfillFlags['from'],
): readonly BackfillPart[] => {
  const metrics = createMetrics()
  const searches = hubSpotReaderOf(config, {}, metrics)
  const reader = hubSpotActivityReaderOf(config, {}, metrics)
  const login = salesforceLogin(config, {})
  if (!searches || !reader || !login) throw vendorOff()
  const salesforce = createSalesforceReader({ ...login, clock, metrics })
  const { appId } = config.hubspot
  const hubspot = { searches, reader, appId, clock, synced: syncedWithSalesforce(directory) }
  return backfillParts({ hubspot, salesforce: { reader: salesforce, clock } }, sharedTasks(), from)
}

const vendorOff = (): TributaryError =>
  new TributaryError(
    'BACKFILL_VENDOR_OFF',
    'Tasks are shared between HubSpot and Salesforce, but one of them is not connected: set the credentials of both (docs/reference.md), or let both be emulated.',
  )

/** Throws `BACKFILL_SYNC_OFF` where nothing would read what is told. */
const assertShared = ({ tasks, hubspot, salesforce }: Config): void => {
  if (tasks.enabled) return
  if (hubspot.mode === 'off' || salesforce.mode === 'off') throw vendorOff()
  throw new TributaryError(
    'BACKFILL_SYNC_OFF',
    'Expected that tasks are shared, but TASK_SYNC is off, so nothing would make copies of what is told. Set TASK_SYNC=true (README.md, "Tasks of HubSpot and Salesforce") and restart the services.',
  )
}
