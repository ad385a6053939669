import { Command } from 'commander'
import { addBackfillCommand } from './backfill.ts'
import { addDeadLettersCommand } from './dead-letters.ts'
import { addDoctorCommand } from './doctor.ts'
import { addEraseCommand } from './erase.ts'
import { addNewCommand } from './new-consumer.ts'
import { addReplayCommand } from './replay.ts'
import { addSetupCommand } from './setup.ts'
import { addStartCommand } from './start/command.ts'
import { addTopologyCommand } from './topology.ts'

/** The program `tributary` with all of its commands. Exit codes: 0 done, 1 failed, 2 a change is pending or a check found something (interfaces.md). */
export const tributaryProgram = (): Command => {
  const program = new Command('tributary')
    .description('Webinar, product and CRM systems joined by one Kafka backbone')
    .showHelpAfterError()
    .configureHelp({ showGlobalOptions: true })
  addStartCommand(program)
  addSetupCommand(program)
  addDoctorCommand(program)
  addTopologyCommand(program)
  addEraseCommand(program)
  addNewCommand(program)
  addDeadLettersCommand(program)
  addReplayCommand(program)
  addBackfillCommand(program)
  return program
}
