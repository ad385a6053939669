// `npm test [-- path…]`: every check and test of the repository, or just the test files below the given paths.
// TEST_FILE_TIMEOUT_SECONDS (default 300): a file that takes longer is killed and counts as failed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { endWithParent } from '../services/platform/parent.ts'
import { startTestKafka, type TestKafka } from './kafka.ts'
import { Report } from './runner/report.ts'
import { CHECKS, type Check, findTestFiles, STAGES, stageOf } from './runner/stages.ts'
import { killRunningFiles, runTestFile } from './runner/test-file.ts'

const FILE_TIMEOUT_MS = Number(process.env['TEST_FILE_TIMEOUT_SECONDS'] ?? 300) * 1_000

const PASSED_ON =
  /^(PATH|HOME|USER|LANG|LC_ALL|TZ|TMPDIR|CI|JAVA_HOME|MAVEN_.*|NODE_COMPILE_CACHE|NODE_EXTRA_CA_CERTS|XDG_.*|DOCKER_.*|TESTCONTAINERS_.*|TRIBUTARY_TEST_.*|.*_proxy|.*_PROXY)$/

const paths = process.argv.slice(2)
const report = new Report(text => process.stdout.write(text))
let kafka: TestKafka | undefined

endWithParent()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void interrupt())

await run()
report.end()
process.stdout.write('', () => process.exit(report.isGood ? 0 : 1))

async function run(): Promise<void> {
  try {
    if (paths.length === 0) await runChecks()
    await runStages(findTestFiles(paths.length === 0 ? ['test'] : paths))
  } catch (error) {
    report.check('the test run', 0, (error as Error).message)
  } finally {
    await kafka?.stop()
  }
}

async function runChecks(): Promise<void> {
  report.heading('checks')
  for (const check of CHECKS) {
    const startedAt = performance.now()
    const problem = await problemOf(check)
    report.check(check.name, secondsSince(startedAt), problem)
  }
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
    if (stage.needsKafka && !(await haveKafka())) continue
    await runFiles(own, stage.concurrency)
    process.stdout.write(
      `  ${own.length} ${own.length === 1 ? 'file' : 'files'} in ${secondsSince(startedAt).toFixed(1)} s\n`,
    )
  }
}

/** Runs files side by side and reports each as it ends. */
async function runFiles(files: readonly string[], concurrency: number): Promise<void> {
  const queue = [...files]
  const env = environment()
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      report.file(await runTestFile(file, { timeoutMs: FILE_TIMEOUT_MS, env }))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

/** The Kafka that all later files share, started at the first need. A failure counts once and fails the stage. */
async function haveKafka(): Promise<boolean> {
  if (kafka) return true
  const startedAt = performance.now()
  try {
    kafka = await startTestKafka({ say: line => process.stdout.write(`  ${line}\n`) })
    process.stdout.write(`  Kafka for the tests (${kafka.kind}) is up after ${secondsSince(startedAt).toFixed(1)} s\n`)
    return true
  } catch (error) {
    report.check('Kafka for the tests', secondsSince(startedAt), (error as Error).message)
    return false
  }
}

/** What test files see: the machine, and none of the settings or credentials that the developer's shell may hold. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))
  const shared = kafka && {
    TRIBUTARY_TEST_BROKERS: kafka.brokers.join(','),
    TRIBUTARY_TEST_REGISTRY_URL: kafka.registryUrl,
  }
  return { ...Object.fromEntries(kept), ...shared }
}

async function interrupt(): Promise<void> {
  killRunningFiles()
  await kafka?.stop()
  process.exit(130)
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1_000
}
