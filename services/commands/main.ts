import { TributaryError } from '../runtime/errors.ts'
import { tributaryProgram } from './program.ts'

// Who reads the output may have had enough of it, as `head` has; the command goes on to its end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

// What cannot be told, because the disk behind standard error is full or nobody reads it, ends no service.
process.stderr.on('error', () => undefined)

try {
  await tributaryProgram().parseAsync()
} catch (error) {
  const text = error instanceof TributaryError ? `${error.code}: ${error.message}` : describe(error)
  // Everything that was started is closed; what still waits for an answer of a cluster must not hold up the end.
  process.stderr.write(`${text}\n`, () => process.exit(1))
}

/** An error of ours to mend: with its stack, so that it can be reported. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
