import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { settingNames } from '../../services/runtime/config/settings.ts'
import { keepLog, keepMetrics, keepSecrets, metricsAt } from '../privacy/kept-output.ts'
import { atEnd, type Ending } from './at-end.ts'
import { eventually } from './eventually.ts'
import type { Settings } from './settings.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const DRAIN_PATIENCE_MS = 30_000

/** The program `tributary` as a process. */
export interface Program {
  readonly pid: number
  /** What it has printed so far: results. */
  stdout(): string
  /** What it has printed so far: progress, errors and the log. */
  stderr(): string
  /** Resolves when it prints this, on either; fails, with all that it printed, when it ends without. */
  prints(text: RegExp, patienceMs?: number): Promise<void>
  /** Sends the signal and gives the exit code, null when the signal ended it at once. */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** Resolves with the exit code when it has ended, and whatever it started with it. */
  readonly ended: Promise<number | null>
}

/** Runs the program as people do until it ends by itself. @param folder of the repository; another one than this has its packages already */
export const runProgram = async (
  context: Ending,
  args: readonly string[],
  settings: Settings,
  folder = ROOT,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> => {
  const entry = folder === ROOT ? 'bin/tributary.mjs' : 'services/commands/main.ts'
  const program = launch(context, [entry, ...args], settings, folder)
  const code = await program.ended
  return { code, stdout: program.stdout(), stderr: program.stderr() }
}

/** Runs a script of somebody who uses the program, with nothing of ours. Gives its exit code. */
export const runScript = async (file: string): Promise<number | null> => {
  const child = spawn(process.execPath, [file], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

/** Starts services in a process of their own, without the one that stands between people and it: a signal meets the services themselves. */
export const startServices = async (
  context: Ending,
  names: readonly string[],
  settings: Settings,
): Promise<Program> => {
  const services = launchServices(context, names, settings)
  await services.prints(/^Ready\./m)
  return services
}

/** The same without waiting until they are ready. @param stderr an open file to which progress, errors and the log go instead */
export const launchServices = (
  context: Ending,
  names: readonly string[],
  settings: Settings,
  stderr: 'pipe' | number = 'pipe',
): Program => {
  const quiet = '--disable-warning=TimeoutNegativeWarning'
  return launch(context, [quiet, 'services/commands/main.ts', 'start', ...names], settings, ROOT, stderr)
}

const launch = (
  context: Ending,
  command: readonly string[],
  settings: Settings,
  folder = ROOT,
  stderr: 'pipe' | number = 'pipe',
): Program => {
  const child = spawn(process.execPath, command, {
    cwd: folder,
    env: { ...withoutSettings(process.env), ...settings },
    // Over the channel it learns when this process is gone, however that went.
    stdio: ['ignore', 'pipe', stderr, 'ipc'],
  })
  const name = `tributary ${command.filter(word => !/^--disable|\.(mjs|ts)$/.test(word)).join(' ')}`
  keepSecrets(settings)
  keepLog(name, [child.stderr])
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      printed[name] += chunk
    })
  }
  let hasEnded = false
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    hasEnded = true
    return code ?? null
  })
  const program: Program = {
    pid: child.pid ?? 0,
    ended,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    prints: (text, patienceMs) =>
      untilPrinted(
        () => printed.stderr + printed.stdout,
        text,
        () => hasEnded,
        patienceMs,
      ),
    end: async signal => {
      if (signal !== 'SIGKILL') await keepMetrics(name, metricsAt(`http://127.0.0.1:${settings['CONSOLE_PORT']}`))
      child.kill(signal)
      return await ended
    },
  }
  atEnd(context, async () => {
    if (hasEnded) return
    const forced = setTimeout(() => child.kill('SIGKILL'), DRAIN_PATIENCE_MS)
    await program.end('SIGTERM')
    clearTimeout(forced)
  })
  return program
}

const untilPrinted = async (
  printed: () => string,
  text: RegExp,
  hasEnded: () => boolean,
  patienceMs?: number,
): Promise<void> => {
  const found = await eventually(() => {
    if (text.test(printed())) return true
    if (hasEnded()) return false
    throw new assert.AssertionError({ message: `Waited in vain for ${text}. It printed:\n${printed()}` })
  }, patienceMs)
  assert.ok(found, `It ended without printing ${text}. It printed:\n${printed()}`)
}

/** The machine's environment without what the developer's shell may hold for the program. */
const withoutSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const known = new Set<string>(settingNames.flatMap(name => [name, `${name}_FILE`]))
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !known.has(name)))
}
