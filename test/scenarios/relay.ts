import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { type ConnectOptions, connectKafka } from '../../services/kafka/connect.ts'
import type { Kafka, Membership, OutgoingRecord, StoredRecord } from '../../services/kafka/kafka.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { atEnd } from './at-end.ts'
import type { Platform } from './cluster.ts'
import { eventually } from './eventually.ts'
import { type BeforeStep, type Failed, joinRelay, RELAY } from './relay-task.ts'

/**
 * The smallest service: its members pass each record of the topic `in` on to `out`, by nothing but the seam to Kafka. No state of a consumer and no key of a write
 * hides what came twice, so these topics show exactly what Kafka and the seam did.
 */
export interface Relay {
  readonly options: RelayOptions
  /** Looks at the topics. */
  readonly kafka: Kafka
  /** Its name on the cluster. */
  readonly group: string
  /** The transactional id by which a partition is passed on. */
  transactionalId(partition: number): string
  /** Appends so many numbered records, evenly to the partitions and in order; again when they were not acknowledged, so some may come twice. */
  tell(count: number): Promise<void>
  /** Starts a member in this process. */
  join(before?: BeforeStep): Promise<RelayMember>
  /** Resolves when all that was told is through, exactly once and in order; fails otherwise. */
  isThrough(patienceMs?: number): Promise<Outcome>
}

/** How a member of a relay reaches the cluster; as text it is given to another process. */
export type RelayOptions = Pick<ConnectOptions, 'topicPrefix' | 'sessionTimeoutMs' | 'heartbeatIntervalMs' | 'brokers'>

export interface RelayMember {
  readonly membership: Membership
  /** The codes of what its commits were refused with. */
  readonly failures: readonly string[]
}

export interface Outcome {
  readonly events: number
  readonly lost: number
  readonly duplicated: number
}

/** Records in one call of the publisher. */
const TOGETHER = 30
const RETRY_MS = 200

/** Makes topics of its own on the cluster. */
export const openRelay = async (
  context: TestContext,
  { brokers }: Pick<Platform, 'brokers'>,
  { partitions = 1, sessionTimeoutMs = 6_000 } = {},
): Promise<Relay> => {
  const options = {
    ...{ brokers, topicPrefix: `relay-${randomBytes(4).toString('hex')}-` },
    ...{ sessionTimeoutMs, heartbeatIntervalMs: 200 },
  }
  const kafka = connectKafka({ ...options, clientId: 'relay-test', logger: silentLogger, clock: systemClock })
  atEnd(context, () => kafka.close())
  await kafka.topics.create(['in', 'out'].map(name => ({ name, partitions, config: {} })))
  const publisher = await untilDone(() => kafka.publisher('relay'))
  let told = 0
  const tell: Relay['tell'] = async count => {
    for (let sent = 0; sent < count; ) {
      const records = numbered(told, Math.min(TOGETHER, count - sent), partitions)
      await untilDone(() => publisher.publish(records))
      sent += records.length
      told += records.length
    }
  }
  return {
    ...{ options, kafka, tell, group: `${options.topicPrefix}${RELAY}` },
    transactionalId: partition => `${options.topicPrefix}${RELAY}-${partition}`,
    join: async before => {
      const own = connectKafka({ ...options, clientId: 'relay', logger: silentLogger, clock: systemClock })
      atEnd(context, () => own.close())
      const failures: string[] = []
      const onFailed: Failed = code => failures.push(code)
      return { failures, membership: await joinRelay(own, onFailed, before) }
    },
    isThrough: async patienceMs => {
      const found = await eventually(async () => {
        const waiting = (await kafka.lag(RELAY, ['in'])).reduce((sum, { records }) => sum + records, 0)
        const outcome = await compare(kafka, told)
        // What is there twice will not go away again.
        if (outcome.duplicated === 0) assert.deepEqual([waiting, outcome.lost], [0, 0])
        return outcome
      }, patienceMs)
      const { reordered, ...outcome } = found
      assert.deepEqual(found, { events: told, lost: 0, duplicated: 0, reordered: 0 })
      return outcome
    },
  }
}

const numbered = (first: number, count: number, partitions: number): readonly OutgoingRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const number = first + index
    return { topic: 'in', partition: number % partitions, key: String(number), value: Buffer.from('record') }
  })

/** Every number that was told must lie in `in`, and every offset of `in` once in `out`, in its order: a relayed record's value is its offset. */
const compare = async (kafka: Kafka, told: number): Promise<Outcome & { readonly reordered: number }> => {
  const [taken, passed] = [await readAll(kafka, 'in'), await readAll(kafka, 'out')]
  const numbers = new Set(taken.map(({ key }) => String(key)))
  const places = new Set(passed.map(({ partition, value }) => `${partition}@${value}`))
  const missing = taken.filter(({ partition, offset }) => !places.has(`${partition}@${offset}`))
  const last = new Map<number, number>()
  const reordered = passed.filter(({ partition, value }) => {
    const isBack = Number(value) < (last.get(partition) ?? 0)
    last.set(partition, Number(value))
    return isBack
  })
  return {
    events: told,
    lost: told - numbers.size + missing.length,
    duplicated: passed.length - places.size,
    reordered: reordered.length,
  }
}

/** Every committed record of a topic, partition by partition. */
export const readAll = async (kafka: Kafka, topic: string): Promise<readonly StoredRecord[]> => {
  const partitions = await kafka.topics.offsets(topic)
  const read = partitions.map(({ partition, earliest }) => Array.fromAsync(kafka.read(topic, partition, earliest)))
  return (await Promise.all(read)).flat()
}

/** Tries again what Kafka could not do now, as a vendor does whose webhook was not taken. */
export const untilDone = async <Result>(attempt: () => Promise<Result>): Promise<Result> => {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'retryable') throw error
      await systemClock.sleep(RETRY_MS)
    }
  }
}
