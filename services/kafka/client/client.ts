import type { ConnectionOptions } from 'node:tls'
import kafkajs, {
  type Kafka as Client,
  type KafkaConfig,
  type LogEntry,
  type Producer,
  type SASLOptions,
} from 'kafkajs'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/log.ts'
import { produceCall } from '../publishing/produce-request.ts'
import type { Stall } from '../reading/stalls.ts'
import { type Cluster, createCluster, createIdempotentProducer, createTransactionalProducer } from './internals.ts'
import { brokersCall } from './requests.ts'

/** How to reach a cluster. */
export interface ConnectOptions {
  /** `host:port` of some brokers; the others are found. */
  readonly brokers: readonly string[]
  readonly ssl?: ConnectionOptions | boolean
  readonly sasl?: SASLOptions
  /** Names this process in the brokers' logs and quotas. */
  readonly clientId: string
  /** TOPIC_PREFIX: put before every topic, group and transactional name. */
  readonly topicPrefix?: string
  readonly logger: Logger
  readonly clock: Clock
  /** A member that is silent for so long has lost its partitions; brokers accept 6,000 to 1,800,000 ms by default. Default 10,000. */
  readonly sessionTimeoutMs?: number
  /** How often a member shows that it lives, and so how soon it learns of a change in the group. Default 1,000. */
  readonly heartbeatIntervalMs?: number
  /** How long a transaction may hold back what was written behind it before that is told. Default 25,000. */
  readonly stalledAfterMs?: number
  /** Told when records of a topic that is read here wait behind a transaction that stays open, and when they no longer do. */
  readonly onStall?: (stall: Stall) => void
}

/** What the parts of the client share. */
export interface Connection {
  readonly options: ConnectOptions
  readonly client: Client
  /** The name on the cluster of a logical topic, group or transactional name. */
  readonly physical: (name: string) => string
  /** A connection of its own. kafkajs sends one fetch at a time over each. */
  readonly openCluster: () => Cluster
  readonly createIdempotentProducer: (options: Parameters<typeof createIdempotentProducer>[2]) => Producer
  readonly createTransactionalProducer: (options: Parameters<typeof createTransactionalProducer>[2]) => Producer
}

const requestTimeoutMs = 10_000
const retry = { initialRetryTime: 50, maxRetryTime: 1_000, retries: 12 }

export const createConnection = (options: ConnectOptions): Connection => {
  const reach: Pick<
    KafkaConfig,
    'brokers' | 'ssl' | 'sasl' | 'clientId' | 'connectionTimeout' | 'requestTimeout' | 'retry'
  > = {
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    retry,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
  }
  const client = new kafkajs.Kafka({
    ...reach,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => logTo(options.logger, options.clock),
  })
  const prefix = options.topicPrefix ?? ''
  const own = { ...reach, logger: client.logger() }
  const calls = { brokers: brokersCall, produce: produceCall }
  return {
    options,
    client,
    physical: name => prefix + name,
    openCluster: () => createCluster(own, calls),
    createIdempotentProducer: producer => createIdempotentProducer(own, calls, producer),
    createTransactionalProducer: producer => createTransactionalProducer(own, calls, producer),
  }
}

/** What kafkajs calls errors and then retries by itself. What it cannot mend reaches its caller, who says so. */
const retriedNoise =
  /^Response |^Failed to send messages|^Crash|^Restarting the consumer|concurrent operation|is loading|is rebalanc|re-joining|not aware of this member|old epoch/

const repeatAfterMs = 30_000

/** kafkajs' own lines: its errors become warnings, each at most twice a minute; everything else is for debugging. */
const logTo = (logger: Logger, clock: Clock) => {
  const told = new Map<string, number>()
  return ({ label, log }: LogEntry): void => {
    const message = `kafkajs: ${log.message}`
    const now = clock.now()
    const repeated = now - (told.get(message) ?? Number.NEGATIVE_INFINITY) < repeatAfterMs
    if (label !== 'ERROR' || retriedNoise.test(log.message) || repeated) {
      logger.debug({}, message)
      return
    }
    if (told.size > 100) told.clear()
    told.set(message, now)
    logger.warn({}, message)
  }
}
