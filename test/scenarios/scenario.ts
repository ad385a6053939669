import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

/** A failure of scenarios.md that the pipeline survives. */
export interface Scenario {
  /** Its number in scenarios.md, or the name of an extra. */
  readonly id: string
  /** What is true in spite of it: the test's name. */
  readonly sentence: string
  /** What is done to the system, for the table in docs/reliability.md. */
  readonly faults: string
  /** Why this machine cannot run it, if it cannot. */
  readonly skip?: string | false
}

/** What a scenario counted. Left out: it has no such number. */
export interface Counted {
  /** Events, requests or writes that went in, or were refused. */
  readonly events: number
  /** Of them those without their effect. */
  readonly lost: number
  /** Effects beyond one each. */
  readonly duplicated: number
  /** From the fault's end until all was through; of several the longest. */
  readonly recoverySeconds?: number
  /** What else was measured, a sentence each. */
  readonly notes?: readonly string[]
}

/**
 * A test whose outcome goes into docs/reliability.md: `npm run test:chaos` collects what every scenario counted. `body` gives it when all that it asserts is true; what
 * it counted as lost or duplicated fails the test.
 */
export const scenario = (about: Scenario, body: (context: TestContext) => Promise<Counted>): void => {
  test(`${about.id} ${about.sentence}`, { skip: about.skip ?? false }, async context => {
    const counted = await body(context)
    assert.deepEqual([counted.lost, counted.duplicated], [0, 0], 'nothing is lost, and nothing has two effects')
    const folder = process.env['TRIBUTARY_TEST_RESULTS']
    if (!folder) return
    mkdirSync(folder, { recursive: true })
    const name = `${about.id}-${about.sentence}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...about, ...counted }))
  })
}
