import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { keepLog } from '../privacy/kept-output.ts'
import { COMPLETE, type FileEnd, SEVERAL, type TestResult } from './reporter.ts'

/** kafkajs schedules timers in the past; Node 24 warns of each. */
const QUIET = '--disable-warning=TimeoutNegativeWarning'
const REPORTER = fileURLToPath(new URL('reporter.ts', import.meta.url))
const SEVERAL_FILES = fileURLToPath(new URL('several-files.ts', import.meta.url))
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

const NO_TEST = 'contains no test, or exited before its tests were done'

const running = new Set<number>()

/** Ends the test files that are running, with all they started. */
export function killRunningFiles(): void {
  for (const pid of running) killGroup(pid)
}

/**
 * Runs test files in a process of their own. One that does not end in time is killed; that, an exit code of its own, and a file without any test are failures beside
 * those of its tests.
 * @param options.timeoutMs for each file
 */
export async function runTestFiles(files: readonly string[], options: RunOptions): Promise<readonly FileResult[]> {
  const startedAt = performance.now()
  const ended = await runProcess(files, options)
  const seconds = (performance.now() - startedAt) / 1000
  const problem = ended.timedOut
    ? `did not end within ${(options.timeoutMs / 1000) * files.length} seconds and was killed`
    : problemOf(ended)
  const { tests, output } = ended
  const results = files.length === 1 ? files.map(file => ({ file, tests, seconds, output })) : filesOf(files, ended)
  if (!problem) return results
  // Who of several is to blame is not known: who was not done, or, when all were, the last.
  const undone = files.filter(file => !ended.ends.some(end => end.file === file))
  const blamed = undone.length > 0 ? undone : files.slice(-1)
  return results.map(result => (blamed.includes(result.file) ? withProblem(result, problem, output) : result))
}

const filesOf = (files: readonly string[], { tests, ends, output }: Ended): readonly FileResult[] =>
  files.map(file => {
    const own = tests.filter(test => test.file === file)
    const end = ends.find(one => one.file === file)
    const result = { file, tests: own, seconds: end?.seconds ?? 0, output }
    return own.length === 0 && end ? withProblem(result, NO_TEST, '') : result
  })

const withProblem = ({ file, tests, seconds }: FileResult, problem: string, output: string): FileResult => {
  const ofFile: TestResult = { outcome: 'failed', name: '(the file itself)', detail: `${problem}\n${output}`.trimEnd() }
  return { file, tests: [...tests, ofFile], seconds, output: '' }
}

interface Ended extends Ending {
  readonly ends: readonly FileEnd[]
  readonly output: string
  readonly timedOut: boolean
}

async function runProcess(files: readonly string[], { timeoutMs, env }: RunOptions): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-report-'))
  const reportFile = join(folder, 'report.jsonl')
  const reporter = [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${reportFile}`]
  const [first = ''] = files
  const [entry, several] = files.length === 1 ? [first, {}] : [SEVERAL_FILES, { [SEVERAL]: files.join('\n') }]
  // A process group of its own, so that a hung file is killed with whatever it started.
  const child = spawn(process.execPath, [QUIET, ...reporter, entry], {
    env: { ...env, ...several },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const output = collect(child.stdout, child.stderr)
  keepLog(files.map(file => relative(process.cwd(), file)).join(' '), [child.stdout, child.stderr], env)
  const closed = once(child, 'close')
  const pid = child.pid ?? 0
  running.add(pid)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    killGroup(pid)
  }, timeoutMs * files.length)
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(timer)
  running.delete(pid)
  await Promise.race([closed, delay(LAST_OUTPUT_MS, undefined, { ref: false })])
  const report = existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : ''
  rmSync(folder, { recursive: true, force: true })
  return { ...parse(report), complete: report.endsWith(`${COMPLETE}\n`), code, signal, timedOut, output: output() }
}

interface Ending {
  readonly tests: readonly TestResult[]
  readonly complete: boolean
  readonly code: number | null
  readonly signal: string | null
}

function problemOf({ tests, complete, code, signal }: Ending): string | undefined {
  const ending = signal === null ? `exit code ${code}` : `signal ${signal}`
  if (tests.length === 0 && code === 0) return NO_TEST
  if (!complete) return `ended with ${ending} before its tests were done`
  const explained = tests.some(({ outcome }) => outcome === 'failed')
  return code !== 0 && !explained ? `passed all its tests, yet ended with ${ending}` : undefined
}

function parse(report: string): Pick<Ended, 'tests' | 'ends'> {
  const lines = report.split('\n').filter(line => line !== '' && line !== COMPLETE)
  const all = lines.flatMap(line => {
    try {
      return [JSON.parse(line) as TestResult | FileEnd]
    } catch {
      return [] // cut short by a kill; the missing end of the report is what is told
    }
  })
  return { tests: all.filter(one => 'outcome' in one), ends: all.filter(one => 'seconds' in one) }
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
