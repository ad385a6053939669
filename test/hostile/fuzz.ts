// `node_modules/.bin/node test/hostile/fuzz.ts <target> [--minutes 10] [--seed 1]`: fuzzes a target, keeps what reaches new code under corpus/<target>/ and notes the
// result in results.json. Exit code 1 when something was found; each finding is printed with its input.
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Progress } from './coverage-guided.ts'
import type { FromWorker, Job } from './fuzzing/job.ts'
import { isTargetName, type TargetName, targetNames } from './targets/targets.ts'

/** What `results.json` holds of a target's last run. */
interface Result extends Progress {
  readonly target: TargetName
  readonly seed: number
  readonly minutes: number
  /** Symptoms. */
  readonly findings: readonly string[]
}

/** An input that takes longer is a finding. */
const longestMs = 10_000
const mostHeapMegabytes = 1_024
const sharedBytes = 8 + 65_536

const folder = fileURLToPath(new URL('.', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
})
const [target = ''] = positionals
if (!isTargetName(target)) {
  process.stderr.write(`Expected one of the targets ${targetNames.join(', ')}, got ${target || 'none'}.\n`)
  process.exit(1)
}
const result = await fuzzInThread(target, Number(values.seed), Number(values.minutes))
note(result)
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(result.findings.length === 0 ? 0 : 1)

async function fuzzInThread(name: TargetName, seed: number, minutes: number): Promise<Result> {
  const startedAt = Date.now()
  const shared = new SharedArrayBuffer(sharedBytes)
  const corpus = globSync(`${folder}corpus/${name}/*`).sort()
  const job: Job = { target: name, seed, endsAt: startedAt + minutes * 60_000, corpus, shared }
  const findings: string[] = []
  let reached: Progress = { executions: 0, corpus: corpus.length, blocks: 0 }
  const worker = new Worker(new URL('./fuzzing/worker.ts', import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: mostHeapMegabytes },
  })
  const found = (symptom: string, stack: string, input: string): void => {
    findings.push(symptom)
    process.stdout.write(`FOUND ${symptom}\n${stack}\ninput (base64): ${input}\n\n`)
  }
  const ended = Promise.withResolvers<void>()
  const watch = watchdog(shared, input => {
    found(`one input took more than ${longestMs} ms`, '', input)
    void worker.terminate()
    ended.resolve()
  })
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'finding') return found(message.symptom, message.stack, message.input)
    const { executions, corpus: size, blocks } = message
    reached = { executions, corpus: size, blocks }
    process.stdout.write(`${new Date().toISOString()} ${JSON.stringify(reached)}\n`)
    if (message.kind === 'done') {
      keep(name, message.kept)
      reached = { ...reached, corpus: message.kept.length }
      ended.resolve()
    }
  })
  worker.on('error', error => {
    found(`the thread ended: ${error.message}`, error.stack ?? '', inputIn(shared))
    ended.resolve()
  })
  await ended.promise
  clearInterval(watch)
  return { target: name, seed, minutes: (Date.now() - startedAt) / 60_000, ...reached, findings }
}

function inputIn(shared: SharedArrayBuffer): string {
  const [, length = 0] = new Int32Array(shared, 0, 2)
  return Buffer.from(new Uint8Array(shared, 8, length)).toString('base64')
}

function watchdog(shared: SharedArrayBuffer, onStuck: (input: string) => void): NodeJS.Timeout {
  const counters = new Int32Array(shared, 0, 2)
  let [seen, since] = [0, Date.now()]
  return setInterval(() => {
    const count = Atomics.load(counters, 0)
    if (count !== seen || count === 0) [seen, since] = [count, Date.now()]
    else if (Date.now() - since > longestMs) onStuck(inputIn(shared))
  }, 500)
}

/** Replaces the corpus by what reaches all that was reached. */
function keep(name: TargetName, kept: readonly string[]): void {
  const own = `${folder}corpus/${name}`
  rmSync(own, { recursive: true, force: true })
  mkdirSync(own, { recursive: true })
  for (const text of kept) {
    const input = Buffer.from(text, 'base64')
    writeFileSync(`${own}/${createHash('sha256').update(input).digest('hex').slice(0, 12)}`, input)
  }
}

function note(newest: Result): void {
  const path = `${folder}results.json`
  const earlier = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Result[]) : []
  const all = [...earlier.filter(({ target: other }) => other !== newest.target), newest]
  all.sort((a, b) => targetNames.indexOf(a.target) - targetNames.indexOf(b.target))
  const shown = all.map(({ minutes, ...rest }) => ({ ...rest, minutes: Math.round(minutes * 10) / 10 }))
  writeFileSync(path, `${JSON.stringify(shown, null, 2)}\n`)
}
