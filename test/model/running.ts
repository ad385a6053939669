import type { IdentityClaim, Webinar } from '../../schemas/generated.ts'
import type { StoredRecord } from '../../services/kafka/kafka.ts'
import { type MemoryKafka, memoryKafka } from '../../services/kafka/memory/memory.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { type AvroTopic, type Codec, createCodec } from '../../services/runtime/codec.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { isOn } from '../../topology/groups.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { identityClaims, webinars } from '../../topology/topics.ts'
import { turns, VirtualClock } from '../delivery/delivering.ts'
import type { Setup } from './commands.ts'
import { type Deed, type Process, processes, type Step } from './deeds.ts'
import { claimOf, email, type Name, registrant, tickMs } from './happenings.ts'
import { startProcess, type TestProcess } from './process.ts'
import { erasureSecret, replayed } from './replayed.ts'
import { type Vendors, vendorsOf } from './vendors.ts'

/** An event as it was told, and where the claims topic ended before. */
export interface Told {
  readonly event: Webinar
  readonly claimsBefore: number
}

/** From here on, what was asked of vendors came after all claims before that offset had been taken in. */
interface Mark {
  readonly asked: number
  readonly claims: number
}

const codec: Promise<Codec> = createCodec({
  ...{ registry: memoryRegistry(), topics: pipeline.topics, clock: systemClock, register: true },
})
const metrics = createMetrics()
const places = ['work', 'home'] as const

const servicesOf: Readonly<Record<Process, ReadonlySet<string>>> = {
  resolver: new Set([pipeline.resolver.name]),
  consumers: new Set(pipeline.consumers.map(({ name }) => name)),
  sinks: new Set(pipeline.sinks.map(({ name }) => name)),
}

/** Groups and what they read. */
const inputs: readonly (readonly [string, readonly string[]])[] = [
  [pipeline.resolver.name, [identityClaims.name]],
  ...pipeline.consumers.filter(isOn).map(({ name, reads }) => [name, [reads.name]] as const),
  ['webinar-contact', ['row-moves']] as const,
  ...pipeline.sinks.map(({ name, reads, replays }) => [name, [reads.name, replays.name]] as const),
]

const mostRounds = 1_500
/** Longer than a sink rests between two sweeps for the erased. */
const nowAndThenMs = 6_000

/** The whole map over Kafka and two CRMs in memory, in three processes. */
export class Running {
  readonly clock = new VirtualClock()
  readonly kafka: MemoryKafka = memoryKafka({ clock: this.clock })
  readonly vendors: Vendors
  readonly codec: Codec
  readonly told: Told[] = []
  readonly marks: Mark[] = []
  readonly fatal: Error[] = []
  /** Numbers of effects in HubSpot after which a sink did not know of all of them any more; undefined when it may be any. */
  lapses: number[] | undefined = []
  readonly #running = new Map<Process, TestProcess>()

  private constructor(setup: Setup, ready: Codec) {
    this.codec = ready
    this.vendors = vendorsOf(setup, this.clock)
  }

  static async start(setup: Setup): Promise<Running> {
    const running = new Running(setup, await codec)
    const specs = topicSpecs(pipeline.topics)
    await running.kafka.topics.create(specs.map(spec => ({ ...spec, partitions: Math.min(spec.partitions, 2) })))
    await running.startAll()
    return running
  }

  async take({ deed, at, turns: count }: Step): Promise<void> {
    this.clock.advance(Math.max(tickMs, at - this.clock.now()))
    await this.#do(deed)
    await turns(count)
  }

  /** Ends in order and starts with nothing but what Kafka holds after compaction. */
  async startAnew(): Promise<void> {
    for (const process of processes) await this.#end(process, 'stop')
    for (const { name, cleanup } of compactable()) if (cleanup) this.kafka.compact(name)
    await this.startAll()
    await this.settle()
  }

  async startAll(): Promise<void> {
    for (const process of processes) await this.#start(process)
  }

  /** Lets all work end, with the time that it takes. */
  async settle(): Promise<void> {
    for (let quiet = 0, rounds = 0; quiet < 3; rounds++) {
      await this.kafka.idle()
      const [lag = ''] = await this.#lagging()
      if (lag === '') quiet += 1
      else {
        quiet = 0
        await turns(4)
      }
      if (rounds > mostRounds) throw new Error(`Expected the services to come to an end, but behind is ${lag}.`)
      if (lag === '') this.clock.advance(25)
      else this.clock.advanceToNext()
    }
  }

  /** The same, with what a service does only now and then. */
  async settleForLong(): Promise<void> {
    await this.settle()
    this.clock.advance(nowAndThenMs)
    await this.settle()
  }

  replay(consumer: string): Promise<void> {
    return replayed(this, consumer)
  }

  process(process: Process): TestProcess | undefined {
    return this.#running.get(process)
  }

  /** What lies in a topic, partition by partition. */
  async records(topic: string): Promise<readonly StoredRecord[]> {
    const offsets = await this.kafka.topics.offsets(topic)
    const partitions = await Promise.all(
      offsets.map(({ partition, earliest }) => Array.fromAsync(this.kafka.read(topic, partition, earliest))),
    )
    return partitions.flat()
  }

  /** The same decoded, with each record's offset and key; tombstones are null. */
  async values<Value>(
    topic: AvroTopic<Value>,
  ): Promise<readonly { readonly offset: number; readonly key: string; readonly value: Value | null }[]> {
    return (await this.records(topic.name)).map(({ offset, key, value }) => ({
      ...{ offset, key: key?.toString() ?? '' },
      value: value === null ? null : this.codec.decode(topic, value),
    }))
  }

  async close(): Promise<void> {
    for (const process of processes) await this.#end(process, 'kill')
    await this.kafka.close()
  }

  async #do(deed: Deed): Promise<void> {
    if (deed.do === 'tell') await this.#tell(deed.events)
    else if (deed.do === 'claim') await this.#claim(deed.claim)
    else if (deed.do === 'erase') await this.#erase(deed.alias, deed.at)
    else if (deed.do === 'lift') await this.#lift(deed.name, deed.at, deed.isSudden)
    else if (deed.do === 'kill' || deed.do === 'stop') await this.#end(deed.process, deed.do)
    else if (deed.do === 'start') await this.#start(deed.process)
    else if (deed.do === 'fail') this.vendors[deed.vendor].fail(deed.fault, 1, deed.request)
    else if (deed.do === 'lose-commit') this.#loseCommit(deed.group, deed.how)
    else if (deed.do === 'merge-contacts') this.vendors.mergeContacts(deed.from, deed.into)
    else if (deed.do === 'delete-contact') this.vendors.deleteContact(deed.address)
    else if (deed.do === 'replay') await this.replay(deed.consumer)
    else if (deed.do === 'settle') await this.settle()
  }

  async #tell(events: readonly Webinar[]): Promise<void> {
    const claimsBefore = await this.#claimsEnd()
    const received = events.map(event => ({ ...event, receivedAt: Math.max(this.clock.now(), event.occurredAt) }))
    for (const event of received) this.told.push({ event, claimsBefore })
    const claims = received.flatMap(event => claimOf(event) ?? [])
    await this.#publish([
      ...claims.map(claim => this.#recordOf(claim)),
      ...received.map(event => ({
        ...{ topic: webinars.name, key: event.number },
        value: this.codec.encode(webinars, event),
      })),
    ])
  }

  #claim(claim: IdentityClaim): Promise<void> {
    return this.#publish([this.#recordOf(claim)])
  }

  /** Waits until it is done: from then on nothing may be asked for the person. */
  async #erase(alias: string, at: number): Promise<void> {
    await this.#start('resolver')
    await this.#claim(operators('ERASE', [alias], at))
    await this.settle()
    this.marks.push({ asked: this.vendors.asked.length, claims: await this.#claimsEnd() })
  }

  /** By somebody who waits until the erasure was taken in everywhere, or who does not. */
  async #lift(name: Name, at: number, isSudden: boolean): Promise<void> {
    if (isSudden) await this.#start('resolver')
    else await this.startAll()
    await this.settle()
    const addresses = places.map(place => email(name, place))
    const ids = places.flatMap(place => [1, 2, 3].map(webinar => registrant(name, place, webinar)))
    const records = [this.vendors.hubspot, this.vendors.salesforce].flatMap(vendor =>
      [...vendor.records].flatMap(([id, { object, addresses: known }]) =>
        known.some(address => addresses.includes(address)) ? [`${vendor.name}:${object}:${id}`] : [],
      ),
    )
    const aliases = [...addresses.map(address => `email:${address}`), ...ids, ...records]
    await this.#claim(operators('LIFT', aliases, at))
    this.marks.push({ asked: this.vendors.asked.length, claims: await this.#claimsEnd() })
    await this.settle()
  }

  #loseCommit(group: string, how: 'aborted' | 'unanswered'): void {
    if (servicesOf.sinks.has(group)) this.lapses = undefined
    if (how === 'aborted') this.kafka.failNextCommit(group)
    else this.kafka.loseNextAnswer(group)
  }

  async #start(process: Process): Promise<void> {
    if (this.#running.has(process)) return
    const started = await startProcess(this.kafka, {
      ...{ topology: pipeline, only: servicesOf[process], codec: this.codec, metrics, clock: this.clock },
      ...{ logger: silentLogger, erasureSecret, recreateDeleted: false, destinations: this.vendors.destinations },
      parkLimitMs: 7 * 86_400_000,
      deadLettersPerMinute: 1_000_000,
      onFatal: error => this.fatal.push(error),
    })
    this.#running.set(process, started)
  }

  async #end(process: Process, how: 'kill' | 'stop'): Promise<void> {
    const running = this.#running.get(process)
    this.#running.delete(process)
    if (how === 'kill' && process === 'sinks') this.lapses?.push(this.vendors.hubspot.effects.length)
    if (how === 'kill') await running?.kill()
    else await this.#whileTimePasses(running?.stop())
  }

  /** A drain waits for vendors, which may take time. */
  async #whileTimePasses(work: Promise<void> | undefined): Promise<void> {
    let isDone = false
    const done = (work ?? Promise.resolve()).finally(() => {
      isDone = true
    })
    while (!isDone) {
      await turns(5)
      if (!isDone) this.clock.advance(50)
    }
    await done
  }

  #recordOf(claim: IdentityClaim) {
    const value = this.codec.encode(identityClaims, claim)
    return { topic: identityClaims.name, partition: 0, key: claim.aliases[0] ?? claim.id, value }
  }

  async #publish(records: Parameters<Awaited<ReturnType<MemoryKafka['publisher']>>['publish']>[0]): Promise<void> {
    const publisher = await this.kafka.publisher('zoom')
    await publisher.publish(records)
    await publisher.close()
  }

  async #claimsEnd(): Promise<number> {
    return (await this.kafka.topics.offsets(identityClaims.name))[0]?.stable ?? 0
  }

  async #lagging(): Promise<readonly string[]> {
    for (const [group, topics] of inputs) {
      if (!this.#isUp(group)) continue
      const behind = (await this.kafka.lag(group, topics)).find(({ records }) => records > 0)
      if (behind) return [`${group} by ${behind.records} records of ${behind.topic}`]
    }
    return []
  }

  #isUp(service: string): boolean {
    return processes.some(process => this.#running.has(process) && servicesOf[process].has(service))
  }
}

const operators = (kind: 'ERASE' | 'LIFT', aliases: readonly string[], time: number): IdentityClaim => ({
  ...{ id: `${kind}:${time}`, time, kind, aliases, attributes: {}, source: 'operator' },
})

const compactable = (): readonly { readonly name: string; readonly cleanup: boolean }[] =>
  topicSpecs(pipeline.topics).map(({ name, config }) => ({ name, cleanup: config['cleanup.policy'] === 'compact' }))
