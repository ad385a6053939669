import { AssertionError } from 'node:assert'
import { inspect } from 'node:util'

/** What happened to one test, as the runner reads it from the process that ran it. */
export interface TestResult {
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** The test's name behind those of its suites: `resolver › merges move every alias`. */
  readonly name: string
  /** Why it was skipped, or the error. */
  readonly detail: string
}

/** The last line of a report: all tests of the file were run to their end. */
export const COMPLETE = '{"complete":true}'

/** The part of node:test's events that is read here. */
interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name?: string
    readonly nesting?: number
    readonly skip?: string | boolean
    readonly todo?: string | boolean
    readonly details?: { readonly type?: string; readonly error?: { failureType?: string; cause?: unknown } }
  }
}

/** A reporter of node:test that writes one TestResult a line, as JSON. Groups of tests are told only when they fail themselves. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const path: string[] = []
  for await (const { type, data } of events) {
    const { name = '', nesting = 0 } = data
    if (type === 'test:start') path.splice(nesting, Number.POSITIVE_INFINITY, name)
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const result = resultOf(type === 'test:pass', data)
    if (result) yield `${JSON.stringify({ ...result, name: [...path.slice(0, nesting), name].join(' › ') })}\n`
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
