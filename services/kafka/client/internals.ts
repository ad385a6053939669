/**
 * Everything Tributary takes from inside kafkajs, in one place. The package has no `exports` map and is frozen at 2.2.4 (package.json pins it),
 * so these paths are as stable as its public ones. They are needed because its consumer cannot say where it stands: control records, compaction
 * holes and empty batches are invisible to it, it resets an offset out of range in silence, and its read_committed filter lets aborted records
 * through. So records are fetched with requests of our own over its connections; its consumer is used for group membership only.
 */
import { createRequire } from 'node:module'
import type { Producer } from 'kafkajs'
import type { ProduceRequest } from '../publishing/produce-request.ts'

const load = createRequire(import.meta.url)

/** kafkajs' growing buffer. */
export interface Encoder {
  readonly buf: Buffer
  writeInt8(value: number): Encoder
  writeInt16(value: number): Encoder
  writeInt32(value: number): Encoder
  writeInt64(value: number | string): Encoder
  writeBoolean(value: boolean): Encoder
  writeString(value: string | null): Encoder
  writeBuffer(value: Buffer): Encoder
  writeArray(value: readonly Encoder[]): Encoder
  /** A compact string of the flexible protocol versions. */
  writeUVarIntString(value: string | null): Encoder
  /** A compact array. */
  writeUVarIntArray(value: readonly Encoder[]): Encoder
  /** Without a value: an empty tag section. */
  writeUVarIntBytes(): Encoder
}

interface Protocol<Answer> {
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    readonly apiName: string
    encode(): Promise<Encoder>
  }
  readonly response: { decode(payload: Buffer): Promise<Answer>; parse(answer: Answer): Promise<Answer> }
  readonly logResponseError: boolean
}

export interface Broker {
  readonly nodeId: number
  metadata(topics: readonly string[]): Promise<unknown>
  produce(request: ProduceRequest): Promise<unknown>
  addPartitionsToTxn(request: object): Promise<unknown>
  disconnect(): Promise<void>
  readonly connectionPool: { send<Answer>(protocol: Protocol<Answer>): Promise<Answer> }
}

/** kafkajs' view of a cluster: its brokers and the connections to them. */
export interface Cluster {
  readonly brokerPool: { findConnectedBroker(): Promise<Broker>; createBroker(options: unknown): Broker }
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  findBroker(by: { nodeId: number }): Promise<Broker>
  findGroupCoordinator(by: { groupId: string; coordinatorType?: number }): Promise<Broker>
  findControllerBroker(): Promise<Broker>
  /** Read by the producer for the requests that begin a transaction or move offsets; kafkajs never sets it. */
  retry?: object
  removeBroker(at: { host: string; port: number }): void
}

const ClusterOfKafkajs: new (options: Record<string, unknown>) => Cluster = load('kafkajs/src/cluster')
const createProducerOfKafkajs: (options: Record<string, unknown>) => Producer = load('kafkajs/src/producer')
const EncoderOfKafkajs: new (size?: number) => Encoder = load('kafkajs/src/protocol/encoder')
const answerOfProduce: Protocol<unknown>['response'] = load('kafkajs/src/protocol/requests/produce/v7/response')
const socketFactory: () => unknown = load('kafkajs/src/network/socketFactory')

/** @param size bytes to begin with, when it is known to become larger than half a kilobyte */
export const encoder = (size?: number): Encoder => new EncoderOfKafkajs(size)

/** The checksum of record batches, unsigned. */
export const crc32c: (bytes: Buffer) => number = load('kafkajs/src/protocol/recordBatch/crc32C')

const defaults = {
  authenticationTimeout: 10_000,
  reauthenticationThreshold: 10_000,
  enforceRequestTimeout: true,
  metadataMaxAge: 300_000,
  allowAutoTopicCreation: false,
}

const coordinatorsKnownMs = 1_000

/** Requests of ours in the place of kafkajs' own. */
export interface OwnCalls {
  /** Asks for all brokers of the cluster. */
  brokers(): Call<unknown>
  produce(request: ProduceRequest): Call<unknown>
}

/** How a connection of its own reaches the cluster: kafkajs' settings of a client. */
type Reach = Record<string, unknown>

interface ProducerOptions {
  readonly createPartitioner: unknown
  readonly retry: object
}

/** A connection of its own to the cluster. */
export const createCluster = (options: Reach, own: OwnCalls): Cluster => {
  const cluster = new ClusterOfKafkajs({ ...defaults, socketFactory: socketFactory(), ...options })
  const { brokerPool } = cluster
  const producing = new Set<Promise<unknown>>()
  const createBroker = brokerPool.createBroker.bind(brokerPool)
  brokerPool.createBroker = of => {
    const broker = createBroker(of)
    const metadata = broker.metadata.bind(broker)
    const addPartitions = broker.addPartitionsToTxn.bind(broker)
    broker.produce = request => afterAll(callAsKafkajs(broker, own.produce(request)), producing)
    broker.addPartitionsToTxn = request => afterAll(addPartitions(request), producing)
    // Asked for no topic, kafkajs asks for all, and fails when one of them, be it anybody's, has no leader now.
    broker.metadata = topics => (topics.length === 0 ? call(broker, own.brokers()) : metadata(topics))
    return broker
  }
  return cluster
}

/** An idempotent producer of kafkajs, one request in flight. It must be closed after a failure. */
export const createIdempotentProducer = (options: Reach, own: OwnCalls, producer: ProducerOptions): Producer =>
  createProducerOfKafkajs({
    ...producer,
    cluster: createCluster({ maxInFlightRequests: 1, ...options }, own),
    logger: options['logger'],
    idempotent: true,
  })

/**
 * A producer of kafkajs that remembers coordinators for a second (kafkajs looks them up four times in each transaction) and retries as `retry`
 * says in every place (kafkajs waits 300 ms for a transaction that is about to end). It must be closed after a failure.
 */
export const createTransactionalProducer = (
  options: Reach,
  own: OwnCalls,
  producer: ProducerOptions & { transactionalId: string; transactionTimeout: number },
): Producer => {
  const cluster = createCluster({ maxInFlightRequests: 1, ...options }, own)
  const find = cluster.findGroupCoordinator.bind(cluster)
  const known = new Map<string, { readonly broker: Promise<Broker>; readonly until: number }>()
  cluster.findGroupCoordinator = by => {
    const key = `${by.coordinatorType} ${by.groupId}`
    const found = known.get(key)
    if (found && performance.now() < found.until) return found.broker
    const broker = find(by)
    known.set(key, { broker, until: performance.now() + coordinatorsKnownMs })
    broker.catch(() => known.delete(key))
    return broker
  }
  cluster.retry = producer.retry
  return createProducerOfKafkajs({ ...producer, cluster, logger: options['logger'], idempotent: true })
}

/**
 * A refusal is told only when every other request of the send has its answer, those included that follow on one. kafkajs tries again at the first refusal, and sends
 * what another broker is about to acknowledge once more, with new sequence numbers.
 */
const afterAll = async <Answer>(sent: Promise<Answer>, producing: Set<Promise<unknown>>): Promise<Answer> => {
  producing.add(sent)
  try {
    return await sent
  } catch (error) {
    producing.delete(sent)
    do {
      await Promise.allSettled(producing)
      await new Promise(setImmediate)
    } while (producing.size > 0)
    throw error
  } finally {
    producing.delete(sent)
  }
}

/** A request that kafkajs lacks or writes slowly: how it is written and how its answer is read. */
export interface Call<Answer> {
  readonly apiKey: number
  readonly apiVersion: number
  readonly apiName: string
  encode(): Encoder
  decode(payload: Buffer): Answer | Promise<Answer>
  /** Rejects when the answer is a refusal. */
  parse?(answer: Answer): Promise<Answer>
}

/** How kafkajs reads the answer to a Produce request of version 7. */
export const produceAnswer: Pick<Required<Call<unknown>>, 'decode' | 'parse'> = answerOfProduce

/** Sends a request to a broker. Rejects with kafkajs' errors when the connection is lost or the answer does not come in time. */
export const call = <Answer>(
  broker: Broker,
  { apiKey, apiVersion, apiName, ...codec }: Call<Answer>,
): Promise<Answer> =>
  broker.connectionPool.send<Answer>({
    request: { apiKey, apiVersion, apiName, encode: () => Promise.resolve(codec.encode()) },
    response: {
      decode: payload => Promise.resolve(codec.decode(payload)),
      parse: answer => (codec.parse ? codec.parse(answer) : Promise.resolve(answer)),
    },
    logResponseError: false,
  })

/** The same, and a broker whose connection was lost is left, as after every request of kafkajs' own. */
const callAsKafkajs = async <Answer>(broker: Broker, asked: Call<Answer>): Promise<Answer> => {
  try {
    return await call(broker, asked)
  } catch (error) {
    if (error instanceof Error && error.name === 'KafkaJSConnectionClosedError') await broker.disconnect()
    throw error
  }
}

interface RequestQueue {
  readonly pending: readonly unknown[]
  readonly throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
}

/**
 * kafkajs re-arms this timer for ever, with a negative delay: ~5 % of a core while idle, and a TimeoutNegativeWarning on the terminal
 * (kafkajs issues 1556 and 1751). A timer is needed only while requests wait.
 */
const RequestQueueOfKafkajs: { prototype: RequestQueue } = load('kafkajs/src/network/requestQueue')
RequestQueueOfKafkajs.prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests() {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    Math.max(this.throttledUntil - Date.now(), 10),
  )
}

interface Connection {
  readonly socket?: object
  readonly connectionStatus: string
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
}

const ConnectionOfKafkajs: { prototype: Connection } = load('kafkajs/src/network/connection')
const { connect, disconnect } = ConnectionOfKafkajs.prototype

/** Two callers that find a connection closed would each open a socket and lose one of them. */
const connecting = new WeakMap<Connection, Promise<unknown>>()
ConnectionOfKafkajs.prototype.connect = function connectOnce() {
  const started = connecting.get(this) ?? connect.call(this).finally(() => connecting.delete(this))
  connecting.set(this, started)
  return started
}

/** kafkajs ends a socket again and again that is closed already, and each time leaves a listener on it, until Node warns of a leak. */
const ended = new WeakSet<object>()
ConnectionOfKafkajs.prototype.disconnect = async function disconnectOnce() {
  if (this.connectionStatus === 'disconnected' && this.socket && ended.has(this.socket)) return true
  const result = await disconnect.call(this)
  if (this.socket) ended.add(this.socket)
  return result
}
