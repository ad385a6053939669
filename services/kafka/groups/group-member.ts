import type { Consumer } from 'kafkajs'
import { TributaryError } from '../../runtime/errors.ts'
import { Backoff } from '../client/backoff.ts'
import type { Connection } from '../client/client.ts'
import { fenced, isOfType, tooLarge, unavailable, unequalPartitions } from '../client/failures.ts'
import type { Appended, GroupOptions, Membership, Step } from '../kafka.ts'
import type { ClusterReader } from '../reading/cluster-reader.ts'
import { inletOf } from '../reading/cursor.ts'
import { Fetcher } from '../reading/fetcher.ts'
import { copartitioned } from './assigner.ts'
import { Lease } from './lease.ts'
import { Seat } from './seat.ts'
import { Seats } from './seats.ts'
import type { Hold } from './tenure.ts'
import { TransactionalProducer } from './transactional-producer.ts'

const defaultSessionTimeoutMs = 10_000
const defaultHeartbeatIntervalMs = 1_000
/** kafkajs' consumer reads nothing; this is how long its idle loop sleeps between looks at the group. */
const idleLoopMs = 50
/** How long a task may wait to be opened before that is worth a line, and how often it is. */
const fencingPatienceMs = 30_000
const releasePatienceMs = 1_000

/**
 * A member of a group. kafkajs' consumer, with every partition paused, keeps up the membership; records are fetched by our own `Fetcher`, so a
 * slow task holds up no other partition and no heartbeat.
 *
 * The right to commit for partition n lies with whoever last opened the transactional id `<group>-<n>`, not with the group's generation, which
 * kafkajs cannot put into a transaction. So a task that stays here over a rebalance goes on, and one that was taken over cannot commit.
 */
export class GroupMember implements Membership {
  private readonly connection: Connection
  private readonly reader: ClusterReader
  private readonly options: GroupOptions
  private readonly fetcher: Fetcher
  private readonly consumer: Consumer
  private readonly seats = new Seats((partition, after) => this.seat(partition, after))
  private lease: Lease | undefined
  private isLeaving = false

  constructor(connection: Connection, reader: ClusterReader, options: GroupOptions) {
    this.connection = connection
    this.reader = reader
    this.options = options
    this.fetcher = new Fetcher(connection, () => !this.seats.areOpen)
    const { sessionTimeoutMs: sessionTimeout = defaultSessionTimeoutMs } = connection.options
    this.consumer = connection.client.consumer({
      groupId: connection.physical(options.group),
      partitionAssigners: [copartitioned(() => this.seats.claimed())],
      sessionTimeout,
      rebalanceTimeout: sessionTimeout,
      heartbeatInterval: connection.options.heartbeatIntervalMs ?? defaultHeartbeatIntervalMs,
      maxWaitTimeInMs: idleLoopMs,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 30 },
    })
  }

  /** Resolves when the group has admitted this member; its tasks open afterwards. */
  async join(): Promise<this> {
    try {
      await this.expectOnePartitionCount()
      await this.enter()
      return this
    } catch (error) {
      await this.close()
      throw error instanceof TributaryError
        ? error
        : unavailable(`admit a member to group ${this.options.group}`, error)
    }
  }

  owned(): readonly number[] {
    return this.seats.open()
  }

  async leave(): Promise<void> {
    this.isLeaving = true
    await this.seats.drain()
    await this.close()
  }

  private async expectOnePartitionCount(): Promise<void> {
    const { group, topics } = this.options
    const counts = await Promise.all(topics.map(topic => this.reader.partitions(topic)))
    if (new Set(counts).size !== 1) throw unequalPartitions(group, topics, counts)
  }

  private async enter(): Promise<void> {
    const { consumer } = this
    const topics = this.options.topics.map(this.connection.physical)
    const admitted = Promise.withResolvers<void>()
    admitted.promise.catch(() => undefined)
    const { clock, sessionTimeoutMs = defaultSessionTimeoutMs } = this.connection.options
    const lease = new Lease(clock, sessionTimeoutMs)
    this.lease = lease
    consumer.on(consumer.events.HEARTBEAT, () => lease.answered())
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      lease.answered()
      consumer.pause(topics.map(topic => ({ topic })))
      if (!this.isLeaving) this.seats.settle(new Set(Object.values(payload.memberAssignment).flat()))
      admitted.resolve()
    })
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (payload.restart) return
      admitted.reject(payload.error)
      this.fatal(unavailable(`keep a member of group ${this.options.group}`, payload.error))
    })
    await consumer.connect()
    await consumer.subscribe({ topics, fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() })
    await admitted.promise
  }

  private seat(partition: number, after: Promise<void>): Seat {
    const { group, open } = this.options
    const { clock, logger, heartbeatIntervalMs = defaultHeartbeatIntervalMs } = this.connection.options
    return new Seat(
      {
        group,
        partition,
        open,
        clock,
        logger,
        takenOverPauseMs: 2 * heartbeatIntervalMs,
        acquire: signal => this.acquire(partition, signal),
        openInlet: (topic, position, deliver) =>
          inletOf(this.fetcher, { topic, partition, position, deliver, fail: error => this.fatal(error) }),
      },
      after,
    )
  }

  /** Tried again for as long as the cluster cannot do it, for example while a coordinator loads its state. */
  private async acquire(partition: number, signal: AbortSignal): Promise<Hold> {
    const { clock, logger } = this.connection.options
    const backoff = new Backoff(100, 2_000)
    let warnAt = clock.now() + fencingPatienceMs
    for (;;) {
      try {
        return await this.fence(partition)
      } catch (error) {
        const isLasting = error instanceof TributaryError && error.errorClass !== 'retryable'
        if (signal.aborted || isLasting) throw error
        const level = clock.now() < warnAt ? 'debug' : 'warn'
        if (level === 'warn') warnAt = clock.now() + fencingPatienceMs
        logger[level]({ group: this.options.group, partition, error }, 'A task cannot be opened yet; it is tried again')
        await clock.sleep(backoff.next(), signal)
      }
    }
  }

  private async fence(partition: number): Promise<Hold> {
    const { group, topics } = this.options
    const { physical, options } = this.connection
    const producer = await TransactionalProducer.open(
      this.connection,
      physical(`${group}-${partition}`),
      physical(group),
    )
    try {
      const positions = await this.positions(topics, partition)
      return {
        positions,
        isSure: () => this.lease?.isOver === false,
        commit: step => this.commit(producer, partition, step),
        release: async () => {
          await Promise.race([producer.close(), options.clock.sleep(releasePatienceMs)])
        },
      }
    } catch (error) {
      await producer.close()
      throw error
    }
  }

  private async positions(topics: readonly string[], partition: number): Promise<ReadonlyMap<string, number>> {
    const committed = await this.reader.committed(
      this.options.group,
      new Map(topics.map(topic => [topic, [partition]])),
    )
    const positions = new Map<string, number>()
    for (const topic of topics) {
      const offset =
        committed.get(topic)?.get(partition) ?? (await this.reader.offsets(topic, 'earliest')).get(partition)
      positions.set(topic, offset ?? 0)
    }
    return positions
  }

  private async commit(producer: TransactionalProducer, partition: number, step: Step): Promise<readonly Appended[]> {
    const records = await this.reader.place(step.records)
    const offsets = [...step.offsets].map(([topic, offset]) => ({
      topic: this.connection.physical(topic),
      partition,
      offset,
    }))
    try {
      return await producer.commit(records, offsets)
    } catch (error) {
      throw isOfType(error, 'MESSAGE_TOO_LARGE') ? tooLarge(error) : fenced(this.options.group, partition, error)
    }
  }

  private fatal(error: Error): void {
    if (this.isLeaving) return
    this.isLeaving = true
    void this.close()
    this.options.onFatal(error)
  }

  private async close(): Promise<void> {
    this.isLeaving = true
    await this.seats.revoke()
    await Promise.all([this.consumer.disconnect().catch(() => undefined), this.fetcher.close()])
  }
}
