import { TributaryError } from '../../runtime/errors.ts'
import { Backoff } from '../client/backoff.ts'
import type { Connection } from '../client/client.ts'
import { brokerError, outOfRange, unavailable, unknownTopic } from '../client/failures.ts'
import { type Broker, type Call, type Cluster, call } from '../client/internals.ts'
import {
  committedOffsetsCall,
  type DescribedTopic,
  earliest,
  latest,
  listOffsetsCall,
  readCommitted,
  readUncommitted,
  topicsCall,
} from '../client/requests.ts'
import type { OutgoingRecord } from '../kafka.ts'
import { type Placed, placeOf } from '../publishing/outgoing.ts'
import { type FetchedPartition, fetchCall } from './fetch-request.ts'

/** An end of a topic's partitions: the first offset kept, the last stable offset, or the high watermark (behind open transactions). */
export type End = 'earliest' | 'stable' | 'high'

const ends: Readonly<Record<End, readonly [timestamp: number, isolation: number]>> = {
  earliest: [earliest, readCommitted],
  stable: [latest, readCommitted],
  high: [latest, readUncommitted],
}

const patienceMs = 15_000
const readBytes = 1_048_576

/** Asks the cluster about topics, offsets and groups over one connection, by logical names. Failures that pass are retried for 15 s. */
export class ClusterReader {
  private readonly connection: Connection
  private readonly cluster: Cluster
  private readonly sizes = new Map<string, number>()

  constructor(connection: Connection) {
    this.connection = connection
    this.cluster = connection.openCluster()
  }

  /** How many partitions a topic has. Remembered: a topic's count never changes here (topology/plan.ts refuses it). */
  async partitions(topic: string): Promise<number> {
    const known = this.sizes.get(topic)
    if (known !== undefined) return known
    const { leaders } = await this.retrying('describe a topic', () => this.describe(topic))
    this.sizes.set(topic, leaders.size)
    return leaders.size
  }

  /** Forgets a topic's count, after it was deleted. */
  forget(topic: string): void {
    this.sizes.delete(topic)
  }

  /** The partition of each record. Rejects with `TOPIC_UNKNOWN`, `PARTITION_UNKNOWN` or `RECORD_WITHOUT_PLACE`. */
  async place(records: readonly OutgoingRecord[]): Promise<readonly Placed[]> {
    for (const { topic } of records) if (!this.sizes.has(topic)) await this.partitions(topic)
    return records.map(record => ({ record, partition: placeOf(record, this.sizes.get(record.topic) ?? 0) }))
  }

  /** An end of each partition. */
  offsets(topic: string, end: End): Promise<ReadonlyMap<number, number>> {
    const [timestamp, isolation] = ends[end]
    return this.retrying('list the offsets of a topic', async () => {
      const { leaders } = await this.describe(topic)
      const found = new Map<number, number>()
      for (const [leader, partitions] of byLeader(leaders)) {
        const listed = await this.ask(
          leader,
          listOffsetsCall(this.connection.physical(topic), partitions, timestamp, isolation),
        )
        for (const { partition, errorCode, offset } of listed) {
          expectSuccess(errorCode, 'ListOffsets')
          found.set(partition, offset)
        }
      }
      return found
    })
  }

  /** The group's committed offset by topic and partition; absent where it has none. Waits for commits that are under way. */
  committed(
    group: string,
    partitions: ReadonlyMap<string, readonly number[]>,
  ): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
    const { physical } = this.connection
    const asked = new Map([...partitions].map(([topic, numbers]) => [physical(topic), numbers]))
    return this.retrying('answer with the offsets of a group', async () => {
      await this.knowBrokers()
      const coordinator = await this.cluster.findGroupCoordinator({ groupId: physical(group) })
      const answer = await call(coordinator, committedOffsetsCall(physical(group), asked))
      expectSuccess(answer.errorCode, 'OffsetFetch')
      const found = new Map([...partitions.keys()].map(topic => [topic, new Map<number, number>()]))
      for (const topic of partitions.keys()) {
        for (const each of answer.offsets.filter(one => one.topic === physical(topic))) {
          expectSuccess(each.errorCode, 'OffsetFetch')
          if (each.offset >= 0) found.get(topic)?.set(each.partition, each.offset)
        }
      }
      return found
    })
  }

  /** What one partition holds from an offset on, without waiting for more. Rejects with `OFFSET_OUT_OF_RANGE`. */
  fetch(topic: string, partition: number, offset: number): Promise<FetchedPartition> {
    return this.retrying('answer with records', async () => {
      const { id, leaders } = await this.describe(topic)
      const request = {
        maxWaitMs: 0,
        maxBytes: readBytes,
        partitionMaxBytes: readBytes,
        partitions: [{ topicId: id, partition, offset }],
      }
      const answer = await this.ask(leaders.get(partition) ?? -1, fetchCall(request))
      const [fetched] = answer.partitions
      if (fetched?.errorCode === brokerError.offsetOutOfRange) throw outOfRange(topic, partition, offset)
      expectSuccess(fetched?.errorCode ?? answer.errorCode, 'Fetch')
      if (!fetched) throw new Error('Fetch answered without the partition')
      return fetched
    })
  }

  /** Sets the named settings of a topic. */
  async configure(
    topic: string,
    request: Call<{ readonly errorCode: number; readonly message: string }>,
  ): Promise<void> {
    const answer = await this.retrying('change the settings of a topic', async () => {
      await this.knowBrokers()
      return call(await this.cluster.findControllerBroker(), request)
    })
    if (answer.errorCode === brokerError.unknownTopicOrPartition) throw unknownTopic(topic)
    if (answer.errorCode !== brokerError.none) {
      throw new TributaryError(
        'TOPIC_CONFIG_REFUSED',
        `Expected the broker to take the settings of ${topic}, got: ${answer.message}`,
      )
    }
  }

  close(): Promise<void> {
    return this.cluster.disconnect().catch(() => undefined)
  }

  private async describe(topic: string): Promise<DescribedTopic> {
    const name = this.connection.physical(topic)
    const broker = await this.cluster.brokerPool.findConnectedBroker()
    const [found] = await call(broker, topicsCall([name]))
    if (!found || found.errorCode === brokerError.unknownTopicOrPartition) throw unknownTopic(name)
    expectSuccess(found.errorCode, 'Metadata')
    return found
  }

  private async ask<Answer>(leader: number, request: Call<Answer>): Promise<Answer> {
    await this.knowBrokers()
    const broker: Broker = await this.cluster.findBroker({ nodeId: leader })
    return call(broker, request)
  }

  private brokersKnown = false

  private async knowBrokers(): Promise<void> {
    if (this.brokersKnown) return
    await this.cluster.connect()
    await this.cluster.refreshMetadata()
    this.brokersKnown = true
  }

  private async retrying<Result>(what: string, attempt: () => Promise<Result>): Promise<Result> {
    const { clock } = this.connection.options
    const backoff = new Backoff(20, 1_000)
    const until = clock.now() + patienceMs
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        if (error instanceof TributaryError) throw error
        if (clock.now() >= until) throw unavailable(what, error)
        forgetConnection(this.cluster, error)
        this.brokersKnown = false
        await clock.sleep(backoff.next() + 5)
      }
    }
  }
}

/** Lets kafkajs connect anew instead of waiting for an answer on a closed connection. */
export const forgetConnection = (cluster: Cluster, error: unknown): void => {
  const { name, host, port } = error as { name?: string; host?: string; port?: number }
  if (name === 'KafkaJSConnectionClosedError' && host !== undefined && port !== undefined)
    cluster.removeBroker({ host, port })
}

const expectSuccess = (errorCode: number, request: string): void => {
  if (errorCode !== brokerError.none) throw new Error(`${request} answered with error code ${errorCode}`)
}

const byLeader = (leaders: ReadonlyMap<number, number>): ReadonlyMap<number, readonly number[]> => {
  const groups = new Map<number, number[]>()
  for (const [partition, leader] of leaders) {
    const group = groups.get(leader)
    if (group) group.push(partition)
    else groups.set(leader, [partition])
  }
  return groups
}
