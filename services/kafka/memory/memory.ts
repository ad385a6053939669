import { type Clock, systemClock } from '../../runtime/clock.ts'
import { closed, outOfRange, topicExists, unequalPartitions, unknownTopic } from '../client/failures.ts'
import type {
  Follower,
  GroupOptions,
  Kafka,
  Membership,
  OutgoingRecord,
  Publisher,
  StoredRecord,
  TopicAdmin,
  TopicCreation,
} from '../kafka.ts'
import { LogFollower } from '../reading/follower.ts'
import { MemoryGroup, MemoryMember } from './memory-group.ts'
import { MemoryFetcher, MemoryLog, MemoryPartition } from './memory-log.ts'

/** Kafka in memory, with powers that only tests need. */
export interface MemoryKafka extends Kafka {
  /**
   * Resolves when nothing is left to do: every task is open and has committed or processed what it was given, and every follower has caught
   * up. A task that waits for the clock after a failure counts as idle.
   */
  idle(): Promise<void>
  /** Ends a member as a killed process does: its tasks are not closed, and what they did not commit is gone. */
  crash(member: Membership): void
  /** The group's next commit, of this partition if one is given, is aborted as if the broker's answer had been lost. */
  failNextCommit(group: string, partition?: number): void
  /** The group's next commit is done, and whoever made it does not learn of it: the member is fenced instead of answered. */
  loseNextAnswer(group: string): void
  /** Appends records of a transaction that was then aborted: they take up offsets and are never seen. */
  appendAborted(records: readonly OutgoingRecord[]): void
  /** The partition's owner is fenced, as by another member that has taken over. */
  takeOver(group: string, partition: number): void
  /** The group's members cannot be heard of, so others may have taken over; until they can. */
  cutOff(group: string, isCutOff: boolean): void
  /** Removes superseded records and tombstones. */
  compact(topic: string): void
  /** Removes the records before an offset, as retention does. */
  truncate(topic: string, partition: number, before: number): void
}

/** A cluster in memory with the semantics of the seam. Deterministic: it moves in turns of the event loop, and waits only on the clock. */
export const memoryKafka = (options: { readonly clock?: Clock } = {}): MemoryKafka =>
  new Cluster(options.clock ?? systemClock)

class Cluster implements MemoryKafka {
  readonly topics: TopicAdmin
  private readonly clock: Clock
  private readonly log = new MemoryLog()
  private readonly groups = new Map<string, MemoryGroup>()
  private readonly fetchers = new Set<MemoryFetcher>()

  constructor(clock: Clock) {
    this.clock = clock
    this.topics = new MemoryTopicAdmin(this.log)
  }

  publisher(): Promise<Publisher> {
    let isOpen = true
    return Promise.resolve({
      publish: records => {
        if (!isOpen) return Promise.reject(closed('the publisher'))
        return Promise.resolve().then(() => this.log.append(records, this.clock.now(), 'none'))
      },
      close: () => {
        isOpen = false
        return Promise.resolve()
      },
    })
  }

  // biome-ignore lint/suspicious/useAwait: so that a refusal rejects instead of throwing
  async join(options: GroupOptions): Promise<Membership> {
    const counts = options.topics.map(topic => this.log.topic(topic).partitions.length)
    const [count = 0] = counts
    if (new Set(counts).size !== 1) throw unequalPartitions(options.group, options.topics, counts)
    const group = this.group(options.group)
    const member = new MemoryMember(group, options, this.log, this.clock, count)
    group.members.add(member)
    group.rebalance()
    return member
  }

  follow(
    topics: readonly string[],
    apply: (record: StoredRecord) => void,
    onFatal: (error: Error) => void,
  ): Promise<Follower> {
    const fetcher = new MemoryFetcher(this.log)
    this.fetchers.add(fetcher)
    return new LogFollower(this, fetcher, apply, onFatal).open(topics)
  }

  async *read(
    topic: string,
    partition: number,
    from: number,
    to = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<StoredRecord> {
    const log = this.log.partition(topic, partition)
    if (from < log.earliest) throw outOfRange(topic, partition, from)
    const end = Math.min(to, log.end)
    await Promise.resolve()
    for (const record of log.from(from, Number.POSITIVE_INFINITY)) if (record.offset < end) yield record
  }

  // biome-ignore lint/suspicious/useAwait: so that an unknown topic rejects instead of throwing
  async lag(group: string, topics: readonly string[]): ReturnType<Kafka['lag']> {
    return topics.toSorted().flatMap(topic =>
      this.log.topic(topic).partitions.map((log, partition) => {
        const committed = this.groups.get(group)?.offsets.get(topic)?.get(partition) ?? 0
        return { topic, partition, records: log.from(committed, Number.POSITIVE_INFINITY).length }
      }),
    )
  }

  async close(): Promise<void> {
    const members = [...this.groups.values()].flatMap(group => [...group.members])
    await Promise.all(members.map(member => member.leave()))
    await Promise.all([...this.fetchers].map(fetcher => fetcher.close()))
  }

  /** Where the partitions begin or end, for followers. */
  // biome-ignore lint/suspicious/useAwait: so that an unknown topic rejects instead of throwing
  async offsets(topic: string, end: 'earliest' | 'high'): Promise<ReadonlyMap<number, number>> {
    const { partitions } = this.log.topic(topic)
    return new Map(partitions.map((log, partition) => [partition, end === 'earliest' ? log.earliest : log.end]))
  }

  async idle(): Promise<void> {
    const quietTurns = 3
    for (let quiet = 0; quiet < quietTurns; ) {
      await new Promise(setImmediate)
      quiet = this.isIdle() ? quiet + 1 : 0
    }
  }

  crash(member: Membership): void {
    if (member instanceof MemoryMember) member.crash()
  }

  failNextCommit(group: string, partition?: number): void {
    this.group(group).failing.add(partition ?? 'any')
  }

  loseNextAnswer(group: string): void {
    this.group(group).losesAnswer = true
  }

  appendAborted(records: readonly OutgoingRecord[]): void {
    this.log.append(records, this.clock.now(), 'aborted')
  }

  takeOver(group: string, partition: number): void {
    this.group(group).fence(partition)
  }

  cutOff(group: string, isCutOff: boolean): void {
    this.group(group).isUnheard = isCutOff
  }

  compact(topic: string): void {
    for (const partition of this.log.topic(topic).partitions) partition.compact()
  }

  truncate(topic: string, partition: number, before: number): void {
    this.log.partition(topic, partition).truncate(before)
    this.log.changed()
  }

  private isIdle(): boolean {
    const members = [...this.groups.values()].flatMap(group => [...group.members])
    return members.every(member => member.isIdle) && [...this.fetchers].every(fetcher => fetcher.isIdle)
  }

  private group(name: string): MemoryGroup {
    const group = this.groups.get(name) ?? new MemoryGroup(name)
    this.groups.set(name, group)
    return group
  }
}

class MemoryTopicAdmin implements TopicAdmin {
  private readonly log: MemoryLog

  constructor(log: MemoryLog) {
    this.log = log
  }

  describe(): ReturnType<TopicAdmin['describe']> {
    const described = [...this.log.topics].map(([name, { partitions, replicationFactor, config }]) => ({
      name,
      partitions: partitions.length,
      replicationFactor,
      config: { ...config },
    }))
    return Promise.resolve(described.sort((a, b) => a.name.localeCompare(b.name)))
  }

  // biome-ignore lint/suspicious/useAwait: so that a refusal rejects instead of throwing
  async create(topics: readonly TopicCreation[]): Promise<void> {
    const existing = topics.map(({ name }) => name).filter(name => this.log.topics.has(name))
    if (existing.length > 0) throw topicExists(existing)
    for (const { name, partitions, replicationFactor = 1, config } of topics) {
      const logs = Array.from({ length: partitions }, () => new MemoryPartition())
      this.log.topics.set(name, { partitions: logs, replicationFactor, config: { ...config } })
    }
  }

  // biome-ignore lint/suspicious/useAwait: so that an unknown topic rejects instead of throwing
  async configure(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const topic = this.log.topic(name)
    topic.config = { ...topic.config, ...config }
  }

  // biome-ignore lint/suspicious/useAwait: so that an unknown topic rejects instead of throwing
  async delete(names: readonly string[]): Promise<void> {
    for (const name of names) if (!this.log.topics.has(name)) throw unknownTopic(name)
    for (const name of names) this.log.topics.delete(name)
    this.log.changed()
  }

  // biome-ignore lint/suspicious/useAwait: so that an unknown topic rejects instead of throwing
  async offsets(name: string): ReturnType<TopicAdmin['offsets']> {
    return this.log.topic(name).partitions.map(({ earliest, end }, partition) => ({ partition, earliest, stable: end }))
  }
}
