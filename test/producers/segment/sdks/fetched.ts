import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const PATIENCE_MS = 120_000
const COMPLETE = 'complete'

/** Runs a program; rejects with what it printed when it fails. */
export const run = (program: string, args: readonly string[]) =>
  promisify(execFile)(program, args, { timeout: PATIENCE_MS })

/**
 * An SDK that is no dependency of ours, fetched once and kept over runs beside what the embedded platform fetches.
 * @param fetch puts it into the folder
 * @returns the folder, and why its tests are skipped when it cannot be had here
 */
export const fetched = async (
  name: string,
  fetch: (folder: string) => Promise<unknown>,
): Promise<{ readonly folder: string; readonly skip: string | false }> => {
  const folder = resolve('.tributary', name)
  if (existsSync(join(folder, COMPLETE))) return { folder, skip: false }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    await fetch(folder)
    writeFileSync(join(folder, COMPLETE), '')
    return { folder, skip: false }
  } catch (error) {
    return { folder, skip: `${name} cannot be fetched here: ${(error as Error).message.split('\n')[0]}` }
  }
}
