import { type ChildProcess, fork, spawn } from 'node:child_process'

/** Runs a program to its end and gives what it printed. Throws with the end of its error output when it fails. */
export const runProgram = async (
  program: string,
  args: readonly string[],
  options: { readonly folder?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> => {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
    ...(options.env === undefined ? {} : { env: { ...process.env, ...options.env } }),
  })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
  })
  const errors = keptErrors(child)
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${errors()}`)
  return output
}

/** A program of ours that goes on running. */
export interface RunningChild {
  /** What it sends first: where it listens, or what it found. Rejects when it ends before. */
  message(): Promise<unknown>
  /** Rejects with the end of its error output when it ends although nobody ended it. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

/**
 * Starts a program in a process of its own, which hears when this one is gone.
 * @param options.say gets each line of its error output as it comes: how far it is
 */
export const startChild = (
  file: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly say?: (line: string) => void } = {},
): RunningChild => {
  const child = fork(file, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(options.env === undefined ? {} : { env: { ...process.env, ...options.env } }),
  })
  const errors = keptErrors(child, options.say)
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  let isStopping = false
  const failed = ended.then(code => {
    if (isStopping) return new Promise<never>(() => undefined)
    throw new Error(`${[file, ...args].join(' ')} ended with ${code}:\n${errors()}`)
  })
  failed.catch(() => undefined)
  const first = new Promise<unknown>(resolve => child.once('message', resolve))
  return {
    message: () => Promise.race([first, failed]),
    failed,
    stop: async () => {
      isStopping = true
      child.kill('SIGTERM')
      await ended
    },
  }
}

const keptCharacters = 4_000

/** Gives the end of what the child has written to its error output. */
const keptErrors = ({ stderr }: ChildProcess, say?: (line: string) => void): (() => string) => {
  let errors = ''
  let line = ''
  stderr?.on('data', (bytes: Buffer) => {
    const text = bytes.toString()
    errors = (errors + text).slice(-keptCharacters)
    const lines = (line + text).split('\n')
    line = lines.pop() ?? ''
    for (const whole of lines) say?.(whole)
  })
  return () => errors
}
