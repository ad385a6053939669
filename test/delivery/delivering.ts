import assert from 'node:assert/strict'
import type { Delivered, Identity, IdentityClaim, Receipt, SinkWrite } from '../../schemas/generated.ts'
import type { Destination } from '../../services/delivery/destination.ts'
import type { DeliverySettings } from '../../services/delivery/settings.ts'
import { type RunningSink, startSink } from '../../services/delivery/start-sink.ts'
import { createDirectory } from '../../services/identity/directory.ts'
import type { Follower, Kafka, Membership, StoredRecord } from '../../services/kafka/kafka.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import type { Clock } from '../../services/runtime/clock.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { type FieldValue, type Stream, settable, sink } from '../../topology/define.ts'
import {
  deadLetters,
  delivered,
  hubspotWrites,
  hubspotWritesReplay,
  identityClaims,
  keyOfWrite,
  receipts,
  topics,
} from '../../topology/topics.ts'

/** Time that passes only when the test lets it. */
export class VirtualClock implements Clock {
  #now = Date.parse('2026-03-04T15:00:00Z')
  #sleepers: { at: number; wake: () => void }[] = []

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || ms <= 0) return Promise.resolve()
    return new Promise(resolve => {
      const sleeper = { at: this.#now + ms, wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter(one => one !== sleeper)
        resolve()
      })
    })
  }

  advance(ms: number): void {
    this.#now += ms
    const due = this.#sleepers.filter(({ at }) => at <= this.#now)
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now)
    for (const { wake } of due.toSorted((a, b) => a.at - b.at)) wake()
  }

  /** Lets time pass until the next sleeper wakes; gives whether there was one. */
  advanceToNext(): boolean {
    const next = Math.min(...this.#sleepers.map(({ at }) => at))
    if (next === Number.POSITIVE_INFINITY) return false
    this.advance(next - this.#now)
    return true
  }
}

export const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

export interface WriteFacts {
  readonly person: string | null
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly revision?: number | null
  readonly time?: number
  readonly eventId?: string
  readonly id?: string
  readonly createIfMissing?: boolean
  readonly fieldsOnCreate?: Readonly<Record<string, FieldValue>>
  readonly operation?: SinkWrite['operation']
  readonly object?: string
  readonly key?: string
  readonly once?: string
  readonly at?: number
  readonly shared?: boolean
}

let writes = 0

export const writeOf = (destination: string, facts: WriteFacts): SinkWrite => {
  const eventId = facts.eventId ?? `event-${writes}`
  const time = facts.time ?? Date.parse('2026-03-04T14:59:00Z')
  return {
    id: facts.id ?? `write-${writes++}`,
    operation: facts.operation ?? 'SET',
    destination,
    object: facts.object ?? 'contact',
    person: facts.person,
    fields: facts.fields,
    createIfMissing: facts.createIfMissing ?? true,
    fieldsOnCreate: facts.fieldsOnCreate ?? {},
    version: { revision: facts.revision ?? null, time, eventId },
    shared: facts.shared ?? false,
    once: facts.once ?? null,
    key: facts.key ?? null,
    at: facts.at ?? null,
    cause: { consumer: 'test', eventId, occurredAt: time, receivedAt: time },
  }
}

const row: Omit<Identity, 'kind'> = {
  ...{ person: null, aliases: [], former: [], firstClaimed: null, links: [], apart: [] },
  ...{ pointer: null, attributes: {}, erased: null, lifted: null },
}

export const personRow = (id: string, aliases: readonly string[]): Identity => ({
  ...row,
  kind: 'PERSON',
  person: id,
  aliases,
})

export const mergedRow = (into: string): Identity => ({ ...row, kind: 'MERGED', person: into })

/** What a started sink is, where the destination has more than one. */
interface SinkFacts {
  readonly name: string
  readonly reads: Stream<SinkWrite>
  readonly replays: Stream<SinkWrite>
  /** Names of objects of the destination. */
  readonly objects: readonly string[]
}

/** A sink over Kafka in memory and time that the test moves. */
export const delivering = async <D extends Destination>(
  build: (clock: Clock) => D,
  options: {
    readonly settings?: Partial<DeliverySettings>
    readonly clock?: Clock
    /** Holds up the followers of tables. */
    readonly beforeCaughtUp?: () => Promise<void>
  } = {},
) => {
  const virtual = new VirtualClock()
  const clock = options.clock ?? virtual
  const destination = build(clock)
  const kafka = memoryKafka({ clock })
  await kafka.topics.create(
    topics.map(({ name, partitions }) => ({ name, partitions: partitions === 'one' ? 1 : 4, config: {} })),
  )
  const codec = await createCodec({ registry: memoryRegistry(), topics, clock, register: true })
  const directory = createDirectory('secret')
  const metrics = createMetrics()
  const logs: string[] = []
  const logger = createLogger({ level: 'debug', write: line => logs.push(line) })
  const publisher = await kafka.publisher('test')
  const members: Membership[] = []
  const spied: Kafka = new Proxy(kafka, {
    get: (target, name) => {
      if (name === 'join')
        return async (joining: Parameters<Kafka['join']>[0]) => {
          const member = await target.join(joining)
          members.push(member)
          return member
        }
      if (name === 'follow')
        return async (...following: Parameters<Kafka['follow']>): Promise<Follower> => {
          const follower = await target.follow(...following)
          const caughtUp: Follower['caughtUp'] = async (...topic) => {
            await options.beforeCaughtUp?.()
            await follower.caughtUp(...topic)
          }
          return { caughtUp, position: (...of) => follower.position(...of), close: () => follower.close() }
        }
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const fatal: Error[] = []
  /** Starts a sink of the destination: of all its objects and with its name, unless the facts say otherwise. */
  const start = (facts: Partial<SinkFacts> = {}): Promise<RunningSink> => {
    const whole = { reads: hubspotWrites, replays: hubspotWritesReplay, objects: Object.keys(destination.objects) }
    const { name, reads, replays, objects } = { name: destination.name, ...whole, ...facts }
    const settableObjects = objects.map(object => settable()({ destination: destination.name, object, topic: reads }))
    return startSink({
      sink: sink({ name, destination: destination.name, reads, replays, objects: settableObjects }),
      ...{ destination, kafka: spied, codec, directory, metrics, logger, clock, random: () => 0.5 },
      settings: options.settings ?? {},
      onFatal: error => fatal.push(error),
    })
  }
  const publish = async (topic: Stream<SinkWrite>, all: readonly WriteFacts[]): Promise<void> => {
    const records = all.map(one => {
      const value = writeOf(destination.name, one)
      return { topic: topic.name, key: keyOfWrite(value), value: codec.encode(topic, value) }
    })
    await publisher.publish(records)
  }

  const read = async (topic: string): Promise<StoredRecord[]> => {
    const partitions = await kafka.topics.offsets(topic)
    const records: StoredRecord[] = []
    for (const { partition, earliest } of partitions)
      for await (const record of kafka.read(topic, partition, earliest)) records.push(record)
    return records
  }
  const decoded = async <Value>(topic: Parameters<typeof codec.decode<Value>>[0]): Promise<Value[]> => {
    const records = await read(topic.name)
    await codec.prepare(records.map(({ value }) => value))
    return records.flatMap(({ value }) => (value ? [codec.decode(topic, value)] : []))
  }

  const harness = {
    clock: virtual,
    destination,
    kafka,
    directory,
    metrics,
    logs,
    members,
    fatal,
    start,
    know: (id: string, ...aliases: string[]): void => directory.apply(`person:${id}`, personRow(id, aliases)),
    write: (...all: WriteFacts[]): Promise<void> => publish(hubspotWrites, all),
    replay: (...all: WriteFacts[]): Promise<void> => publish(hubspotWritesReplay, all),
    writeTo: publish,
    publishRaw: (value: Buffer): Promise<unknown> =>
      publisher.publish([{ topic: hubspotWrites.name, key: 'raw', value }]),
    replayRaw: (value: Buffer): Promise<unknown> =>
      publisher.publish([{ topic: hubspotWritesReplay.name, key: 'raw', value }]),
    receipts: (): Promise<Receipt[]> => decoded<Receipt>(receipts),
    claims: (): Promise<IdentityClaim[]> => decoded<IdentityClaim>(identityClaims),
    deadLetters: (): Promise<StoredRecord[]> => read(deadLetters.name),
    /** The latest row per key. */
    delivered: async (): Promise<Map<string, Delivered>> => {
      const rows = new Map<string, Delivered>()
      const records = await read(delivered.name)
      await codec.prepare(records.map(({ value }) => value))
      for (const { key, value } of records) {
        if (value) rows.set(String(key), codec.decode(delivered, value))
        else rows.delete(String(key))
      }
      return rows
    },
    lag: async (
      group = destination.name,
      inputs: readonly Stream<SinkWrite>[] = [hubspotWrites, hubspotWritesReplay],
    ): Promise<number> => {
      const names = inputs.map(({ name }) => name)
      return (await kafka.lag(group, names)).reduce((sum, { records }) => sum + records, 0)
    },
    /** By write id: the latest outcome. */
    outcomes: async (): Promise<Record<string, string>> =>
      Object.fromEntries((await decoded<Receipt>(receipts)).map(({ writeId, outcome }) => [writeId, outcome])),
    /** Lets the sink work, and virtual time pass while it waits, until the condition holds. */
    until: async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
      for (let step = 0; step < (clock === virtual ? 50_000 : 4_000); step++) {
        await turns(6)
        if (await holds()) return
        if (clock !== virtual) await clock.sleep(5)
        else if (!virtual.advanceToNext()) await turns(20)
      }
      assert.fail(`waited in vain until ${what}`)
    },
    done: (): Promise<void> => harness.until('all writes are finished', async () => (await harness.lag()) === 0),
  }
  return harness
}
