/** The requests that the mock knows: their keys, and the highest version that it speaks. */
export const apis = {
  Produce: { key: 0, version: 7 },
  Fetch: { key: 1, version: 4 },
  ListOffsets: { key: 2, version: 1 },
  Metadata: { key: 3, version: 1 },
  OffsetCommit: { key: 8, version: 2 },
  OffsetFetch: { key: 9, version: 1 },
  FindCoordinator: { key: 10, version: 1 },
  JoinGroup: { key: 11, version: 0 },
  Heartbeat: { key: 12, version: 0 },
  LeaveGroup: { key: 13, version: 0 },
  SyncGroup: { key: 14, version: 0 },
  ApiVersions: { key: 18, version: 2 },
  CreateTopics: { key: 19, version: 0 },
  InitProducerId: { key: 22, version: 0 },
  AddPartitionsToTxn: { key: 24, version: 0 },
  AddOffsetsToTxn: { key: 25, version: 0 },
  EndTxn: { key: 26, version: 0 },
  TxnOffsetCommit: { key: 28, version: 0 },
  AlterConfigs: { key: 33, version: 0 },
  IncrementalAlterConfigs: { key: 44, version: 0 },
} as const

export type Api = keyof typeof apis

/** https://kafka.apache.org/protocol#protocol_error_codes */
export const errors = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  coordinatorNotAvailable: 15,
  rebalanceInProgress: 27,
  groupAuthorizationFailed: 30,
  outOfOrderSequence: 45,
  concurrentTransactions: 51,
} as const

export interface StoredBatch {
  readonly first: number
  readonly last: number
  readonly bytes: Buffer
}

export interface Partition {
  /** Broker id. */
  leader: number
  /** What metadata say about it: an error code. */
  error: number
  /** The first offset kept. */
  beginning: number
  /** The offset after the last record. */
  end: number
  readonly batches: StoredBatch[]
  /** Values that producers have appended, in order. */
  readonly values: string[]
  /** By producer id: where each sequence number lies, and the next one. */
  readonly producers: Map<number, { readonly offsets: Map<number, number>; next: number }>
}

/** What the brokers of a mock cluster keep. */
export class MockState {
  readonly ports: number[] = []
  readonly topics = new Map<string, Partition[]>()
  /** By `topic/partition`: what the group has committed. */
  readonly committed = new Map<string, number>()
  /** How many were given away; the next one is greater. */
  producerIds = 0

  constructor(brokers: number, topics: Readonly<Record<string, number>>) {
    for (const [name, count] of Object.entries(topics)) this.create(name, count, brokers)
  }

  create(topic: string, partitions: number, brokers = this.ports.length): void {
    const made = Array.from({ length: partitions }, (_, index) => ({
      leader: 1 + (index % brokers),
      error: 0,
      beginning: 0,
      end: 0,
      batches: [],
      values: [],
      producers: new Map(),
    }))
    this.topics.set(topic, made)
  }

  partition(topic: string, index: number): Partition {
    const found = this.topics.get(topic)?.[index]
    if (!found) throw new Error(`The mock has no partition ${index} of ${topic}`)
    return found
  }

  /** Stores batches for consumers to fetch. */
  store(topic: string, index: number, ...batches: readonly Buffer[]): void {
    const partition = this.partition(topic, index)
    for (const bytes of batches) {
      const first = Number(bytes.readBigInt64BE())
      const last = first + bytes.readInt32BE(23)
      partition.batches.push({ first, last, bytes })
      partition.end = last + 1
    }
  }
}
