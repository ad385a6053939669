/**
 * The seam between Tributary and Kafka. Two implementations pass one contract suite (test/contracts/kafka.contract.ts):
 * `connectKafka` (kafkajs, with the guards its defects need) and `memoryKafka` (for tests without a broker).
 * Topic, group and transactional names are logical here; an implementation adds TOPIC_PREFIX.
 */

/**
 * A record as it lies in a topic, read committed. A null value is a tombstone. Key, value and headers may be views into a larger buffer: whoever
 * keeps one for long copies it.
 */
export interface StoredRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch, as the producer or the broker wrote it. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** By name; of a repeated name the last, and a null value as no bytes. */
  readonly headers: Readonly<Record<string, Buffer>>
}

/** A record to append. Without `partition` it goes where Java's default partitioner sends its key (murmur2). */
export interface OutgoingRecord {
  readonly topic: string
  readonly partition?: number
  /** Null only with an explicit partition. */
  readonly key: string | Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, string | Buffer>>
}

/** Where a record was appended. */
export interface Appended {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Appends outside a transaction: idempotent, acks=all, one send in flight. */
export interface Publisher {
  /**
   * Resolves when every record is acknowledged by all in-sync replicas, in the order given. Concurrent calls are joined into few sends.
   * A record whose partition's leader moves meanwhile may lie there twice. Rejects with `KAFKA_UNAVAILABLE` (retryable) when an
   * acknowledgement is missing; records may then have been appended all the same. Rejects for
   * good with `RECORD_TOO_LARGE`, `TOPIC_UNKNOWN`, `PARTITION_UNKNOWN`, `RECORD_WITHOUT_PLACE`, `KAFKA_CLOSED`.
   */
  publish(records: readonly OutgoingRecord[]): Promise<readonly Appended[]>
  close(): Promise<void>
}

/** What one transaction makes visible at once: records, and how far the input was read. */
export interface Step {
  readonly records: readonly OutgoingRecord[]
  /** By input topic: the offset of the next record to read. */
  readonly offsets: ReadonlyMap<string, number>
}

/** What a task may do with its partition for as long as it owns it. */
export interface TaskContext {
  readonly partition: number
  /** By input topic: the committed offset at which reading begins, as read after the former owner was fenced. */
  readonly positions: ReadonlyMap<string, number>
  /** Aborts when the task has lost its partition or must stop. Nothing may be committed afterwards. */
  readonly signal: AbortSignal
  /**
   * Appends the records and moves the input offsets in one transaction, in the order of calls; results are in the order of the records.
   * Rejects with `TASK_FENCED` when the partition is another member's or the outcome is unknown: nothing of later steps is visible, and the task
   * is closed and opened anew at the committed offsets. So it is after `RECORD_TOO_LARGE`, `TOPIC_UNKNOWN` and the like, with nothing visible.
   * A step without records and offsets is nothing and always succeeds.
   */
  commit(step: Step): Promise<readonly Appended[]>
  /**
   * Whether surely no other member has the partition yet. Who was frozen or cut off from Kafka learns only afterwards that another took over, so a task that acts on
   * anything but Kafka asks each time before it begins to. False may become true again.
   */
  mayAct(): boolean
  /** Gives the task no more records of this input topic until `resume`; what `process` has in hand stays with it. The other topics go on. */
  pause(topic: string): void
  resume(topic: string): void
  /** Closes this task and opens it anew at the committed offsets after a pause that grows with repeated failures. */
  fail(error: unknown): void
}

/** The work on one partition number. Exactly one open task of a group may commit for a partition number. */
export interface Task {
  /**
   * Takes records of one input topic in offset order; never called while an earlier call is pending. The next records are read as soon as
   * it resolves, committed or not, so a task that commits later keeps its own window. A rejection has the effect of `fail`. Only a call that is
   * pending holds the partition's reading up, no other partition's and no heartbeat. It must settle soon after the signal has aborted, because
   * the task is opened anew only then.
   */
  process(records: readonly StoredRecord[]): Promise<void>
  /** Finishes what was taken if the signal has not aborted (a drain), else gives it up. Comes when no `process` is pending; no call follows. */
  close(): Promise<void>
}

export interface GroupOptions {
  readonly group: string
  /** Input topics of one partition count. Partition n of all of them belongs to task n. New groups begin at the earliest offset. */
  readonly topics: readonly string[]
  /** Opens a task after its former owner was fenced and before its first record. */
  open(context: TaskContext): Promise<Task>
  /**
   * The member cannot go on, its tasks are closed without another commit, and the process should exit: the client crashed without restart, or
   * records were deleted unread (`OFFSET_OUT_OF_RANGE`), or a topic is gone or another (`TOPIC_GONE`, `TOPIC_RECREATED`).
   */
  onFatal(error: Error): void
}

export interface Membership {
  /** The partition numbers whose tasks are open here. */
  owned(): readonly number[]
  /** Drains: takes no more, closes the tasks, leaves the group. */
  leave(): Promise<void>
}

/** Reads whole topics from their beginning, without a group, for as long as it is open. */
export interface Follower {
  /**
   * Resolves when everything committed in these topics (or this partition of a topic) before the call has been applied. It waits for transactions
   * that are open at the call, since what is committed behind them is not readable yet: 10 s at most when their producer is dead.
   */
  caughtUp(topic?: string, partition?: number): Promise<void>
  /** The offset after the last one applied, holes and control records included. */
  position(topic: string, partition: number): number
  close(): Promise<void>
}

export interface TopicDescription {
  readonly name: string
  readonly partitions: number
  readonly replicationFactor: number
  /** Only the topic's own settings, which differ from the broker's defaults or were set all the same. */
  readonly config: Readonly<Record<string, string>>
}

export interface TopicCreation {
  readonly name: string
  readonly partitions: number
  /** Default: the broker's. */
  readonly replicationFactor?: number
  readonly config: Readonly<Record<string, string>>
}

export interface TopicAdmin {
  describe(): Promise<readonly TopicDescription[]>
  /** Creates topics and resolves when each has its leaders. Existing ones are an error (`TOPIC_EXISTS`). */
  create(topics: readonly TopicCreation[]): Promise<void>
  /** Sets the named settings of a topic, leaves the others as they are, and resolves when `describe` shows them. */
  configure(name: string, config: Readonly<Record<string, string>>): Promise<void>
  delete(names: readonly string[]): Promise<void>
  /** By partition: the first offset kept and the last stable offset (the next one a read_committed reader could see). */
  offsets(name: string): Promise<readonly { partition: number; earliest: number; stable: number }[]>
}

export interface Kafka {
  publisher(name: string): Promise<Publisher>
  /** Resolves when the group has admitted the member; its tasks open afterwards. Rejects with `TOPIC_UNKNOWN`, `PARTITIONS_DIFFER`, `KAFKA_UNAVAILABLE`. */
  join(options: GroupOptions): Promise<Membership>
  /**
   * Applies every record of the topics in offset order per partition. An error in `apply` stops the follower and is given to `onFatal`, as are
   * `OFFSET_OUT_OF_RANGE`, `TOPIC_GONE` and `TOPIC_RECREATED`.
   */
  follow(
    topics: readonly string[],
    apply: (record: StoredRecord) => void,
    onFatal: (error: Error) => void,
  ): Promise<Follower>
  /**
   * The committed records of one partition from an offset up to `to` (exclusive), never beyond the last stable offset at the call, so it never
   * waits. Throws `OFFSET_OUT_OF_RANGE` for an offset before the first one kept (`topics.offsets`).
   */
  read(topic: string, partition: number, from: number, to?: number): AsyncIterable<StoredRecord>
  /** Records (not control records) that the group has not committed yet, by topic and partition. */
  lag(
    group: string,
    topics: readonly string[],
  ): Promise<readonly { topic: string; partition: number; records: number }[]>
  readonly topics: TopicAdmin
  close(): Promise<void>
}
