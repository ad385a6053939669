import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import type { Relay } from './relay.ts'

const MAIN = fileURLToPath(new URL('./relay-main.ts', import.meta.url))

/** A member of a relay in a process of its own. */
export interface RelayProcess {
  /** The codes of what its commits were refused with. */
  readonly failures: readonly string[]
  /** Sends it a signal, which it may survive. */
  signal(name: NodeJS.Signals): void
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>
}

/** Resolves when it has joined the group. */
export const launchRelay = async (context: TestContext, { options }: Relay): Promise<RelayProcess> => {
  const child = fork(MAIN, { execArgv: ['--disable-warning=TimeoutNegativeWarning'] })
  const ended = once(child, 'exit')
  const failures: string[] = []
  let hasJoined = false
  child.on('message', (told: { readonly joined?: boolean; readonly failed?: string }) => {
    if (told.failed !== undefined) failures.push(told.failed)
    hasJoined ||= told.joined === true
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  atEnd(context, kill)
  child.send(options)
  await eventually(() => {
    if (!hasJoined)
      throw new Error(`The relay's process has not joined its group: ${child.exitCode ?? 'it still runs'}`)
  })
  return { failures, kill, signal: name => void child.kill(name) }
}
