import { spawn } from 'node:child_process'

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
  let errors = ''
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    errors = (errors + bytes.toString()).slice(-4_000)
  })
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${errors}`)
  return output
}
