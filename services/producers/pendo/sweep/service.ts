import { pendoSweeps } from '../../../../topology/topics.ts'
import type { Kafka, Task } from '../../../kafka/kafka.ts'
import type { PendoError } from '../rest/problems.ts'
import { Sweep, type SweepParts } from './sweep.ts'

/** Name of this producer in the topology, and its consumer group. */
export const pendoSweep = 'pendo-sweep'

export interface PendoSweepOptions extends Omit<SweepParts, 'kafka' | 'onProblem'> {
  readonly kafka: Kafka
  readonly onFatal: (error: Error) => void
}

export interface PendoSweepStatus {
  readonly state: 'running' | 'standby'
  /** What does not work at the moment, as code and text. It is tried again. */
  readonly reason?: string
}

export interface RunningPendoSweep {
  status(): PendoSweepStatus
  /** Gives up what is being read of Pendo and leaves the group. */
  close(): Promise<void>
}

/** Reads Pendo now and then for what no webhook told. Any number of processes may run it: one of them is active. */
export const startPendoSweep = async (options: PendoSweepOptions): Promise<RunningPendoSweep> => {
  const open = new Set<Sweep>()
  let problem: PendoError | undefined
  const onProblem = (found: PendoError | undefined): void => {
    problem = found
  }
  const membership = await options.kafka.join({
    group: pendoSweep,
    topics: [pendoSweeps.name],
    open: context => {
      const sweep = new Sweep({ ...options, onProblem }, context)
      open.add(sweep)
      const task: Task = {
        process: records => sweep.process(records),
        close: async () => {
          await sweep.close()
          open.delete(sweep)
        },
      }
      return Promise.resolve(task)
    },
    onFatal: options.onFatal,
  })
  return {
    status: () => ({
      state: open.size > 0 ? 'running' : 'standby',
      ...(problem ? { reason: `${problem.code}: ${problem.message}` } : {}),
    }),
    close: () => membership.leave(),
  }
}
