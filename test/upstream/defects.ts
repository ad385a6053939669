import type { Package } from './shipped.ts'

export interface Guard {
  /** From the repository's root. */
  readonly file: string
  /** What it does instead, after "it". */
  readonly does: string
}

export interface Defect {
  readonly package: Package
  /** What the package does, after its name: "kafkajs …", and once it is mended "kafkajs no longer …". */
  readonly does: string
  /** Where it is or was discussed; none is known for the others. */
  readonly upstream: readonly string[]
  /** What of ours it justifies; nothing where we live with it. */
  readonly guards: readonly Guard[]
}

const kafkajs = (
  does: string,
  guards: Readonly<Record<string, string>>,
  ...upstream: readonly (string | number)[]
): Defect => ({
  package: 'kafkajs',
  does,
  upstream: upstream.map(at => (typeof at === 'number' ? `https://github.com/tulios/kafkajs/issues/${at}` : at)),
  guards: guardsOf(guards),
})

const registryClient = (
  does: string,
  guards: Readonly<Record<string, string>>,
  ...issues: readonly number[]
): Defect => ({
  package: '@kafkajs/confluent-schema-registry',
  does,
  upstream: issues.map(issue => `https://github.com/kafkajs/confluent-schema-registry/issues/${issue}`),
  guards: guardsOf(guards),
})

const avsc = (does: string, guards: Readonly<Record<string, string>>, ...upstream: readonly string[]): Defect => ({
  package: 'avsc',
  does,
  upstream,
  guards: guardsOf(guards),
})

const guardsOf = (guards: Readonly<Record<string, string>>): readonly Guard[] =>
  Object.entries(guards).map(([file, does]) => ({ file: `services/${file}`, does }))

const internals = 'kafka/client/internals.ts'
const requests = 'kafka/client/requests.ts'
const outgoing = 'kafka/publishing/outgoing.ts'
const publisher = 'kafka/publishing/publisher.ts'
const transactions = 'kafka/groups/transactional-producer.ts'
const member = 'kafka/groups/group-member.ts'
const fetcher = 'kafka/reading/fetcher.ts'
const batches = 'kafka/reading/record-batch.ts'
const codec = 'runtime/codec.ts'
const bounds = 'runtime/avro-bounds.ts'
const registry = 'runtime/registry.ts'

/** Every defect of the clients that a guard of ours is for, by an id that its reproduction names. */
export const defects = {
  // Producing
  'leader-move-loses': kafkajs(
    'acknowledges a send and loses the records of a partition whose leader moves meanwhile',
    { [outgoing]: 'checks that every partition sent was acknowledged' },
    'https://github.com/tulios/kafkajs/pull/1798',
  ),
  'leader-move-repeats': kafkajs(
    'writes the records of a partition twice, idempotent or not, when its leader moves between two attempts of a send',
    { [outgoing]: 'ends a transaction in which a partition was acknowledged twice' },
  ),
  'refusal-repeats': kafkajs(
    'writes the records that one broker takes twice, idempotent or not, when another broker refuses its part sooner',
    { 'kafka/client/internals.ts': 'tells a refusal when every other broker has answered' },
  ),
  'concurrent-sends-reuse-sequence': kafkajs(
    'writes one of two concurrent idempotent sends twice and loses the other when an answer is lost, and acknowledges both',
    { [publisher]: 'has one send in flight', 'kafka/groups/tenure.ts': 'has one commit of a task in flight' },
    598,
    1005,
  ),
  'retry-repartitions': kafkajs(
    'sends a record without a key to another partition at a retry, and so writes it twice',
    { [outgoing]: 'gives every record its partition before it is sent' },
  ),
  'quadratic-grouping': kafkajs('groups the records of a send in quadratic time', {
    [outgoing]: 'sends 500 records of a partition at a time',
  }),
  'strangers-topic-stops-producer': kafkajs(
    'refuses to start an idempotent producer while any topic of the cluster has no leader',
    { [internals]: 'asks for the brokers without topics' },
  ),

  // Transactions
  'failed-commit-wedges': kafkajs(
    'leaves a producer unable to abort or to begin again after one failed commit',
    { [transactions]: 'throws a producer away after any failure', [member]: 'opens a task anew with another producer' },
    469,
  ),
  'commit-tried-once': kafkajs('gives up a commit that a moving coordinator refused, without another try', {
    [member]: 'takes the outcome for unknown and opens the task anew',
  }),
  'offsets-not-retried': kafkajs(
    'gives up moving offsets when the former transaction is just about to end',
    { [transactions]: 'tries again after five milliseconds' },
    430,
    1068,
  ),
  'coordinator-not-remembered': kafkajs('asks for the coordinator again at every step of a transaction', {
    [internals]: 'remembers coordinators for a second',
  }),
  'transaction-ignores-retry': kafkajs(
    'ignores the retry settings of a producer when a transaction is begun, and waits 300 ms',
    { [internals]: 'sets the retry settings of its cluster' },
    304,
  ),
  'fences-late': kafkajs(
    'fences the former owner of a transactional id only when the first transaction begins, not when it connects',
    { [transactions]: 'ends an empty transaction before the committed offsets are read' },
  ),
  'offsets-without-generation': kafkajs(
    'moves offsets in a transaction without the generation of the member, so that a zombie is not refused',
    { [member]: 'gives each partition a transactional id, whose former owner is fenced' },
    'https://cwiki.apache.org/confluence/display/KAFKA/KIP-447%3A+Producer+scalability+for+exactly+once+semantics',
  ),
  'reads-unstable-offsets': kafkajs(
    'reads committed offsets that an open transaction is about to move',
    { [requests]: 'asks for stable offsets (OffsetFetch 7)' },
    'https://cwiki.apache.org/confluence/display/KAFKA/KIP-447%3A+Producer+scalability+for+exactly+once+semantics',
  ),

  // Reading
  'aborted-listed-by-end': kafkajs(
    'lets aborted records through when brokers list aborted transactions by their ends, as they do',
    { [batches]: 'sorts them by their beginnings' },
  ),
  'aborted-one-per-record': kafkajs(
    'lets an aborted record through where a fetch begins inside two aborted transactions',
    {
      [batches]: 'takes all transactions that have begun',
    },
  ),
  'aborted-key-of-zeros': kafkajs('takes a record whose key is four zero bytes for the end of an aborted transaction', {
    [batches]: 'takes only control records for ends',
  }),
  'empty-batch-stalls': kafkajs(
    'fetches the same offset for ever when compaction has emptied a batch',
    { [batches]: 'goes on behind the last offset of every batch', [fetcher]: 'goes on behind holes' },
    562,
    1072,
  ),
  'control-batches-untold': kafkajs('hides control records from its user, so that the end of a topic is never seen', {
    'kafka/reading/follower.ts': 'waits for a position that counts them',
  }),
  'offset-reset-in-silence': kafkajs(
    'skips or repeats records in silence when its offset is out of range',
    { [fetcher]: 'fails with OFFSET_OUT_OF_RANGE' },
    'https://github.com/tulios/kafkajs/pull/1777',
  ),
  'topics-by-name': kafkajs('fetches topics by name, and so goes on in one that was deleted and made again', {
    'kafka/reading/fetch-request.ts': 'fetches by topic id',
    [fetcher]: 'fails with TOPIC_RECREATED',
  }),
  'crc-unchecked': kafkajs('delivers records whose checksum is wrong', {}),
  'codecs-missing': kafkajs('lacks Snappy, LZ4 and Zstandard, and stops for good at the first such batch', {
    'kafka/reading/compression.ts': 'reads every codec',
  }),
  'large-batch-crashes': kafkajs('stops for good at a batch of very many small records', {
    [batches]: 'appends records one by one',
  }),
  'slow-partition-blocks': kafkajs(
    'fetches nothing more from a broker while one of its partitions is being processed',
    { [fetcher]: 'fetches for every partition by itself' },
    1732,
    683,
  ),

  // Groups
  'no-heartbeat-while-processing': kafkajs(
    'leaves heartbeats to its user while records are being processed',
    { [member]: 'processes records apart from the consumer that keeps the membership' },
    1396,
  ),
  'stale-only-after-seek': kafkajs(
    'says that a batch is not stale although the group has told the member to give its partitions up',
    { 'kafka/groups/seats.ts': 'closes the tasks of partitions that were taken away' },
    1046,
  ),
  'crash-leaves-process': kafkajs('resolves run() and consumes nothing more after an error that it does not retry', {
    [member]: 'reports a crash without restart as fatal',
  }),
  'assigner-splits': kafkajs('gives partition n of two topics to different members', {
    'kafka/groups/assigner.ts': 'keeps partition n of all topics together',
  }),
  'assigner-forgets': kafkajs(
    'deals all partitions anew when a member joins, whoever has them',
    { 'kafka/groups/assignment.ts': 'leaves partitions where they are as far as a fair share allows' },
    922,
  ),

  // Connections
  'idle-timer-loop': kafkajs(
    'arms a timer about every millisecond for each idle connection',
    { [internals]: 'arms it only while requests wait' },
    1556,
    1704,
  ),
  'negative-timeout-warning': kafkajs(
    'makes Node print a TimeoutNegativeWarning',
    { [internals]: 'never asks for a negative delay' },
    1751,
  ),
  'connect-twice': kafkajs('opens two sockets when two callers find a connection closed, and loses one', {
    [internals]: 'connects once for all callers',
  }),
  'disconnect-leaves-listeners': kafkajs('leaves a listener on a closed socket with each further disconnect', {
    [internals]: 'ends a socket once',
  }),
  'disconnect-waits': kafkajs('holds up a disconnect for as long as an answer is outstanding', {
    [member]: 'waits a second at most',
  }),
  'error-codes-end': kafkajs('knows no error code of brokers beyond 88', {
    'kafka/client/failures.ts': 'has a table of those that are acted upon',
  }),
  'errors-for-retries': kafkajs('logs as errors what it then retries by itself', {
    'kafka/client/client.ts': 'logs such lines for debugging only',
  }),

  // Topics
  'fresh-topic-has-no-leader': kafkajs('fails to create a topic when one broker of several has not heard of it yet', {
    'kafka/client/topic-admin.ts': 'does not let it wait for leaders, and polls',
  }),
  'asking-creates-topics': kafkajs('lets brokers create a topic that it only asks about, when nothing was said', {
    [publisher]: 'forbids it',
    [member]: 'forbids it',
    [internals]: 'forbids it',
  }),
  'deleted-topic-haunts-admin': kafkajs('fails in an admin client for ever once a topic that it asked for is deleted', {
    'kafka/client/topic-admin.ts': 'uses a connection for one call',
  }),
  'config-replaced': kafkajs('knows no way to change one setting of a topic but to replace all', {
    [requests]: 'sends IncrementalAlterConfigs',
  }),

  // The registry client
  'unknown-id-asked-again': registryClient(
    'asks the registry again for each record of an unknown schema id',
    { [codec]: 'takes an id for unknown for a minute' },
    301,
  ),
  'outage-is-400': registryClient(
    'reports a registry that cannot be reached as status 400',
    { [registry]: 'asks by itself and trusts only the error codes 40401 and 40403' },
    306,
  ),
  'reader-schema-parsed-each-time': registryClient('parses the reader schema and resolves it anew for every record', {
    [codec]: 'keeps a resolver for each writer schema',
  }),
  'retry-bleeds': registryClient('lets the retry settings of one client change those of clients made later', {
    [registry]: 'always says its own',
  }),
  'registry-waits-for-ever': registryClient(
    'waits for ever for a registry that accepts a connection and keeps silent',
    {
      [registry]: 'waits ten seconds at most',
    },
  ),
  'url-in-error': registryClient('puts the whole address, with a login in it, into its errors', {
    [registry]: 'names the address without its login, and no cause',
  }),
  'default-compatibility-written': registryClient(
    'sets the compatibility of a new subject to BACKWARD when nothing was said',
    { [registry]: 'says BACKWARD_TRANSITIVE' },
  ),
  'default-subject-is-record': registryClient(
    "registers under the record's name when no subject was said, not the topic's",
    {
      [registry]: 'names the subject',
    },
  ),

  // avsc
  'error-quotes-value': avsc('quotes the value that does not fit in its error', {
    [codec]: 'names the path only',
  }),
  'union-changes-shape': avsc('changes the shape of decoded values when a union gets another branch of numbers', {
    [codec]: 'sets how unions are wrapped',
  }),
  'large-number-throws': avsc('throws in the middle of a record at a whole number beyond 2^53', {
    [codec]: 'reports the record as UNDECODABLE, without its value',
  }),
  'negative-number-flips': avsc('turns a large negative whole number into a positive one', {
    [bounds]: 'takes whole numbers up to 2^52 only',
  }),
  'array-bomb': avsc(
    'takes as long for an array of four bytes as the count in it says',
    { [bounds]: 'refuses a count beyond the bytes left' },
    'https://github.com/apache/avro/pull/3866',
  ),
  'map-bomb': avsc(
    'takes as long for a map of four bytes as the count in it says',
    { [bounds]: 'refuses a count beyond the bytes left' },
    'https://github.com/apache/avro/pull/3866',
  ),
  'proto-key-lost': avsc('loses the entry of a map whose key is __proto__', {
    [bounds]: 'keeps it as a property',
  }),
  'half-character-written': avsc('writes half of a character (a lone surrogate) as bytes that are no UTF-8', {
    [bounds]: 'writes U+FFFD',
  }),
  'wrong-length-decoded': avsc('decodes a record of too few or too many bytes without an error', {
    [codec]: 'compares the end of the record with that of the bytes',
  }),
  'records-are-instances': avsc('makes records instances of its own classes, which equal no plain object', {
    [codec]: 'makes them plain objects',
  }),
} as const satisfies Record<string, Defect>

export type DefectId = keyof typeof defects
