import { TributaryError } from '../../runtime/errors.ts'
import { Backoff } from '../client/backoff.ts'
import type { Connection } from '../client/client.ts'
import { brokerError, outOfRange, reasonOf, topicGone, topicRecreated } from '../client/failures.ts'
import { type Cluster, call } from '../client/internals.ts'
import { type DescribedTopic, topicsCall } from '../client/requests.ts'
import type { StoredRecord } from '../kafka.ts'
import { forgetConnection } from './cluster-reader.ts'
import type { Cursor, CursorSource } from './cursor.ts'
import { type FetchAnswer, type FetchedPartition, fetchCall } from './fetch-request.ts'
import { decodeRecords } from './record-batch.ts'
import { defaultStalledAfterMs, type Stall, StallWatch } from './stalls.ts'

const longPollMs = 500
const shortPollMs = 10
const partitionMaxBytes = 1_048_576
const maxBytes = 16 * partitionMaxBytes
/** Brokers learn of a topic one after the other; one that is unknown for so long is gone. */
const missingAtMostMs = 3_000
/** Records are decoded for so long before other work of the process gets its turn. */
const turnMs = 15

const staleLeader: ReadonlySet<number> = new Set([
  brokerError.unknownTopicOrPartition,
  brokerError.leaderNotAvailable,
  brokerError.notLeader,
  brokerError.replicaNotAvailable,
  brokerError.kafkaStorageError,
  brokerError.fencedLeaderEpoch,
  brokerError.unknownLeaderEpoch,
  brokerError.unknownTopicId,
  brokerError.inconsistentTopicId,
])

/**
 * Reads many partitions, committed records only, over one connection: one fetch at a time per broker for all its partitions. Survives moved
 * leaders, lost connections and restarted brokers; a partition that cannot be read on fails loudly (`OFFSET_OUT_OF_RANGE`, `TOPIC_GONE`,
 * `TOPIC_RECREATED`).
 */
export class Fetcher implements CursorSource {
  private readonly connection: Connection
  private readonly isHurried: () => boolean
  private readonly cluster: Cluster
  private readonly stalls: StallWatch
  private readonly cursors = new Set<Cursor>()
  private readonly serving = new Map<number, Promise<void>>()
  private readonly closing = new AbortController()
  private readonly retry = new Backoff(50, 2_000)
  private refreshing: Promise<void> | undefined
  private awaken: () => void = () => undefined
  private woken = this.sleepUntilWoken()
  private lastMove = 0
  private brokersKnown = false
  private waitsForLeaders = false

  /** @param isHurried whether another partition may be added at any moment, so that no fetch may wait for long */
  constructor(connection: Connection, isHurried: () => boolean = () => false) {
    this.connection = connection
    this.isHurried = isHurried
    this.cluster = connection.openCluster()
    const { clock, stalledAfterMs = defaultStalledAfterMs } = connection.options
    this.stalls = new StallWatch(clock, stalledAfterMs, stall => this.tell(stall))
  }

  add(cursor: Cursor): void {
    this.cursors.add(cursor)
    this.wake()
    void this.findLeaders()
  }

  remove(cursor: Cursor): void {
    this.cursors.delete(cursor)
    this.wake()
  }

  /** A cursor may be read again. */
  wake(): void {
    this.lastMove = this.connection.options.clock.now()
    this.awaken()
  }

  async close(): Promise<void> {
    this.closing.abort()
    this.cursors.clear()
    this.wake()
    await Promise.all([this.refreshing, ...this.serving.values()])
    await this.cluster.disconnect().catch(() => undefined)
  }

  private sleepUntilWoken(): Promise<void> {
    return new Promise(resolve => {
      this.awaken = () => {
        this.woken = this.sleepUntilWoken()
        resolve()
      }
    })
  }

  private async serve(leader: number): Promise<void> {
    for (let turn = 0; ; turn++) {
      const mine = [...this.cursors].filter(cursor => cursor.leader === leader)
      if (mine.length === 0) break
      const ready = mine.filter(cursor => !cursor.paused)
      if (ready.length === 0) await this.woken
      else await this.fetch(leader, rotated(ready, turn), ready.length < mine.length)
    }
    this.serving.delete(leader)
  }

  private async fetch(leader: number, ready: readonly Cursor[], othersPaused: boolean): Promise<void> {
    try {
      const broker = await this.cluster.findBroker({ nodeId: leader })
      const partitions = ready.map(cursor => ({
        topicId: cursor.topicId ?? '',
        partition: cursor.options.partition,
        offset: cursor.position,
      }))
      const maxWaitMs = othersPaused || this.isHurried() ? this.shortWait() : longPollMs
      const answer = await call(broker, fetchCall({ maxWaitMs, maxBytes, partitionMaxBytes, partitions }))
      if (answer.errorCode !== brokerError.none) throw new Error(`Fetch answered with error code ${answer.errorCode}`)
      await this.take(answer, ready)
      this.retry.reset()
    } catch (error) {
      for (const cursor of ready) cursor.leader = -1
      await this.recover(error)
    }
  }

  /** A paused partition may be resumed at any moment: then never wait for longer than a quarter of the time since something moved. */
  private shortWait(): number {
    const still = this.connection.options.clock.now() - this.lastMove
    return Math.min(longPollMs, Math.max(shortPollMs, Math.floor(still / 4)))
  }

  private async take(answer: FetchAnswer, ready: readonly Cursor[]): Promise<void> {
    const received = answer.partitions.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const hadRoom = received + partitionMaxBytes <= maxBytes
    let turnEnds = performance.now() + turnMs
    let stale = false
    for (const fetched of answer.partitions) {
      const cursor = ready.find(
        ({ topicId, options }) => topicId === fetched.topicId && options.partition === fetched.partition,
      )
      if (!cursor || !this.cursors.has(cursor)) continue
      stale = this.takePartition(cursor, fetched, hadRoom) || stale
      if (performance.now() < turnEnds) continue
      await new Promise(setImmediate)
      turnEnds = performance.now() + turnMs
    }
    if (stale) await this.recover(new Error('A partition has moved to another broker'))
  }

  /** True when the leader has to be found anew. */
  private takePartition(cursor: Cursor, fetched: FetchedPartition, hadRoom: boolean): boolean {
    const { topic, partition } = cursor.options
    if (staleLeader.has(fetched.errorCode)) {
      cursor.leader = -1
      return true
    }
    if (fetched.errorCode === brokerError.offsetOutOfRange)
      this.fail(cursor, outOfRange(topic, partition, cursor.position))
    else if (fetched.errorCode !== brokerError.none) this.fail(cursor, refused(topic, partition, fetched.errorCode))
    else {
      this.stalls.see(topic, partition, fetched.stable, fetched.high)
      this.advance(cursor, fetched, hadRoom)
    }
    return false
  }

  private tell(stall: Stall): void {
    const { logger, onStall } = this.connection.options
    onStall?.(stall)
    if (stall.records === 0)
      logger.warn({ ...stall }, 'Records are readable again: the transaction before them has ended')
    else
      logger.warn(
        { ...stall },
        'Records cannot be read because a transaction before them stays open; find its producer with kafka-transactions.sh find-hanging, and abort it',
      )
  }

  private advance(cursor: Cursor, fetched: FetchedPartition, hadRoom: boolean): void {
    const { topic } = cursor.options
    let next = cursor.position
    let records: StoredRecord[] = []
    if (fetched.bytes.length > 0) {
      try {
        ;({ records, next } = decodeRecords(fetched, topic, cursor.position))
      } catch (error) {
        this.fail(cursor, error instanceof Error ? error : new Error(reasonOf(error)))
        return
      }
    } else if (hadRoom && fetched.stable > next) {
      // The answer had room for the smallest batch, so up to the last stable offset there is none: compaction removed them all.
      next = fetched.stable
    }
    if (next === cursor.position) return
    cursor.position = next
    this.lastMove = this.connection.options.clock.now()
    cursor.options.deliver(records, next)
  }

  private fail(cursor: Cursor, error: Error): void {
    this.cursors.delete(cursor)
    cursor.options.fail(error)
  }

  private async recover(error: unknown): Promise<void> {
    if (this.closing.signal.aborted) return
    const { clock, logger } = this.connection.options
    logger.debug({ error, reason: reasonOf(error) }, 'Reading is interrupted; the leaders are looked up again')
    forgetConnection(this.cluster, error)
    this.brokersKnown = false
    await clock.sleep(this.retry.next(), this.closing.signal)
    await this.findLeaders()
  }

  /** Resolves when it has tried once. Goes on in the background while a partition has no leader. */
  private findLeaders(): Promise<void> {
    this.refreshing ??= this.refresh()
      .catch(error => {
        forgetConnection(this.cluster, error)
        this.connection.options.logger.debug({ error, reason: reasonOf(error) }, 'The leaders could not be looked up')
      })
      .then(() => {
        this.refreshing = undefined
        this.startServing()
      })
    return this.refreshing
  }

  private async refresh(): Promise<void> {
    await this.cluster.connect()
    const { physical } = this.connection
    const lost = [...this.cursors].filter(cursor => cursor.leader === -1)
    const names = new Set(lost.map(cursor => physical(cursor.options.topic)))
    if (names.size === 0) return
    if (!this.brokersKnown) await this.cluster.refreshMetadata()
    this.brokersKnown = true
    const broker = await this.cluster.brokerPool.findConnectedBroker()
    const described = new Map((await call(broker, topicsCall([...names]))).map(topic => [topic.name, topic]))
    for (const cursor of lost) this.locate(cursor, described.get(physical(cursor.options.topic)))
  }

  private locate(cursor: Cursor, topic: DescribedTopic | undefined): void {
    const { topic: name, partition } = cursor.options
    if (!topic || topic.errorCode === brokerError.unknownTopicOrPartition) {
      const now = this.connection.options.clock.now()
      cursor.missingSince ??= now
      if (now - cursor.missingSince >= missingAtMostMs) this.fail(cursor, topicGone(name))
      return
    }
    cursor.missingSince = undefined
    if (topic.errorCode !== brokerError.none) return
    cursor.topicId ??= topic.id
    if (cursor.topicId !== topic.id) this.fail(cursor, topicRecreated(name))
    else cursor.leader = topic.leaders.get(partition) ?? -1
  }

  private startServing(): void {
    if (this.closing.signal.aborted) return
    const leaders = new Set([...this.cursors].map(cursor => cursor.leader))
    this.awaken()
    for (const leader of leaders) {
      if (leader !== -1 && !this.serving.has(leader)) this.serving.set(leader, this.serve(leader))
    }
    if (leaders.has(-1) && !this.waitsForLeaders) void this.findLeadersLater()
  }

  private async findLeadersLater(): Promise<void> {
    this.waitsForLeaders = true
    await this.connection.options.clock.sleep(this.retry.next() + shortPollMs, this.closing.signal)
    this.waitsForLeaders = false
    if (!this.closing.signal.aborted) await this.findLeaders()
  }
}

const rotated = <Item>(items: readonly Item[], by: number): readonly Item[] => {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

const refused = (topic: string, partition: number, code: number): TributaryError =>
  new TributaryError(
    'FETCH_REFUSED',
    `Expected records of ${topic}, partition ${partition}, got the broker's error code ${code}. See kafka.apache.org/protocol for its meaning.`,
  )
