import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts'

const POLL_MS = 100
/** guard.sh forces a program to end 4 seconds after its starter has gone. */
const GUARD_GRACE_MS = 8_000

/** Who holds a lock, and the processes it started that may outlive it for some seconds. */
interface Holder extends ProcessIdentity {
  readonly children: readonly ProcessIdentity[]
}

export interface LockOptions {
  /** How long to wait while another living process holds the lock. */
  readonly patienceMs: number
  /** Called once when there is something to wait for. */
  readonly onWait: (reason: string) => void
  /** The error for a lock that stays held. */
  readonly refusal: (holderPid: number) => Error
}

/** A folder held by this process. */
export interface FolderLock {
  /** Notes the processes that the next holder must see ended before it may begin, should this one be killed. */
  recordChildren(children: readonly ProcessIdentity[]): void
  release(): void
}

/**
 * Takes the lock `file`. A holder that was killed gives way: first the processes it left are waited for, and ended by force when
 * their guards do not.
 */
export async function lockFolder(file: string, { patienceMs, onWait, refusal }: LockOptions): Promise<FolderLock> {
  mkdirSync(dirname(file), { recursive: true })
  const giveUpAt = performance.now() + patienceMs
  let told = false
  const tell = (reason: string) => {
    if (!told) onWait(reason)
    told = true
  }
  while (!claim(file)) {
    const holder = readHolder(file)
    if (!holder) continue
    if (isRunning(holder)) {
      if (performance.now() > giveUpAt) throw refusal(holder.pid)
      tell(`Waiting for process ${holder.pid} to let go of ${dirname(file)} …`)
      await delay(POLL_MS)
    } else {
      await untilEnded(holder.children, () => tell('Waiting for what the last run left behind to end …'))
      if (readHolder(file)?.started === holder.started) rmSync(file, { force: true })
    }
  }
  return {
    recordChildren: children => write(file, children),
    release: () => rmSync(file, { force: true }),
  }
}

/** Creates the lock with its content in one step, so nobody ever reads half of it. */
function claim(file: string): boolean {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, describeSelf([]))
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function write(file: string, children: readonly ProcessIdentity[]): void {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, describeSelf(children))
  renameSync(draft, file)
}

function describeSelf(children: readonly ProcessIdentity[]): string {
  return JSON.stringify({ ...identify(process.pid), children } satisfies Holder)
}

/** Nothing when the lock was given back in this moment. */
function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    return { pid: 0, started: '', children: [] }
  }
}

async function untilEnded(children: readonly ProcessIdentity[], onWait: () => void): Promise<void> {
  const forceAt = performance.now() + GUARD_GRACE_MS
  let left = children.filter(isRunning)
  while (left.length > 0) {
    onWait()
    if (performance.now() > forceAt) for (const { pid } of left) process.kill(pid, 'SIGKILL')
    await delay(POLL_MS)
    left = left.filter(isRunning)
  }
}
