import { Command } from 'commander'
import { TributaryError } from '../runtime/errors.ts'
import { addDeadLettersCommand } from './dead-letters.ts'
import { addEraseCommand } from './erase.ts'
import { addNewCommand } from './new-consumer.ts'
import { addStartCommand } from './start/command.ts'
import { addTopologyCommand } from './topology.ts'

/** Exit codes: 0 done, 1 failed, 2 a change is pending or a check found something (interfaces.md). */
const program = new Command('tributary')
  .description('Webinar, product and CRM systems joined by one Kafka backbone')
  .showHelpAfterError()
  .configureHelp({ showGlobalOptions: true })
addStartCommand(program)
addTopologyCommand(program)
addEraseCommand(program)
addNewCommand(program)
addDeadLettersCommand(program)

try {
  await program.parseAsync()
} catch (error) {
  const text = error instanceof TributaryError ? `${error.code}: ${error.message}` : describe(error)
  // Everything that was started is closed; what still waits for an answer of a cluster must not hold up the end.
  process.stderr.write(`${text}\n`, () => process.exit(1))
}

/** An error of ours to mend: with its stack, so that it can be reported. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
