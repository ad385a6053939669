import type { RunningSweep } from '../../producers/sweep/running.ts'
import type { ServiceStatus } from '../../runtime/run-pipeline.ts'

/** A sweep as a row of the console; none while it does not run. */
export const statusOfSweep = (name: string, running: RunningSweep | undefined): readonly ServiceStatus[] =>
  running ? [{ name, kind: 'producer', ...running.status() }] : []
