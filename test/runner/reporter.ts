import { AssertionError } from 'node:assert'
import { inspect } from 'node:util'

/** What happened to one test, as the runner reads it from the process that ran it. */
export interface TestResult {
  /** The file that it is in, where a process runs several. */
  readonly file?: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** The test's name behind those of its suites: `resolver › merges move every alias`. */
  readonly name: string
  /** Why it was skipped, or the error. */
  readonly detail: string
}

/** One of several files that a process runs is done. */
export interface FileEnd {
  readonly file: string
  readonly seconds: number
}

/** The last line of a report: all tests of the process were run to their end. */
export const COMPLETE = '{"complete":true}'

/** In the environment of a process that runs several files: each is a suite of the process, named after the file. */
export const SEVERAL = 'TRIBUTARY_TEST_FILES'

/** The part of node:test's events that is read here. */
interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name?: string
    readonly nesting?: number
    readonly skip?: string | boolean
    readonly todo?: string | boolean
    readonly details?: {
      readonly type?: string
      readonly duration_ms?: number
      readonly error?: { failureType?: string; cause?: unknown }
    }
  }
}

/** A reporter of node:test that writes a TestResult or FileEnd a line, as JSON. Groups of tests are told only when they fail themselves. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const path: string[] = []
  const outer = process.env[SEVERAL] === undefined ? 0 : 1
  for await (const { type, data } of events) {
    const { name = '', nesting = 0, details } = data
    if (type === 'test:start') path.splice(nesting, Number.POSITIVE_INFINITY, name)
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const all = [...path.slice(0, nesting), name]
    const file = outer === 0 ? {} : { file: all[0] }
    const result = resultOf(type === 'test:pass', data)
    const named = all.slice(outer).join(' › ') || '(the file itself)'
    if (result) yield `${JSON.stringify({ ...result, ...file, name: named })}\n`
    if (nesting < outer) yield `${JSON.stringify({ ...file, seconds: (details?.duration_ms ?? 0) / 1_000 })}\n`
  }
  yield `${COMPLETE}\n`
}

function resultOf(passed: boolean, { skip, todo, details }: TestEvent['data']): Omit<TestResult, 'name'> | undefined {
  const isGroup = details?.type === 'suite'
  if (skip !== undefined && skip !== false) return skipped(skip)
  if (todo !== undefined && todo !== false)
    return { outcome: 'failed', detail: 'marked todo: finish it or leave it out' }
  if (passed) return isGroup ? undefined : { outcome: 'passed', detail: '' }
  const error = details?.error
  if (error?.failureType === 'subtestsFailed') return undefined
  return { outcome: 'failed', detail: describe(error?.cause ?? error) }
}

function skipped(reason: string | boolean): Omit<TestResult, 'name'> {
  if (typeof reason === 'string' && reason !== '') return { outcome: 'skipped', detail: reason }
  return { outcome: 'failed', detail: 'skipped without a reason: say why, as in { skip: "needs Java 17" }' }
}

/** The error with its causes, without the frames of Node itself. The message of an assertion says all that its fields hold. */
function describe(error: unknown): string {
  const text = error instanceof AssertionError ? `${error.stack}` : inspect(error, { depth: 4 })
  const lines = text.split('\n').filter(line => !/^\s+at .*\(?node:/.test(line))
  return lines.join('\n')
}
