import type { SinkWrite } from '../../schemas/generated.ts'
import type { Stream } from '../../topology/define.ts'
import type { IdentityDirectory } from '../identity/directory.ts'
import type { StoredRecord, Task, TaskContext } from '../kafka/kafka.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Codec } from '../runtime/codec.ts'
import type { Logger } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { Backlog } from './backlog.ts'
import type { Destination } from './destination.ts'
import type { Entry } from './lanes/lanes.ts'
import type { ReadyQueue } from './lanes/ready.ts'
import { KnownRecords } from './lanes/records.ts'
import { Routing } from './lanes/routing.ts'
import { Alarm } from './requests/alarm.ts'
import { Failures } from './requests/failures.ts'
import { Outcomes } from './requests/outcomes.ts'
import type { Pause } from './requests/pause.ts'
import { Requests } from './requests/requests.ts'
import { Settling } from './requests/settling.ts'
import type { DeliverySettings } from './settings.ts'
import { Committer } from './state/committer.ts'
import { DeliveredState, type DeliveredTable } from './state/delivered.ts'
import { Expiring } from './state/expiring.ts'
import { Forgetting } from './state/forgetting.ts'
import { Inputs } from './state/inputs.ts'
import { Taking } from './taking.ts'

/** How soon to ask again whether the partition is surely ours: a heartbeat takes as long. */
const unsureMs = 250

export interface DeliveryParts {
  readonly context: TaskContext
  readonly sink: string
  readonly reads: Stream<SinkWrite>
  /** Read when no live write waits. */
  readonly replays: Stream<SinkWrite>
  /** Names of the destination's objects that this sink writes. */
  readonly objects: ReadonlySet<string>
  readonly destination: Destination
  readonly directory: IdentityDirectory
  readonly table: DeliveredTable
  readonly pause: Pause
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  readonly settings: DeliverySettings
  readonly random: () => number
}

/**
 * The work of a sink on its partition. Writes go into lanes, one per record of a person or thing that belongs to it; ready lanes are gathered into
 * batches; answers finish writes; finished writes are committed. What to do next is decided in `#pump`, which runs after anything that may have
 * changed the answer.
 */
export class Delivery implements Task {
  readonly #parts: DeliveryParts
  readonly #inputs: Inputs
  readonly #live: Backlog
  readonly #replays: Backlog
  readonly #committer: Committer
  readonly #delivered: DeliveredState
  readonly #outcomes: Outcomes
  readonly #routing: Routing
  readonly #taking: Taking
  readonly #requests: Requests
  readonly #alarm: Alarm
  readonly #forgetting: Forgetting
  readonly #expiring: Expiring
  readonly #stopFollowing: () => void
  #pumpComes = false
  #closing = false
  #stopped = false
  #idle: (() => void)[] = []

  constructor(parts: DeliveryParts) {
    const { context, reads, replays, clock, settings, destination, directory } = parts
    this.#parts = parts
    this.#inputs = new Inputs({ [reads.name]: settings.window, [replays.name]: settings.replayWindow })
    this.#live = new Backlog(context, reads.name)
    this.#replays = new Backlog(context, replays.name)
    this.#delivered = new DeliveredState(parts.table)
    const shared = { ...parts, inputs: this.#inputs, delivered: this.#delivered }
    this.#committer = new Committer({ ...shared, onCommitted: () => this.#committed() })
    this.#outcomes = new Outcomes({ ...shared, committer: this.#committer })
    const records = new KnownRecords({ ...shared, destination: destination.name })
    const failures = new Failures({ ...shared, outcomes: this.#outcomes })
    const known = { ...shared, objects: destination.objects, records, outcomes: this.#outcomes }
    this.#routing = new Routing({ ...known, aim: known })
    this.#taking = new Taking({ ...shared, routing: this.#routing, outcomes: this.#outcomes })
    this.#requests = new Requests({
      ...known,
      ...{ routing: this.#routing, settling: new Settling({ ...known, failures }), failures },
      onEnd: () => this.#wake(),
      onDefect: error => this.#fail(error),
    })
    this.#alarm = new Alarm(clock, () => this.#wake())
    this.#forgetting = new Forgetting({ ...shared, records, committer: this.#committer })
    this.#expiring = new Expiring({ ...shared, committer: this.#committer })
    this.#stopFollowing = directory.onChange(key => {
      if (this.#stopped) return
      this.#forgetting.changed(key)
      if (this.#routing.changed(key)) this.#wake()
    })
    this.#forgetting.start()
    this.#expiring.start()
    context.signal.addEventListener('abort', () => this.#stop(), { once: true })
  }

  /** Writes taken and not committed. */
  get held(): number {
    return this.#inputs.held
  }

  get lastDeliveredAt(): number | null {
    return this.#outcomes.lastDeliveredAt
  }

  async process(records: readonly StoredRecord[]): Promise<void> {
    const { codec, replays } = this.#parts
    await codec.prepare(records.map(({ value }) => value))
    if (this.#stopped) return
    if (records[0]?.topic === replays.name) this.#replays.add(records)
    else {
      this.#live.add(records)
      this.#takeLive()
    }
    this.#wake()
  }

  async close(): Promise<void> {
    this.#closing = true
    if (!this.#stopped) {
      const { clock, settings } = this.#parts
      const over = new AbortController()
      const idle = new Promise<void>(resolve => this.#idle.push(resolve))
      this.#wake()
      await Promise.race([idle, clock.sleep(settings.drainMs, over.signal)])
      over.abort()
    }
    this.#stop()
    await this.#committer.flush()
    this.#report()
  }

  #takeLive(): boolean {
    return this.#take(this.#live, this.#parts.reads, () => true)
  }

  /** Writes of a replay are taken while no live one waits. */
  #takeReplays(): boolean {
    const { ready } = this.#routing
    return this.#take(this.#replays, this.#parts.replays, () => !ready.hasLive)
  }

  /** Takes what its window has room for; gives whether there was any. What is left waits in Kafka when the task closes. */
  #take(backlog: Backlog, { name }: Stream<SinkWrite>, isTime: () => boolean): boolean {
    const window = this.#inputs.of(name)
    let taken = 0
    for (; window.hasRoom && isTime() && !this.#closing; taken++) {
      const record = backlog.take()
      if (!record) break
      this.#taking.take(record)
    }
    return taken > 0
  }

  /** One pump for all that happens in this turn of the event loop, so that what comes together goes out together. */
  #wake(): void {
    if (this.#pumpComes || this.#stopped) return
    this.#pumpComes = true
    setImmediate(() => {
      this.#pumpComes = false
      if (this.#stopped) return
      try {
        this.#pump()
      } catch (error) {
        this.#fail(error)
      }
    })
  }

  #pump(): void {
    this.#alarm.set(this.#routing.lookAtStrangers(entry => this.#giveUp(entry)))
    this.#alarm.set(this.#routing.endRests())
    let waitMs = this.#startAll()
    while (this.#takeLive() || this.#takeReplays()) waitMs = this.#startAll()
    this.#alarm.set(this.#parts.clock.now() + waitMs)
    this.#delivered.sweep()
    this.#report()
    const canGoOn = this.#routing.ready.size > 0 && this.#parts.pause.reason === undefined
    if (this.#requests.underWay === 0 && !canGoOn) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #startAll(): number {
    for (;;) {
      const waitMs = this.#start()
      if (waitMs !== 0) return waitMs
    }
  }

  /** Starts one thing that may be started now. Gives 0 when there may be more, else after how long to look again; Infinity when something will wake us. */
  #start(): number {
    const { clock, context, destination, pause } = this.#parts
    const { ready } = this.#routing
    if (this.#requests.underWay >= destination.concurrency) return Number.POSITIVE_INFINITY
    const hasWork = ready.size > 0 || this.#outcomes.held
    if (!hasWork) return Number.POSITIVE_INFINITY
    // Whoever took over may have sent newer values already: what is in hand here would undo them.
    if (!context.mayAct()) return unsureMs
    if (pause.waitMs() > 0) return pause.waitMs()
    if (this.#outcomes.held) return this.#releaseHeld()
    if (destination.waitMs() > 0) return destination.waitMs()
    if (!this.#requests.prepared) {
      if (this.#requests.underWay === 0) this.#requests.prepare()
      return Number.POSITIVE_INFINITY
    }
    const lingerOf = (queue: ReadyQueue): number => this.#lingerMs(queue)
    const queue = ready.next(clock.now(), one => this.#requests.mostOf(one), lingerOf)
    if (!queue) return ready.nextAt(lingerOf) - clock.now()
    this.#requests.next(queue)
    return 0
  }

  /** How long a queue gathers a batch. Of a replay no more come while its window is full. */
  #lingerMs({ live }: ReadyQueue): number {
    const { replays, settings } = this.#parts
    if (!live && !this.#closing && this.#inputs.of(replays.name).hasRoom) return settings.replayLingerMs
    return this.#requests.underWay === 0 ? 0 : settings.lingerMs
  }

  /** Dead letters that the ceiling held back are tried like a request: when they fit, the pause ends. */
  #releaseHeld(): number {
    const admission = this.#parts.pause.admit()
    const reason = this.#outcomes.release()
    admission.end(reason ? { kind: 'needs-person', ...reason } : { kind: 'well' })
    return this.#parts.pause.waitMs()
  }

  #giveUp(entry: Entry): void {
    const seconds = Math.round(this.#parts.settings.personWaitMs / 1000)
    const message = `Expected the person of this write in the identities table, but it did not appear within ${seconds} s. Check that the resolver runs, then retry the dead letter.`
    this.#taking.reject(entry, { code: 'PERSON_UNKNOWN', message })
  }

  #committed(): void {
    this.#report()
    if (this.#live.size + this.#replays.size > 0) this.#wake()
  }

  #fail(error: unknown): void {
    this.#stop()
    this.#parts.context.fail(error)
  }

  #report(): void {
    const { metrics, sink } = this.#parts
    metrics.set('tributary_sink_window', { sink }, this.#inputs.held)
  }

  #stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#stopFollowing()
    this.#alarm.clear()
    this.#forgetting.stop()
    this.#expiring.stop()
    this.#requests.stop()
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
