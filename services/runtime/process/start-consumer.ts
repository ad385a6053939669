import type { Consumer } from '../../../topology/define.ts'
import { inputsOf } from '../../../topology/groups.ts'
import { identities, parked } from '../../../topology/topics.ts'
import type { Membership, TaskContext } from '../../kafka/kafka.ts'
import { TributaryError } from '../errors.ts'
import { ConsumerRuntime, type ConsumerSurroundings } from './consumer-runtime.ts'
import { ConsumerTask } from './consumer-task.ts'

export interface ConsumerStatus {
  readonly state: 'running' | 'stopped'
  /** Why it stopped: a code and what to do. */
  readonly reason?: string
  /** Partition numbers whose tasks are open here. */
  readonly partitions: readonly number[]
}

export interface RunningConsumer {
  readonly name: string
  status(): ConsumerStatus
  /** Drains: finishes what was taken, commits, leaves the group. */
  close(): Promise<void>
}

/** Runs a consumer in this process. It handles nothing before its tables are caught up. */
export const startConsumer = async (
  consumer: Consumer,
  surroundings: ConsumerSurroundings,
  onFatal: (error: Error) => void,
): Promise<RunningConsumer> => {
  let membership: Membership | undefined
  let stopped: unknown
  const stop = (reason: unknown): void => {
    if (stopped !== undefined) return
    stopped = reason
    surroundings.logger.error({ consumer: consumer.name, error: reason }, 'the consumer stopped; a person must look')
    membership?.leave().catch(onFatal)
  }
  const runtime = new ConsumerRuntime(consumer, surroundings, stop)
  membership = await surroundings.kafka.join({
    group: consumer.name,
    topics: inputsOf(consumer),
    open: context => openTask(runtime, context),
    onFatal,
  })
  return {
    name: consumer.name,
    status: () => ({
      state: stopped === undefined ? 'running' : 'stopped',
      ...(stopped instanceof TributaryError ? { reason: `${stopped.code}: ${stopped.message}` } : {}),
      partitions: membership.owned(),
    }),
    close: () => membership.leave(),
  }
}

const openTask = async (runtime: ConsumerRuntime, context: TaskContext): Promise<ConsumerTask> => {
  const { tables } = runtime.surroundings
  await Promise.all([
    tables.caughtUp(identities.name),
    tables.partition(parked.name, context.partition).caughtUp(),
    ...(runtime.table ? [tables.partition(runtime.table.name, context.partition).caughtUp()] : []),
  ])
  return new ConsumerTask(runtime, context)
}
