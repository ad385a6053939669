import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { keepLog } from '../privacy/kept-output.ts'
import { COMPLETE, type TestResult } from './reporter.ts'

/** kafkajs schedules timers in the past; Node 24 warns of each. */
const QUIET = '--disable-warning=TimeoutNegativeWarning'
const REPORTER = fileURLToPath(new URL('reporter.ts', import.meta.url))
const OUTPUT_KEPT_CHARACTERS = 20_000
/** What a file printed just before it ended may arrive after its end. */
const LAST_OUTPUT_MS = 1_000

export interface FileResult {
  readonly file: string
  readonly tests: readonly TestResult[]
  readonly seconds: number
  /** The end of what the file printed. */
  readonly output: string
}

export interface RunOptions {
  readonly timeoutMs: number
  readonly env: NodeJS.ProcessEnv
}

const running = new Set<number>()

/** Ends the test files that are running, with all they started. */
export function killRunningFiles(): void {
  for (const pid of running) killGroup(pid)
}

/**
 * Runs one test file in a process of its own. A file that does not end in time is killed; that, an exit code of its own, and a file
 * without any test are failures beside those of its tests.
 */
export async function runTestFile(file: string, { timeoutMs, env }: RunOptions): Promise<FileResult> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-report-'))
  const reportFile = join(folder, 'report.jsonl')
  const startedAt = performance.now()
  const reporter = [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${reportFile}`]
  // A process group of its own, so that a hung file is killed with whatever it started.
  const child = spawn(process.execPath, [QUIET, ...reporter, file], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const output = collect(child.stdout, child.stderr)
  keepLog(relative(process.cwd(), file), [child.stdout, child.stderr], env)
  const closed = once(child, 'close')
  const pid = child.pid ?? 0
  running.add(pid)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    killGroup(pid)
  }, timeoutMs)
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(timer)
  running.delete(pid)
  await Promise.race([closed, delay(LAST_OUTPUT_MS, undefined, { ref: false })])
  const report = existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : ''
  rmSync(folder, { recursive: true, force: true })
  const tests = parse(report)
  const problem = timedOut
    ? `did not end within ${timeoutMs / 1000} seconds and was killed`
    : problemOf({ tests, complete: report.endsWith(`${COMPLETE}\n`), code, signal })
  const seconds = (performance.now() - startedAt) / 1000
  if (!problem) return { file, tests, seconds, output: output() }
  const ofFile: TestResult = {
    outcome: 'failed',
    name: '(the file itself)',
    detail: `${problem}\n${output()}`.trimEnd(),
  }
  return { file, tests: [...tests, ofFile], seconds, output: '' }
}

interface Ending {
  readonly tests: readonly TestResult[]
  readonly complete: boolean
  readonly code: number | null
  readonly signal: string | null
}

function problemOf({ tests, complete, code, signal }: Ending): string | undefined {
  const ending = signal === null ? `exit code ${code}` : `signal ${signal}`
  if (tests.length === 0 && code === 0) return 'contains no test, or exited before its tests were done'
  if (!complete) return `ended with ${ending} before its tests were done`
  const explained = tests.some(({ outcome }) => outcome === 'failed')
  return code !== 0 && !explained ? `passed all its tests, yet ended with ${ending}` : undefined
}

function parse(report: string): TestResult[] {
  const lines = report.split('\n').filter(line => line !== '' && line !== COMPLETE)
  return lines.flatMap(line => {
    try {
      return [JSON.parse(line) as TestResult]
    } catch {
      return [] // cut short by a kill; the missing end of the report is what is told
    }
  })
}

function collect(...streams: NodeJS.ReadableStream[]): () => string {
  let text = ''
  for (const stream of streams) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      text = (text + chunk).slice(-OUTPUT_KEPT_CHARACTERS)
    })
  }
  return () => text
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // it has just ended
  }
}
