import type { Sink } from '../../topology/define.ts'
import type { IdentityDirectory } from '../identity/directory.ts'
import type { Kafka, Task, TaskContext } from '../kafka/kafka.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Codec } from '../runtime/codec.ts'
import type { Logger } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { Delivery } from './delivery.ts'
import type { Destination } from './destination.ts'
import { Pause } from './requests/pause.ts'
import { type DeliverySettings, defaultDeliverySettings } from './settings.ts'
import { followDelivered } from './state/delivered.ts'

export interface SinkOptions {
  /** From the topology; its name is the consumer group. */
  readonly sink: Sink
  readonly destination: Destination
  readonly kafka: Kafka
  readonly codec: Codec
  /** Caught up before the call. */
  readonly directory: IdentityDirectory
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** Whether a record that somebody deleted at the vendor is made again. */
  readonly recreateDeleted?: boolean
  /** More dead letters than this within a minute pause the sink. */
  readonly deadLettersPerMinute?: number
  readonly settings?: Partial<DeliverySettings>
  /** For the jitter of retries; Math.random unless a test needs another. */
  readonly random?: () => number
  /** The process should exit: the sink cannot go on. */
  readonly onFatal: (error: Error) => void
}

export interface SinkStatus {
  /** `standby`: another process delivers. `paused`: `reason` says what has to happen. */
  readonly state: 'running' | 'standby' | 'paused'
  /** Why it is paused: code and text, without personal data. */
  readonly reason?: string
  /** Writes taken and not finished. */
  readonly window: number
  /** When the vendor last accepted a write, in milliseconds since the epoch; null when none was since the start. */
  readonly lastDeliveredAt: number | null
}

export interface RunningSink {
  status(): SinkStatus
  /** Drains: takes no more, finishes what is under way, commits, leaves the group. */
  close(): Promise<void>
}

/**
 * Delivers the writes of one destination. Every process may start it; the group's one partition makes one of them active. It loads what was delivered before
 * its first request, and again whenever it gets the partition back.
 */
export const startSink = async (options: SinkOptions): Promise<RunningSink> => {
  const { sink, destination, kafka, codec, metrics, logger, clock, onFatal } = options
  const settings = settingsOf(options)
  const table = await followDelivered({ kafka, codec, logger, of: [destination], onFatal })
  const pause = new Pause(clock, settings.pause, reason => {
    metrics.set('tributary_sink_paused', { sink: sink.name }, reason ? 1 : 0)
    if (reason) logger.warn({ sink: sink.name, code: reason.code, reason: reason.message }, 'the sink is paused')
    else logger.info({ sink: sink.name }, 'the sink delivers again')
  })
  let current: Delivery | undefined
  let lastDeliveredAt: number | null = null
  const open = async (context: TaskContext): Promise<Task> => {
    await table.caughtUp()
    const random = options.random ?? Math.random
    const delivery = new Delivery({
      ...options,
      context,
      sink: sink.name,
      reads: sink.reads,
      replays: sink.replays,
      objects: new Set(sink.objects.map(({ object }) => object)),
      table,
      pause,
      settings,
      random,
    })
    current = delivery
    return {
      process: records => delivery.process(records),
      close: async () => {
        await delivery.close()
        lastDeliveredAt = delivery.lastDeliveredAt ?? lastDeliveredAt
        if (current === delivery) current = undefined
      },
    }
  }
  const membership = await kafka
    .join({ group: sink.name, topics: [sink.reads.name, sink.replays.name], open, onFatal })
    .catch(async (error: unknown) => {
      await table.close()
      throw error
    })
  return {
    status: () => ({
      state: !current ? 'standby' : pause.reason ? 'paused' : 'running',
      ...(current && pause.reason ? { reason: `${pause.reason.code}: ${pause.reason.message}` } : {}),
      window: current?.held ?? 0,
      lastDeliveredAt: current?.lastDeliveredAt ?? lastDeliveredAt,
    }),
    close: async () => {
      await membership.leave()
      await table.close()
    },
  }
}

const settingsOf = ({ settings, recreateDeleted, deadLettersPerMinute }: SinkOptions): DeliverySettings => ({
  ...defaultDeliverySettings,
  ...(recreateDeleted === undefined ? {} : { recreateDeleted }),
  ...(deadLettersPerMinute === undefined ? {} : { deadLettersPerMinute }),
  ...settings,
})
