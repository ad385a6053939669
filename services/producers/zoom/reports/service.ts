import { webinars } from '../../../../topology/topics.ts'
import type { Kafka, Task, TaskContext } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import type { ZoomCalls } from '../rest/calls.ts'
import type { ZoomError } from '../rest/problems.ts'
import type { AccountSelection } from '../selection.ts'
import type { ReportsAccount } from './reading.ts'
import { Sweep } from './sweep.ts'
import { type ReportsParts, ReportsTask } from './task.ts'

/** Name of this producer in the topology, and its consumer group. */
export const zoomReports = 'zoom-reports'

export interface ZoomReportsOptions {
  /** `calls` is null for an account without OAuth credentials. */
  readonly accounts: readonly { readonly name: string; readonly calls: ZoomCalls | null }[]
  readonly selection: { of(account: string): AccountSelection }
  readonly kafka: Kafka
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** ZOOM_REPORT_AFTER, in ms. */
  readonly reportAfterMs: number
  /** ZOOM_REPORT_WAIT, in ms. */
  readonly reportWaitMs: number
  /** ZOOM_SWEEP_EVERY, in ms; 0 for never. */
  readonly sweepEveryMs: number
  readonly onFatal: (error: Error) => void
}

export interface ZoomReportsStatus {
  readonly state: 'running' | 'standby'
  /** What does not work at the moment, as code and text. Nothing stops because of it. */
  readonly reason?: string
  /** Runs that ended here and wait for their report. */
  readonly waiting: number
}

export interface RunningZoomReports {
  status(): ZoomReportsStatus
  /** Gives up what is being read at Zoom and leaves the group. */
  close(): Promise<void>
}

/**
 * Reads the participant report after each run's end and tells what webhooks have not. Any number of processes may run it: each partition of `webinars` has one
 * that is active, and whoever has the first one also sweeps the accounts for what no webhook told.
 */
export const startZoomReports = async (options: ZoomReportsOptions): Promise<RunningZoomReports> => {
  const { kafka, logger, onFatal } = options
  /** By what it is about. */
  const problems = new Map<string, ZoomError>()
  const parts: ReportsParts = {
    ...options,
    accounts: accountsOf(options),
    waiting: { afterMs: options.reportAfterMs, waitMs: options.reportWaitMs },
    onProblem: (about, problem) => {
      if (problem) problems.set(about, problem)
      else problems.delete(about)
    },
  }
  for (const { name } of options.accounts.filter(({ calls }) => calls === null)) {
    logger.warn(
      { vendor: 'zoom', account: name, setting: 'ZOOM_CLIENT_ID' },
      'Without OAuth credentials no participant report can be read: webinars are settled by their webhooks alone',
    )
  }
  const open = new Set<ReportsTask>()
  const openTask = (context: TaskContext): Task => {
    const task = new ReportsTask(parts, context)
    open.add(task)
    const sweeps = context.partition === 0 && options.sweepEveryMs > 0
    const sweep = sweeps
      ? new Sweep({ ...parts, selection: options.selection, everyMs: options.sweepEveryMs }, context)
      : null
    return {
      process: records => task.process(records),
      close: async () => {
        await Promise.all([task.close(), sweep?.close()])
        open.delete(task)
      },
    }
  }
  const membership = await kafka.join({
    group: zoomReports,
    topics: [webinars.name],
    open: context => Promise.resolve(openTask(context)),
    onFatal,
  })
  return {
    status: () => ({
      state: open.size > 0 ? 'running' : 'standby',
      ...reasonOf(problems),
      waiting: [...open].reduce((sum, task) => sum + task.waiting, 0),
    }),
    close: () => membership.leave(),
  }
}

const reasonOf = (problems: ReadonlyMap<string, ZoomError>): { readonly reason?: string } => {
  const [problem] = problems.values()
  return problem ? { reason: `${problem.code}: ${problem.message}` } : {}
}

const accountsOf = ({ accounts, selection }: ZoomReportsOptions): ReadonlyMap<string, ReportsAccount> =>
  new Map(accounts.map(({ name, calls }) => [name, { name, calls, panelists: selection.of(name).panelists }]))
