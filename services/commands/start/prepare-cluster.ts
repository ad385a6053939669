import { pipeline } from '../../../topology/pipeline.ts'
import { planTopics } from '../../../topology/plan.ts'
import { topicSpecs } from '../../../topology/topic-specs.ts'
import type { Clock } from '../../runtime/clock.ts'
import { type Codec, createCodec } from '../../runtime/codec.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Addresses, Connections } from '../connections.ts'
import { applyPlan } from '../topology.ts'

const retryPauseMs = 1_000
/** Whatever takes longer is told to the person who waits. */
const slowMs = 2_000

/**
 * Who makes the topics and schemas that the cluster lacks: this process, another one that runs the embedded platform and is about to, or the user,
 * whose cluster is not changed without being asked.
 */
export type TopologyMaker = 'this-process' | 'platform-process' | 'user'

/** What the process that runs the platform mends in a moment. */
const madeSoon: ReadonlySet<string> = new Set(['TOPICS_NOT_APPLIED', 'SCHEMAS_NOT_REGISTERED'])

/**
 * Waits until Kafka and the registry answer, and sees to it that the topics and schemas are there: in the embedded platform by making them or
 * waiting until they are made, on a cluster of the user's by refusing to start without them. Throws `TOPICS_NOT_APPLIED`, `SCHEMAS_NOT_REGISTERED`,
 * and `INTERRUPTED` when the signal aborts.
 */
export const prepareCluster = async (options: {
  readonly connections: Connections
  readonly addresses: Addresses
  readonly clock: Clock
  readonly topicPrefix: string
  readonly maker: TopologyMaker
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}): Promise<Codec> => {
  const { connections, addresses } = options
  const { kafka, registry } = connections
  await untilReachable(options, `Kafka at ${addresses.brokers.join(', ')}`, () =>
    prepareTopics(kafka, options.maker === 'this-process'),
  )
  return await untilReachable(options, `the schema registry at ${addresses.registryUrl}`, () =>
    createCodec({
      registry,
      topics: pipeline.topics,
      clock: options.clock,
      topicPrefix: options.topicPrefix,
      register: options.maker === 'this-process',
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

/** Waits for what passes and says so, each reason once; every other error is thrown. */
const untilReachable = async <Value>(
  { clock, signal, say, maker }: Pick<Parameters<typeof prepareCluster>[0], 'clock' | 'signal' | 'say' | 'maker'>,
  what: string,
  attempt: () => Promise<Value>,
): Promise<Value> => {
  const interruption = interrupted(signal, what)
  const slow = setTimeout(() => say(`Waiting for ${what} …`), slowMs)
  try {
    for (let told = ''; ; ) {
      try {
        return await Promise.race([attempt(), interruption.promise])
      } catch (error) {
        if (!(error instanceof TributaryError) || !passes(error, maker)) throw error
        if (told !== error.message) say(`Waiting: ${error.message}`)
        told = error.message
        await clock.sleep(retryPauseMs, signal)
      }
    }
  } finally {
    clearTimeout(slow)
    interruption.stop()
  }
}

/** Whether the error ends by itself: what is away comes back, and what lacks is being made. */
const passes = ({ errorClass, code }: TributaryError, maker: TopologyMaker): boolean =>
  errorClass === 'retryable' || (maker === 'platform-process' && madeSoon.has(code))

/** Rejects when the signal aborts. An attempt that is under way then may last for seconds; nobody should have to wait for it. */
const interrupted = (signal: AbortSignal, what: string): { promise: Promise<never>; stop(): void } => {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  const end = (): void => reject(new TributaryError('INTERRUPTED', `It was ended while it waited for ${what}.`))
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  return { promise, stop: () => signal.removeEventListener('abort', end) }
}
