import { type Command, InvalidArgumentError } from 'commander'
import type { WebinarHistory } from '../../../schemas/generated.ts'
import type { RowOf } from '../../../topology/define.ts'
import { pipeline } from '../../../topology/pipeline.ts'
import { sharedPartitions, webinarHistories } from '../../../topology/topics.ts'
import { endWithParent } from '../../platform/parent.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Config } from '../../runtime/config/config.ts'
import { TributaryError } from '../../runtime/errors.ts'
import { untilQuiet } from '../../runtime/quiet.ts'
import { type AttendanceRow, attendanceRows } from '../../webinars/report.ts'
import { readConfig } from '../connections.ts'
import { waitingSinks } from '../destinations.ts'
import { printJson, printTable } from '../output.ts'
import { fillSampleOrg } from './sample-org.ts'
import { playSampleOutreach } from './sample-outreach.ts'
import type { Sandboxes } from './sandboxes.ts'
import { serviceNames, wantedServices } from './services.ts'
import { type RunningSystem, startSystem } from './start.ts'

interface StartFlags {
  readonly once?: boolean
  readonly sample: boolean
  readonly json?: boolean
  /** How many times faster than in a minute the recorded webinar is played. */
  readonly speed: number
}

const sampleRecording = 'product-webinar'
/** Webhooks a second of the live webinars that follow the recorded one. */
const liveRate = 2
/** Things that people do in the emulated product in a second. */
const liveUseRate = 2
const fastest = 60
const fatalGraceMs = 2_000

export const addStartCommand = (program: Command): void => {
  program
    .command('start')
    .argument(
      '[names...]',
      `services to run in this process; all when none is named. There are: ${serviceNames.join(', ')}`,
    )
    .description('run all or some services')
    .option('--once', 'play the sample traffic, wait until every write is delivered, print the attendance, end')
    .option('--no-sample', 'play no sample traffic')
    .option('--json', 'with --once: print the attendance as JSON')
    .option('--speed <factor>', 'play the recorded webinar so many times faster than in a minute', speedOf, 1)
    .action((names: string[], flags: StartFlags) => start(names, flags))
}

const speedOf = (text: string): number => {
  const speed = Number(text)
  if (speed > 0 && speed <= fastest) return speed
  throw new InvalidArgumentError(`Expected a number above 0 and at most ${fastest}.`)
}

const start = async (names: readonly string[], flags: StartFlags): Promise<void> => {
  endWithParent()
  const config = readConfig()
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  for (const reason of [...config.emulation.reasons, ...waitingSinks(config)]) say(reason)
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  const system = await startSystem({
    config,
    wanted: wantedServices(names),
    signal: stopping.signal,
    say,
    onFatal: endAfter,
  })
  try {
    if (flags.once) await Promise.race([playOnce(system, config, flags, say), interrupted(stopping.signal)])
    else await runUntilStopped(system, config, flags, stopping.signal, say)
  } finally {
    await system.close()
  }
}

const interrupted = async (signal: AbortSignal): Promise<never> => {
  await aborted(signal)
  throw new TributaryError(
    'INTERRUPTED',
    'It was ended before every write was delivered. Start it again: it goes on where it was.',
  )
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** The process cannot go on in a state that it can vouch for; whoever runs it starts it again, and Kafka holds all of its state. */
const endAfter = (error: Error): void => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
  setTimeout(() => process.exit(1), fatalGraceMs).unref()
  process.kill(process.pid, 'SIGTERM')
}

const runUntilStopped = async (
  system: RunningSystem,
  config: Config,
  flags: StartFlags,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> => {
  for (const [name, url] of Object.entries(system.sandboxes.pages)) say(`Emulated ${name.padEnd(10)} ${url}`)
  for (const [name, url] of Object.entries(system.urls)) say(`${name.padEnd(17)} ${url}`)
  const login = 'asks browsers for a login: any user name, and as the password'
  if (config.console.token !== null && 'console' in system.urls) say(`The console ${login} CONSOLE_TOKEN.`)
  if (config.sandbox.token !== null && Object.keys(system.sandboxes.pages).length > 0)
    say(`The sandbox ${login} SANDBOX_TOKEN.`)
  if (config.emulation.sample && flags.sample) playSample(system.sandboxes, config, flags.speed, signal, say)
  say('Ready. Ctrl-C ends it.')
  await aborted(signal)
  say('Ending: what was taken is finished first.')
}

/** The use of a product, and the recorded webinar once, then live ones: playing it again would change nothing. */
const playSample = (
  sandboxes: Sandboxes,
  config: Config,
  speed: number,
  signal: AbortSignal,
  say: (line: string) => void,
): void => {
  const { zoom, pendo } = sandboxes
  if (pendo) {
    say('People use a product: open the Pendo page and watch its usage and its webhooks.')
    pendo.playLive(liveUseRate)
  }
  if (!zoom) return
  if (zoom.hasPlayed(sampleRecording)) {
    say('Live webinars go on: open the HubSpot page and watch its contacts change. The recorded one was played before.')
    zoom.playLive(liveRate)
    return
  }
  say(
    'A recorded webinar plays: open the HubSpot page and watch its contacts change, and the Salesforce page for the tasks. Then live webinars follow.',
  )
  fillOrg(sandboxes, config)
    .then(() => zoom.playRecording({ file: sampleRecording, speed }))
    .then(() => answerTheWebinar(sandboxes, config))
    .then(() => (signal.aborted ? undefined : zoom.playLive(liveRate)))
    .catch(error => say(`The sample traffic ended: ${error instanceof Error ? error.message : 'unknown reason'}`))
}

/** The people whom the sales team knows already: they get tasks. */
const fillOrg = async ({ pages }: Sandboxes, { sandbox }: Config): Promise<void> => {
  const url = pages['Salesforce']
  if (url !== undefined) await fillSampleOrg(url, sandbox.token)
}

/** What marketing does once a webinar is over, and what comes of it. */
const answerTheWebinar = async ({ pages }: Sandboxes, { sandbox }: Config): Promise<void> => {
  const url = pages['HubSpot']
  if (url !== undefined) await playSampleOutreach(url, sandbox.token)
}

const playOnce = async (
  system: RunningSystem,
  config: Config,
  flags: StartFlags,
  say: (line: string) => void,
): Promise<void> => {
  const { zoom } = system.sandboxes
  if (!zoom) throw new Error('--once plays sample traffic, which needs the emulated Zoom in this process')
  say(`Playing the recorded webinar (${flags.speed === 1 ? 'a minute' : `${Math.ceil(60 / flags.speed)} seconds`}) …`)
  if (flags.sample) {
    await fillOrg(system.sandboxes, config)
    await zoom.playRecording({ file: sampleRecording, speed: flags.speed })
  }
  await untilQuiet({ kafka: system.kafka, topology: pipeline, metrics: system.metrics, clock })
  const rows = await readAttendance(system)
  if (flags.json) printJson(rows)
  else printTable(rows.map(row => ({ ...row })))
}

/** The attendance of the recorded webinar as the state rows hold it. */
const readAttendance = async ({ codec, pipeline: running }: RunningSystem): Promise<readonly AttendanceRow[]> => {
  const { tables, directory } = running
  const histories = []
  for (let partition = 0; partition < sharedPartitions; partition++) {
    const view = tables.partition(webinarHistories.name, partition)
    await view.caughtUp()
    for (const id of view.groups()) {
      const lookup = directory.find(`person:${id}`)
      const value = view.group(id).get(id)?.value
      if (!value || lookup.status !== 'known' || lookup.person.id !== id) continue
      await codec.prepare([value])
      const history: RowOf<WebinarHistory> = codec.decode(webinarHistories, value)
      histories.push({ history, person: lookup.person })
    }
  }
  return attendanceRows(histories)
}
