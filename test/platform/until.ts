import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { identify, isRunning } from '../../services/platform/process-identity.ts'

const PATIENCE_MS = 60_000

/** Resolves when the condition holds, and fails with what was awaited when it does not for a minute. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error(`waited ${PATIENCE_MS / 1000} seconds in vain until ${what}`)
    await delay(20)
  }
}

/** Whether a process with this id runs now; a zombie has ended. */
export function runs(pid: number): boolean {
  return isRunning(identify(pid))
}

/** Gathers what a child process prints, errors included. */
export function outputOf(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', chunk => {
      text += chunk
    })
  }
  return () => text
}
