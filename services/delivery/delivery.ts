import type { SinkWrite } from '../../schemas/generated.ts'
import type { Stream } from '../../topology/define.ts'
import type { IdentityDirectory } from '../identity/directory.ts'
import type { StoredRecord, Task, TaskContext } from '../kafka/kafka.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Codec } from '../runtime/codec.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { Logger } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { Destination } from './destination.ts'
import type { Entry } from './lanes/lanes.ts'
import { KnownRecords } from './lanes/records.ts'
import { Routing } from './lanes/routing.ts'
import { Alarm } from './requests/alarm.ts'
import { Outcomes } from './requests/outcomes.ts'
import type { Pause } from './requests/pause.ts'
import { Requests } from './requests/requests.ts'
import { Settling } from './requests/settling.ts'
import type { DeliverySettings } from './settings.ts'
import { Committer } from './state/committer.ts'
import { DeliveredState, type DeliveredTable } from './state/delivered.ts'
import { Forgetting } from './state/forgetting.ts'
import { Window } from './state/window.ts'

export interface DeliveryParts {
  readonly context: TaskContext
  readonly sink: string
  readonly reads: Stream<SinkWrite>
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
 * The work of a sink on its partition. Writes go into lanes, one per person and object; ready lanes are gathered into batches; answers finish writes; finished
 * writes are committed. What to do next is decided in `#pump`, which runs after anything that may have changed the answer.
 */
export class Delivery implements Task {
  readonly #parts: DeliveryParts
  readonly #window: Window
  readonly #committer: Committer
  readonly #delivered: DeliveredState
  readonly #outcomes: Outcomes
  readonly #routing: Routing
  readonly #requests: Requests
  readonly #alarm: Alarm
  readonly #stopFollowing: () => void
  #pumpComes = false
  #stopped = false
  #idle: (() => void)[] = []

  constructor(parts: DeliveryParts) {
    const { sink, context, reads, codec, clock, settings, metrics, destination, directory, pause, logger, random } =
      parts
    this.#parts = parts
    this.#window = new Window(settings.window)
    this.#delivered = new DeliveredState(parts.table)
    const shared = { clock, settings, directory, delivered: this.#delivered }
    this.#committer = new Committer({
      ...shared,
      ...{ context, input: reads.name, codec, window: this.#window, onCommitted: () => this.#report() },
    })
    this.#outcomes = new Outcomes({ sink, committer: this.#committer, metrics, clock, settings })
    const records = new KnownRecords({ ...shared, destination: destination.name })
    const outcomes = this.#outcomes
    const aim = { ...shared, records, outcomes }
    this.#routing = new Routing({ ...shared, outcomes, aim, objects: destination.settable, random })
    this.#requests = new Requests({
      sink,
      destination,
      records,
      pause,
      logger,
      routing: this.#routing,
      settling: new Settling({ ...aim, pause }),
      onEnd: () => this.#wake(),
      onDefect: error => this.#fail(error),
    })
    this.#alarm = new Alarm(clock, () => this.#wake())
    const forgetting = new Forgetting({
      ...shared,
      ...{ destination: destination.name, table: parts.table, committer: this.#committer },
    })
    this.#stopFollowing = directory.onChange(key => {
      if (this.#stopped) return
      forgetting.changed(key)
      if (this.#routing.changed(key)) this.#wake()
    })
    forgetting.sweep()
    context.signal.addEventListener('abort', () => this.#stop(), { once: true })
  }

  /** Writes taken and not committed. */
  get held(): number {
    return this.#window.held
  }

  get lastDeliveredAt(): number | null {
    return this.#outcomes.lastDeliveredAt
  }

  async process(records: readonly StoredRecord[]): Promise<void> {
    await this.#parts.codec.prepare(records.map(({ value }) => value))
    for (const record of records) {
      const room = this.#window.room()
      if (room) {
        this.#wake()
        await room
      }
      if (this.#stopped) return
      this.#take(record)
    }
    this.#wake()
  }

  async close(): Promise<void> {
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

  #take(record: StoredRecord): void {
    const { codec, reads, clock } = this.#parts
    const mark = this.#window.take(record.offset)
    if (record.value === null) {
      this.#outcomes.ignore(mark)
      return
    }
    try {
      const write = codec.decode(reads, record.value)
      const entry = { mark, original: record, write, takenAt: clock.now(), attempts: 0, failingSince: undefined }
      const refusal = this.#refusal(write)
      if (refusal === undefined) this.#routing.place(entry)
      else this.#reject(entry, 'OPERATION_UNSUPPORTED', refusal)
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
      const reason = this.#outcomes.rejectBytes(mark, record, { code: error.code, message: error.message })
      if (reason) this.#parts.pause.hold(reason)
    }
  }

  #refusal({ destination, object, operation }: SinkWrite): string | undefined {
    const { name, settable } = this.#parts.destination
    if (destination === name && operation === 'SET' && settable.includes(object)) return undefined
    const possible = settable.map(one => `${name}:${one}`).join(' or ')
    return `Expected a SET of ${possible}, came ${operation} of ${destination}:${object}, which this sink cannot do. Change the consumer that asks for it.`
  }

  #reject(entry: Entry, code: string, message: string): void {
    const reason = this.#outcomes.reject(entry, { code, message })
    if (reason) this.#parts.pause.hold(reason)
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
    let waitMs = 0
    while (waitMs === 0) waitMs = this.#start()
    this.#alarm.set(this.#parts.clock.now() + waitMs)
    this.#delivered.sweep()
    this.#report()
    const canGoOn = this.#routing.ready.size > 0 && this.#parts.pause.reason === undefined
    if (this.#requests.underWay === 0 && !canGoOn) for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Starts one thing that may be started now. Gives 0 when there may be more, else after how long to look again; Infinity when something will wake us. */
  #start(): number {
    const { clock, destination, pause, settings } = this.#parts
    const { ready } = this.#routing
    if (this.#requests.underWay >= destination.concurrency) return Number.POSITIVE_INFINITY
    const hasWork = ready.size > 0 || this.#outcomes.held
    if (!hasWork) return Number.POSITIVE_INFINITY
    if (pause.waitMs() > 0) return pause.waitMs()
    if (this.#outcomes.held) return this.#releaseHeld()
    if (destination.waitMs() > 0) return destination.waitMs()
    if (!this.#requests.prepared) {
      if (this.#requests.underWay === 0) this.#requests.prepare()
      return Number.POSITIVE_INFINITY
    }
    const lingerMs = this.#requests.underWay === 0 ? 0 : settings.lingerMs
    const queue = ready.next(clock.now(), destination.batchSize, lingerMs)
    if (!queue) return ready.nextAt(lingerMs) - clock.now()
    this.#requests.next(queue)
    return 0
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
    this.#reject(entry, 'PERSON_UNKNOWN', message)
  }

  #fail(error: unknown): void {
    this.#stop()
    this.#parts.context.fail(error)
  }

  #report(): void {
    const { metrics, sink } = this.#parts
    metrics.set('tributary_sink_window', { sink }, this.#window.held)
  }

  #stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#stopFollowing()
    this.#alarm.clear()
    this.#requests.stop()
    this.#window.wakeWaiting()
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
