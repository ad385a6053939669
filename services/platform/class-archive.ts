import { createHash } from 'node:crypto'
import { existsSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * An archive of loaded classes (Java's class data sharing), which spares about a third of a server's start. Java writes it at the
 * end of the first run, some seconds after the server has closed its files, and reads it at every later start; one made by another
 * Java is another file.
 */
export interface ClassArchive {
  /** Options for the next run. */
  options(): string[]
  /** Takes what the last run wrote into use, if it wrote any; only for a run that ended in its own time. */
  keep(): void
}

/** The archive `<name>-<mark of this Java>.jsa` of the folder. */
export function classArchive(folder: string, name: string, java: string): ClassArchive {
  const launcher = realpathSync(java)
  const { mtimeMs, size } = statSync(launcher)
  const mark = createHash('sha256').update(`${launcher} ${mtimeMs} ${size}`).digest('hex').slice(0, 12)
  const archive = join(folder, `${name}-${mark}.jsa`)
  const draft = `${archive}.${process.pid}.draft`
  return {
    options: () => (existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [`-XX:ArchiveClassesAtExit=${draft}`]),
    keep: () => {
      if (!existsSync(draft)) return
      renameSync(draft, archive)
      removeDrafts(archive)
    },
  }
}

/** Runs that were killed while writing leave drafts that nobody will take. */
function removeDrafts(archive: string): void {
  const folder = dirname(archive)
  const drafts = readdirSync(folder).filter(name => name.startsWith(`${basename(archive)}.`))
  for (const draft of drafts) rmSync(join(folder, draft), { force: true })
}
