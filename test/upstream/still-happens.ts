import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Defect, type DefectId, defects } from './defects.ts'
import { versionOf } from './shipped.ts'

/**
 * A test that fails in words when a package no longer has a defect.
 * @param reproduce true: the package has shown the defect; false: it did right. It rejects when neither can be told, which says nothing about the defect.
 */
export const stillHappens = (id: DefectId, reproduce: (test: TestContext) => boolean | Promise<boolean>): void => {
  const defect: Defect = defects[id]
  it(`${defect.package} ${defect.does}`, async test => {
    assert.ok(await reproduce(test), mended(defect))
  })
}

/** A test that what stands in for a package's defect does not have it. */
export const notInTributary = (id: DefectId, check: (test: TestContext) => void | Promise<void>): void => {
  const defect: Defect = defects[id]
  it(`Tributary does right where ${defect.package} ${defect.does}`, check)
}

export const mended = (defect: Defect, version = versionOf(defect.package)): string => {
  const { package: name, does, guards } = defect
  const files = guards.map(({ file, does: guard }) => `the guard in ${file} (${guard})`)
  const freed = files.length === 0 ? 'nothing of ours stands in for it' : `${files.join(' and ')} can go`
  return `${name} ${version} no longer ${does}: ${freed}`
}

/** Long for a busy machine: what happens is seen at once. */
const happensWithinMs = 5_000
/** What does not happen has to be waited for. Too short a wait takes a defect for present, never for mended. */
const staysAwayMs = 300

/** Whether something becomes true. */
export const happens = (isSo: () => boolean, patienceMs = happensWithinMs): Promise<boolean> => watch(isSo, patienceMs)

/** Whether something stays untrue. */
export const neverHappens = async (isSo: () => boolean): Promise<boolean> => !(await watch(isSo, staysAwayMs))

const watch = async (isSo: () => boolean, patienceMs: number): Promise<boolean> => {
  const end = performance.now() + patienceMs
  while (!isSo()) {
    if (performance.now() > end) return false
    await delay(5)
  }
  return true
}

/** Waits for what a reproduction needs before it can tell anything. */
export const expected = async (what: string, isSo: () => boolean): Promise<void> => {
  if (!(await happens(isSo))) throw new Error(`The reproduction does not come so far: ${what} did not happen`)
}

/** What a promise rejects with; undefined when it is fulfilled. */
export const rejectionOf = (work: Promise<unknown>): Promise<Error | undefined> =>
  work.then(
    () => undefined,
    error => error as Error,
  )

/** The processor time that one way takes, in times of that of another: each at its best of some turns taken alternately, so that other work hardly counts. */
export const ratio = (one: () => void, other: () => void, turns = 3): number => {
  const best = { one: Number.POSITIVE_INFINITY, other: Number.POSITIVE_INFINITY }
  for (let turn = 0; turn < turns; turn++) {
    best.one = Math.min(best.one, processorTime(one))
    best.other = Math.min(best.other, processorTime(other))
  }
  return best.one / Math.max(best.other, 1)
}

/** In microseconds. */
const processorTime = (work: () => void): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}
