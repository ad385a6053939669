import { TributaryError } from '../../runtime/errors.ts'
import { closed } from '../client/failures.ts'
import type { Follower, StoredRecord } from '../kafka.ts'
import { Cursor, type CursorSource } from './cursor.ts'

/** Where topics begin, and the end behind which nothing was committed yet. */
export interface OffsetSource {
  offsets(topic: string, end: 'earliest' | 'high'): Promise<ReadonlyMap<number, number>>
}

interface Waiter {
  /** By cursor: the position to be reached. */
  readonly targets: ReadonlyMap<Cursor, number>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Reads whole topics from their beginning; see the seam. */
export class LogFollower implements Follower {
  private readonly source: OffsetSource
  private readonly fetcher: CursorSource
  private readonly apply: (record: StoredRecord) => void
  private readonly onFatal: (error: Error) => void
  private readonly cursors = new Map<string, Map<number, Cursor>>()
  private readonly waiters = new Set<Waiter>()
  private stopped: Error | undefined

  constructor(
    offsets: OffsetSource,
    fetcher: CursorSource,
    apply: (record: StoredRecord) => void,
    onFatal: (error: Error) => void,
  ) {
    this.source = offsets
    this.fetcher = fetcher
    this.apply = apply
    this.onFatal = onFatal
  }

  async open(topics: readonly string[]): Promise<this> {
    try {
      const beginnings = await Promise.all(topics.map(topic => this.source.offsets(topic, 'earliest')))
      topics.forEach((topic, index) => {
        const partitions = [...(beginnings[index] ?? [])]
        this.cursors.set(
          topic,
          new Map(partitions.map(([partition, position]) => [partition, this.cursor(topic, partition, position)])),
        )
      })
      for (const cursor of this.all()) this.fetcher.add(cursor)
      return this
    } catch (error) {
      await this.fetcher.close()
      throw error
    }
  }

  async caughtUp(topic?: string, partition?: number): Promise<void> {
    const topics = topic === undefined ? [...this.cursors.keys()] : [topic]
    // A commit may lie behind a transaction that is still open, so the goal is the high watermark, which is read when that one has ended.
    const highs = await Promise.all(topics.map(async name => [name, await this.source.offsets(name, 'high')] as const))
    if (this.stopped) throw this.stopped
    const targets = new Map<Cursor, number>()
    for (const [name, offsets] of highs) {
      for (const [number, high] of offsets) {
        if (partition !== undefined && partition !== number) continue
        targets.set(this.find(name, number), high)
      }
    }
    await new Promise<void>((resolve, reject) => {
      this.waiters.add({ targets, resolve, reject })
      this.release()
    })
  }

  position(topic: string, partition: number): number {
    return this.find(topic, partition).position
  }

  async close(): Promise<void> {
    this.stop(closed('the follower'))
    await this.fetcher.close()
  }

  private cursor(topic: string, partition: number, position: number): Cursor {
    return new Cursor({
      topic,
      partition,
      position,
      deliver: records => this.deliver(records),
      fail: error => this.fail(error),
    })
  }

  private deliver(records: readonly StoredRecord[]): void {
    if (this.stopped) return
    try {
      for (const record of records) this.apply(record)
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error('A record could not be applied.', { cause: error }))
      return
    }
    this.release()
  }

  private fail(error: Error): void {
    if (this.stopped) return
    this.stop(error)
    void this.fetcher.close()
    this.onFatal(error)
  }

  private stop(error: Error): void {
    this.stopped ??= error
    for (const waiter of this.waiters) waiter.reject(this.stopped)
    this.waiters.clear()
  }

  private release(): void {
    for (const waiter of this.waiters) {
      if (![...waiter.targets].every(([cursor, target]) => cursor.position >= target)) continue
      this.waiters.delete(waiter)
      waiter.resolve()
    }
  }

  private find(topic: string, partition: number): Cursor {
    const cursor = this.cursors.get(topic)?.get(partition)
    if (cursor) return cursor
    throw new TributaryError(
      'NOT_FOLLOWED',
      `Expected a followed topic and one of its partitions, got ${topic}, partition ${partition}.`,
    )
  }

  private all(): readonly Cursor[] {
    return [...this.cursors.values()].flatMap(partitions => [...partitions.values()])
  }
}
