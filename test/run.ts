// `npm test [-- path…]`: every check and test of the repository, or just the test files below the given paths.
// `npm run test:chaos [-- path…]`: every scenario, the slow ones too, and keeps what they counted for docs/reliability.md.
// TEST_FILE_TIMEOUT_SECONDS (default 300; 5,400 for chaos): a file that takes longer is killed and counts as failed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { endWithParent } from '../services/platform/parent.ts'
import type { TestCluster } from './cluster/cluster.ts'
import { serveControl } from './cluster/control.ts'
import { startEmbeddedCluster } from './cluster/embedded.ts'
import { startTestKafka, type TestKafka } from './kafka.ts'
import { PRIVACY_CHECK, privacyProblem } from './privacy/check.ts'
import { createOutputFolder } from './privacy/kept-output.ts'
import { Report } from './runner/report.ts'
import { createResultsFolder, keepResults } from './runner/results.ts'
import { CHAOS, CHECKS, type Check, findTestFiles, QUICK, STAGES, type Stage, stageOf } from './runner/stages.ts'
import { killRunningFiles, runTestFiles } from './runner/test-file.ts'

const withChaos = process.argv.includes('--chaos')
const FILE_TIMEOUT_MS = Number(process.env['TEST_FILE_TIMEOUT_SECONDS'] ?? (withChaos ? 5_400 : 300)) * 1_000
/** Every test file and every service it starts loads the same sources: compiled once, a file is up in two thirds of the time. */
const COMPILE_CACHE = resolve('.tributary/compile-cache')
/** In which `npm run test:chaos` looks for what it runs. */
const CHAOS_PATHS = ['test/scenarios', 'test/model', 'test/pictures']
const HISTORIES = '10000'

const PASSED_ON =
  /^(PATH|HOME|USER|LANG|LC_ALL|TZ|TMPDIR|CI|JAVA_HOME|MAVEN_.*|NODE_COMPILE_CACHE|NODE_EXTRA_CA_CERTS|XDG_.*|DOCKER_.*|TESTCONTAINERS_.*|TRIBUTARY_TEST_.*|TRIBUTARY_(?:HISTORIES|SEED|PATH)|CLASSIC_.*|SOAK_.*|.*_proxy|.*_PROXY)$/

const paths = process.argv.slice(2).filter(argument => argument !== '--chaos')
const results = withChaos ? createResultsFolder() : undefined
const report = new Report(text => process.stdout.write(text))
const output = createOutputFolder()
let kafka: TestKafka | undefined
let cluster: (TestCluster & { readonly controlUrl: string }) | undefined

endWithParent()
process.once('exit', output.remove)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void interrupt())

await run()
report.end()
process.stdout.write('', () => process.exit(report.isGood ? 0 : 1))

async function run(): Promise<void> {
  try {
    if (paths.length === 0 && !withChaos) await runChecks()
    await runStages(chosenFiles())
    if (results !== undefined) keepResults(results, paths.length === 0)
    await checkPrivacy()
  } catch (error) {
    report.check('the test run', 0, (error as Error).message)
  } finally {
    await Promise.all([kafka?.stop(), cluster?.stop()])
  }
}

function chosenFiles(): string[] {
  if (!withChaos) return findTestFiles(paths.length === 0 ? ['test'] : paths)
  return findTestFiles(paths.length === 0 ? CHAOS_PATHS : paths, [QUICK, CHAOS])
}

async function runChecks(): Promise<void> {
  report.heading('checks')
  for (const check of CHECKS) {
    const startedAt = performance.now()
    const problem = await problemOf(check)
    report.check(check.name, secondsSince(startedAt), problem)
  }
}

/** Of everything that the files before it printed and published. A run of some files tells only what is wrong. */
async function checkPrivacy(): Promise<void> {
  const startedAt = performance.now()
  const isWhole = paths.length === 0
  if (isWhole) report.heading('privacy')
  const clusters = [kafka, cluster].filter(one => one !== undefined)
  const problem = await privacyProblem({ output, clusters, isWhole, say })
  if (isWhole || problem !== undefined) report.check(PRIVACY_CHECK, secondsSince(startedAt), problem)
}

async function problemOf({ command, remedy }: Check): Promise<string | undefined> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', chunk => (output += chunk))
  const [code] = await once(child, 'close')
  return code === 0 ? undefined : `${output.trimEnd()}\nTo mend: ${remedy}`
}

async function runStages(files: readonly string[]): Promise<void> {
  for (const stage of STAGES) {
    const own = files.filter(file => stageOf(file) === stage)
    if (own.length === 0) continue
    report.heading(stage.name)
    const startedAt = performance.now()
    if (!(await have(stage.needs))) continue
    await runFiles(own, stage)
    process.stdout.write(
      `  ${own.length} ${own.length === 1 ? 'file' : 'files'} in ${secondsSince(startedAt).toFixed(1)} s\n`,
    )
  }
}

/** Runs files side by side and reports each as it ends. */
async function runFiles(files: readonly string[], { concurrency, perProcess = 1, needs }: Stage): Promise<void> {
  const queue = [...files]
  const env = environment(needs)
  // Fewer to a process towards the end, so that none is left alone with many.
  const next = () => queue.splice(0, Math.max(1, Math.min(perProcess, Math.floor(queue.length / concurrency / 2))))
  const worker = async () => {
    for (let some = next(); some.length > 0; some = next())
      for (const result of await runTestFiles(some, { timeoutMs: FILE_TIMEOUT_MS, env })) report.file(result)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

/** Starts what a stage shares, once. A failure counts once and fails the stage. */
async function have(needs: Stage['needs']): Promise<boolean> {
  const startedAt = performance.now()
  try {
    if (needs === 'kafka' && !kafka) {
      kafka = await startTestKafka({ say })
      say(`Kafka for the tests (${kafka.kind}) is up after ${secondsSince(startedAt).toFixed(1)} s`)
    }
    if (needs === 'cluster' && !cluster) {
      cluster = await startCluster()
      say(`Three brokers for the tests are up after ${secondsSince(startedAt).toFixed(1)} s`)
    }
    return true
  } catch (error) {
    report.check(`the ${needs} for the tests`, secondsSince(startedAt), (error as Error).message)
    return false
  }
}

async function startCluster(): Promise<NonNullable<typeof cluster>> {
  const started = await startEmbeddedCluster(say)
  const { url, server } = await serveControl(started)
  const stop = async () => {
    server.close()
    server.closeAllConnections()
    await started.stop()
  }
  return { ...started, controlUrl: url, stop }
}

function say(line: string): void {
  process.stdout.write(`  ${line}\n`)
}

/** What test files see: the machine, and none of the settings or credentials that the developer's shell may hold. */
function environment(needs: Stage['needs']): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))
  const shared = needs === 'cluster' ? cluster : kafka
  const brokers = shared && {
    TRIBUTARY_TEST_BROKERS: shared.brokers.join(','),
    TRIBUTARY_TEST_REGISTRY_URL: shared.registryUrl,
  }
  const control = needs === 'cluster' && cluster ? { TRIBUTARY_TEST_CLUSTER: cluster.controlUrl } : {}
  const histories = process.env['TRIBUTARY_HISTORIES'] ?? HISTORIES
  const chaos = results ? { TRIBUTARY_TEST_RESULTS: results, TRIBUTARY_HISTORIES: histories } : {}
  return {
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    ...Object.fromEntries(kept),
    ...brokers,
    ...control,
    ...chaos,
    ...output.variables,
  }
}

async function interrupt(): Promise<void> {
  killRunningFiles()
  await Promise.all([kafka?.stop(), cluster?.stop()])
  process.exit(130)
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1_000
}
