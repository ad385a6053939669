import { pipeline } from '../../../topology/pipeline.ts'
import { planTopics } from '../../../topology/plan.ts'
import { topicSpecs } from '../../../topology/topic-specs.ts'
import type { Clock } from '../../runtime/clock.ts'
import { type Codec, createCodec } from '../../runtime/codec.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Connections } from '../connections.ts'
import { applyPlan } from '../topology.ts'

const retryPauseMs = 1_000

/**
 * Waits until Kafka and the registry answer, and sees to it that the topics and schemas are there: in the embedded platform by making them, on a
 * cluster of the user's by refusing to start without them (`TOPICS_NOT_APPLIED`, `SCHEMAS_NOT_REGISTERED`).
 */
export const prepareCluster = async (options: {
  readonly connections: Connections
  readonly clock: Clock
  readonly topicPrefix: string
  /** Whether this program may change the cluster without being asked. */
  readonly mayApply: boolean
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}): Promise<Codec> => {
  const { kafka, registry } = options.connections
  await untilReachable(options, () => prepareTopics(kafka, options.mayApply))
  return await untilReachable(options, () =>
    createCodec({
      registry,
      topics: pipeline.topics,
      clock: options.clock,
      topicPrefix: options.topicPrefix,
      register: options.mayApply,
    }),
  )
}

const prepareTopics = async (kafka: Connections['kafka'], mayApply: boolean): Promise<void> => {
  const changes = planTopics(topicSpecs(pipeline.topics), await kafka.topics.describe())
  if (mayApply) {
    await applyPlan(kafka, changes)
    return
  }
  const missing = changes.filter(change => change.kind === 'create').map(change => change.topic)
  if (missing.length > 0) {
    throw new TributaryError(
      'TOPICS_NOT_APPLIED',
      `The cluster lacks the topics ${missing.join(', ')}. Run \`tributary topology plan\` to see the changes and \`tributary topology apply\` to make them.`,
    )
  }
}

/** A broker or registry that is not there yet is waited for, and said once; every other error is thrown. */
const untilReachable = async <Value>(
  { clock, signal, say }: { clock: Clock; signal: AbortSignal; say: (line: string) => void },
  attempt: () => Promise<Value>,
): Promise<Value> => {
  for (let told = ''; ; ) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'retryable' || signal.aborted) throw error
      if (told !== error.message) say(`Waiting: ${error.message}`)
      told = error.message
      await clock.sleep(retryPauseMs, signal)
    }
  }
}
