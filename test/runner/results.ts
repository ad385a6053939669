import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Counted, Scenario } from '../scenarios/scenario.ts'

/** What one scenario counted, as docs/reliability.md tells it. */
export type ScenarioResult = Scenario & Counted

/** Kept in the repository; docs/reliability.md is generated from it. */
export const RESULTS_FILE = fileURLToPath(new URL('../scenarios/results.json', import.meta.url))

/** A folder in which the scenarios of a run leave what they counted, for `keepResults`. */
export const createResultsFolder = (): string => mkdtempSync(join(tmpdir(), 'tributary-results-'))

/**
 * Writes what the scenarios of a run counted to RESULTS_FILE, and removes their folder.
 * @param isWhole whether all scenarios ran: then those of former runs that no longer exist are left out
 */
export const keepResults = (folder: string, isWhole: boolean): void => {
  const found = globSync('*.json', { cwd: folder }).map(
    name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ScenarioResult,
  )
  rmSync(folder, { recursive: true, force: true })
  const before = isWhole || !existsSync(RESULTS_FILE) ? [] : readResults()
  const named = new Map([...before, ...found].map(result => [`${result.id} ${result.sentence}`, result]))
  const sorted = [...named.values()].sort((a, b) => rank(a) - rank(b) || (a.sentence < b.sentence ? -1 : 1))
  writeFileSync(RESULTS_FILE, `${JSON.stringify(sorted, null, 2)}\n`)
}

export const readResults = (): readonly ScenarioResult[] =>
  JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as ScenarioResult[]

/** Numbers of scenarios.md first, then the extras by name. */
const rank = ({ id }: Scenario): number => (/^\d+$/.test(id) ? Number(id) : 1_000 + id.charCodeAt(0))
