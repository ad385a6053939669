import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { identify, type ProcessIdentity } from './process-identity.ts'

/** The exit code of a program ended by KILL. */
const FORCED = 128 + 9
const GUARD = fileURLToPath(new URL('guard.sh', import.meta.url))

/** A program to run: the whole environment it gets is `env`, and all it prints goes to `outputFile`, which is replaced. */
export interface GuardedCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly outputFile: string
}

/** A running program that ends when this process ends, whatever ends it. */
export interface GuardedProcess {
  readonly pid: number
  /** The program and its guard, for the next run to wait for. */
  readonly identities: readonly ProcessIdentity[]
  /** Resolves, never rejects, when the program has ended: true when it did so in its own time, false when it was forced. */
  readonly ended: Promise<boolean>
  kill(signal: NodeJS.Signals): void
  /** Asks the program to end, after 30 seconds forces it, and resolves as `ended` does. */
  stop(): Promise<boolean>
}

/** Starts a program behind guard.sh, in a process group of its own, so that Ctrl-C at a terminal does not reach it before us. */
export async function startGuarded(command: GuardedCommand): Promise<GuardedProcess> {
  const guard = spawn('sh', [GUARD, command.outputFile, command.program, ...command.args], {
    cwd: command.folder,
    env: { ...command.env },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  guard.stdin.on('error', () => undefined)
  const ended = once(guard, 'exit')
  const [line] = (await Promise.race([once(guard.stdout, 'data'), ended.then(() => [''])])) as [Buffer | string]
  const pid = Number.parseInt(line.toString(), 10)
  const endedWholly = ended.then(([code, signal]) => {
    guard.stdin.destroy()
    if (signal !== null) send(pid, 'SIGKILL')
    return signal === null && code !== FORCED
  })
  return {
    pid,
    identities: [guard.pid, pid].flatMap(id => (id ? [identify(id)] : [])),
    ended: endedWholly,
    kill: signal => send(pid, signal),
    stop: () => {
      guard.stdin.end('stop\n')
      return endedWholly
    },
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
