import type { Follower, Kafka, Membership } from '../../services/kafka/kafka.ts'
import type { MemoryKafka } from '../../services/kafka/memory/memory.ts'
import { type PipelineOptions, type RunningPipeline, startPipeline } from '../../services/runtime/run-pipeline.ts'

/** Some services of the pipeline as one process: it can be ended in order, or killed. */
export interface TestProcess {
  readonly pipeline: RunningPipeline
  /** Drains, as at SIGTERM. */
  stop(): Promise<void>
  /** Ends at once: nothing is drained, committed or closed; what a vendor was asked for happens all the same. */
  kill(): Promise<void>
}

export const startProcess = async (
  kafka: MemoryKafka,
  options: Omit<PipelineOptions, 'kafka'>,
): Promise<TestProcess> => {
  const members: Membership[] = []
  const followers: Follower[] = []
  const own: Kafka = {
    topics: kafka.topics,
    publisher: name => kafka.publisher(name),
    join: async joining => {
      const member = await kafka.join(joining)
      members.push(member)
      return member
    },
    follow: async (...following) => {
      const follower = await kafka.follow(...following)
      followers.push(follower)
      return follower
    },
    read: (...reading) => kafka.read(...reading),
    lag: (...asked) => kafka.lag(...asked),
    close: () => Promise.resolve(),
  }
  const pipeline = await startPipeline({ ...options, kafka: own })
  return {
    pipeline,
    stop: () => pipeline.close(),
    kill: async () => {
      for (const member of members) kafka.crash(member)
      await Promise.all(followers.map(follower => follower.close()))
    },
  }
}
