import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process told apart from a later one that happens to get the same id: in containers ids come round quickly. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the system's own spelling; empty when it had already ended. */
  readonly started: string
}

export function identify(pid: number): ProcessIdentity {
  return { pid, started: startOf(pid) }
}

/** Whether that very process still runs. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  return started !== '' && startOf(pid) === started
}

/** On Linux ticks since boot (field 22 of /proc/<pid>/stat; a zombie has ended), elsewhere the date that `ps` prints. */
function startOf(pid: number): string {
  if (process.platform !== 'linux')
    return spawnSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8' }).stdout.trim()
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    return ''
  }
}
