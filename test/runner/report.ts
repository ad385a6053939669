import { relative } from 'node:path'
import type { TestResult } from './reporter.ts'
import type { FileResult } from './test-file.ts'

/** Something that failed: where, what, and the error. */
interface Failure {
  readonly where: string
  readonly name: string
  readonly detail: string
}

const MARKS = { passed: '✓', failed: '✗' }

/** Prints results as they come and counts them. */
export class Report {
  #passed = 0
  #skipped = 0
  readonly #failures: Failure[] = []
  readonly #print: (text: string) => void

  constructor(print: (text: string) => void) {
    this.#print = print
  }

  /** Whether the run as a whole is good: nothing failed and something passed. */
  get isGood(): boolean {
    return this.#failures.length === 0 && this.#passed > 0
  }

  heading(name: string): void {
    this.#print(`\n── ${name}\n`)
  }

  /** The outcome of something that is not a test file, such as a check; counts as one. */
  check(name: string, seconds: number, error: string | undefined): void {
    this.#print(`${error === undefined ? MARKS.passed : MARKS.failed} ${name}  ${seconds.toFixed(1)} s\n`)
    if (error === undefined) this.#passed++
    else this.#fail({ where: 'check', name, detail: error })
  }

  /** The outcome of one test file: a line, its skipped tests with their reasons, and its failures whole. */
  file({ file, tests, seconds, output }: FileResult): void {
    const failed = tests.filter(({ outcome }) => outcome === 'failed')
    const skipped = tests.filter(({ outcome }) => outcome === 'skipped')
    const where = relative(process.cwd(), file)
    this.#passed += tests.length - failed.length - skipped.length
    this.#skipped += skipped.length
    const mark = failed.length === 0 ? MARKS.passed : MARKS.failed
    this.#print(`${mark} ${where}  ${counted(tests)}  ${seconds.toFixed(1)} s\n`)
    for (const { name, detail } of skipped) this.#print(`  - skipped: ${name} (${detail})\n`)
    for (const { name, detail } of failed) this.#fail({ where, name, detail })
    if (failed.length > 0 && output.trim() !== '') this.#print(indent(`It printed:\n${output.trimEnd()}`, '  | '))
  }

  /** All failures once more, then the line that machines read. */
  end(): void {
    if (this.#failures.length > 0) {
      this.heading('failures')
      for (const failure of this.#failures) this.#print(described(failure))
    }
    const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : ''
    this.#print(`\n${this.#passed} passed, ${this.#failures.length} failed${skipped}\n`)
  }

  #fail(failure: Failure): void {
    this.#failures.push(failure)
    this.#print(described(failure))
  }
}

function described({ where, name, detail }: Failure): string {
  return `  ${MARKS.failed} ${where}: ${name}\n${indent(detail, '      ')}`
}

function counted(tests: readonly TestResult[]): string {
  return `${tests.length} ${tests.length === 1 ? 'test' : 'tests'}`
}

function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map(line => `${by}${line}\n`)
    .join('')
}
