import { TributaryError } from '../../runtime/errors.ts'

/** Broker error codes that are acted upon; https://kafka.apache.org/protocol#protocol_error_codes */
export const brokerError = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  replicaNotAvailable: 9,
  topicAuthorizationFailed: 29,
  kafkaStorageError: 56,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  unstableOffsetCommit: 88,
  unknownTopicId: 100,
  inconsistentTopicId: 103,
} as const

/** The name, type and message of a kafkajs error and of its causes: what can be told without a record's contents. */
interface ClientError {
  readonly name?: string
  readonly type?: string
  readonly message?: string
  readonly cause?: unknown
  readonly originalError?: unknown
}

const chain = (error: unknown): ClientError[] => {
  const found: ClientError[] = []
  for (let at = error as ClientError | undefined; at && found.length < 5; at = at.cause as ClientError | undefined)
    found.push(at)
  return found
}

/** Whether an error of kafkajs, or one behind it, is of one of these protocol types. */
export const isOfType = (error: unknown, ...types: readonly string[]): boolean =>
  chain(error).some(({ type }) => type !== undefined && types.includes(type))

/** One line about a failure of the client, for a message: kafkajs' own texts name brokers, topics and requests, never contents. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : 'an error without a message'

export const unavailable = (what: string, cause: unknown): TributaryError =>
  new TributaryError(
    'KAFKA_UNAVAILABLE',
    `Expected Kafka to ${what}, got: ${reasonOf(cause)}. It is tried again; if it lasts, check KAFKA_BROKERS and the brokers' logs.`,
    { errorClass: 'retryable', cause },
  )

export const unknownTopic = (topic: string): TributaryError =>
  new TributaryError(
    'TOPIC_UNKNOWN',
    `Expected the topic ${topic} to exist, but the cluster has none of this name. Run "tributary topology apply".`,
  )

export const unknownPartition = (topic: string, partition: number): TributaryError =>
  new TributaryError('PARTITION_UNKNOWN', `Expected a partition that ${topic} has, got ${partition}.`)

export const fenced = (group: string, partition: number, cause?: unknown): TributaryError =>
  new TributaryError(
    'TASK_FENCED',
    `Partition ${partition} of group ${group} is no longer this task's, or the outcome of its commit is unknown; it is opened anew where it is owned.`,
    { errorClass: 'retryable', cause },
  )

export const tooLarge = (cause: unknown): TributaryError =>
  new TributaryError(
    'RECORD_TOO_LARGE',
    "Expected every record to fit the topic's max.message.bytes, got a larger one. Nothing was appended.",
    { errorClass: 'rejected', cause },
  )

export const outOfRange = (topic: string, partition: number, offset: number): TributaryError =>
  new TributaryError(
    'OFFSET_OUT_OF_RANGE',
    `Expected offset ${offset} of ${topic}, partition ${partition}, to be kept, but the topic begins after it or ends before it: records were deleted unread ` +
      'or the topic was cut. Nothing was skipped; replay what is needed, then set the group to an offset that exists.',
  )

export const topicGone = (topic: string): TributaryError =>
  new TributaryError(
    'TOPIC_GONE',
    `Expected to go on reading ${topic}, but it no longer exists. Run "tributary topology apply", then start again.`,
  )

export const topicRecreated = (topic: string): TributaryError =>
  new TributaryError(
    'TOPIC_RECREATED',
    `Expected to go on reading ${topic}, but it was deleted and made again. Start again to read what is there now from its beginning.`,
  )

export const topicExists = (names: readonly string[]): TributaryError =>
  new TributaryError('TOPIC_EXISTS', `Expected to create new topics, but the cluster has already: ${names.join(', ')}.`)

export const unequalPartitions = (
  group: string,
  topics: readonly string[],
  counts: readonly number[],
): TributaryError => {
  const found = topics.map((topic, index) => `${topic} ${counts[index]}`).join(', ')
  return new TributaryError(
    'PARTITIONS_DIFFER',
    `Expected one partition count in all input topics of group ${group}, got ${found}.`,
  )
}

export const closed = (what: string): TributaryError =>
  new TributaryError('KAFKA_CLOSED', `Expected ${what} to be open, but it was closed.`)
