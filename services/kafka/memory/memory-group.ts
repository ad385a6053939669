import type { Clock } from '../../runtime/clock.ts'
import { silentLogger } from '../../runtime/log.ts'
import { fenced } from '../client/failures.ts'
import { assignPartitions } from '../groups/assignment.ts'
import { Seat } from '../groups/seat.ts'
import { Seats } from '../groups/seats.ts'
import type { Hold } from '../groups/tenure.ts'
import type { Appended, GroupOptions, Membership, Step } from '../kafka.ts'
import { inletOf } from '../reading/cursor.ts'
import { MemoryFetcher, type MemoryLog } from './memory-log.ts'

/** A group in memory: its committed offsets, who may commit for which partition, and its members. */
export class MemoryGroup {
  /** By topic and partition: the next offset to read. */
  readonly offsets = new Map<string, Map<number, number>>()
  readonly members = new Set<MemoryMember>()
  readonly failing = new Set<number | 'any'>()
  /** Whether the next commit is done and its answer lost. */
  losesAnswer = false
  /** Whether its members have not been heard of for so long that others may have their partitions. */
  isUnheard = false
  readonly name: string
  private readonly epochs = new Map<number, number>()

  constructor(name: string) {
    this.name = name
  }

  /** Shares the partitions among the members anew. */
  rebalance(): void {
    const members = [...this.members]
    const count = members[0]?.partitions ?? 0
    const claims = members.map(member => ({ member: member.id, owned: member.seats.claimed() }))
    if (members.length === 0) return
    const shares = assignPartitions(claims, count)
    for (const member of members) member.seats.settle(new Set(shares.get(member.id)))
  }

  /** Whoever could commit for the partition no longer can. */
  fence(partition: number): number {
    const epoch = (this.epochs.get(partition) ?? 0) + 1
    this.epochs.set(partition, epoch)
    return epoch
  }

  mayCommit(partition: number, epoch: number): boolean {
    return this.epochs.get(partition) === epoch
  }

  /** Whether the commit under way was told to fail, which is then forgotten. */
  takeFailure(partition: number): boolean {
    return this.failing.delete(partition) || this.failing.delete('any')
  }

  /** Whether the answer to the commit that was just done was told to be lost, which is then forgotten. */
  takeLostAnswer(): boolean {
    const isLost = this.losesAnswer
    this.losesAnswer = false
    return isLost
  }
}

let members = 0

/** A member of a group in memory. */
export class MemoryMember implements Membership {
  /** Sorts in the order of joining. */
  readonly id = String(members++).padStart(12, '0')
  readonly partitions: number
  readonly seats = new Seats((partition, after) => this.seat(partition, after))
  private readonly group: MemoryGroup
  private readonly options: GroupOptions
  private readonly log: MemoryLog
  private readonly clock: Clock
  private readonly fetcher: MemoryFetcher
  private hasCrashed = false

  constructor(group: MemoryGroup, options: GroupOptions, log: MemoryLog, clock: Clock, partitions: number) {
    this.group = group
    this.options = options
    this.log = log
    this.clock = clock
    this.partitions = partitions
    this.fetcher = new MemoryFetcher(log)
  }

  get isIdle(): boolean {
    return this.seats.areIdle && this.fetcher.isIdle
  }

  owned(): readonly number[] {
    return this.seats.open()
  }

  async leave(): Promise<void> {
    if (!this.group.members.has(this)) return
    await this.seats.drain()
    this.depart()
    this.group.rebalance()
  }

  /** Ends as a killed process does: no task is closed, nothing is committed any more, and others take over. */
  crash(): void {
    this.hasCrashed = true
    for (const partition of this.seats.claimed()) this.group.fence(partition)
    void this.seats.revoke()
    this.depart()
    this.group.rebalance()
  }

  private depart(): void {
    this.group.members.delete(this)
    void this.fetcher.close()
  }

  private fatal(error: Error): void {
    void this.seats.revoke()
    this.depart()
    this.options.onFatal(error)
  }

  private seat(partition: number, after: Promise<void>): Seat {
    return new Seat(
      {
        group: this.group.name,
        partition,
        open: async context => {
          const task = await this.options.open(context)
          return {
            process: records => task.process(records),
            close: () => (this.hasCrashed ? Promise.resolve() : task.close()),
          }
        },
        clock: this.clock,
        logger: silentLogger,
        takenOverPauseMs: 0,
        random: () => 0.5,
        acquire: () => Promise.resolve(this.acquire(partition)),
        openInlet: (topic, position, deliver) =>
          inletOf(this.fetcher, { topic, partition, position, deliver, fail: error => this.fatal(error) }),
      },
      after,
    )
  }

  private acquire(partition: number): Hold {
    const epoch = this.group.fence(partition)
    const positions = this.options.topics.map(topic => {
      const committed = this.group.offsets.get(topic)?.get(partition)
      return [topic, committed ?? this.log.partition(topic, partition).earliest] as const
    })
    return {
      positions: new Map(positions),
      isSure: () => !this.group.isUnheard,
      commit: step => this.commit(partition, epoch, step),
      release: () => Promise.resolve(),
    }
  }

  private async commit(partition: number, epoch: number, step: Step): Promise<readonly Appended[]> {
    await new Promise(setImmediate)
    const { group, log } = this
    if (!group.mayCommit(partition, epoch)) throw fenced(group.name, partition)
    if (group.takeFailure(partition)) {
      log.append(step.records, this.clock.now(), 'aborted')
      throw fenced(group.name, partition)
    }
    const appended = log.append(step.records, this.clock.now(), 'committed')
    for (const [topic, offset] of step.offsets) {
      const offsets = group.offsets.get(topic) ?? new Map<number, number>()
      group.offsets.set(topic, offsets.set(partition, offset))
    }
    if (group.takeLostAnswer()) throw fenced(group.name, partition)
    return appended
  }
}
