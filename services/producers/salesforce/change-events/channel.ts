import type { Clock } from '../../../runtime/clock.ts'
import type { TributaryError } from '../../../runtime/errors.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import type { Session } from '../../../sinks/salesforce/api/session.ts'
import { salesforceObjects } from '../objects.ts'
import { isSalesforceError } from '../rest/problems.ts'
import type { SalesforceSessions } from '../rest/reader.ts'
import { type ChangeHeader, headerReader } from './header.ts'
import { firstReconnectMs, longestReconnectMs, longestSilenceMs, retryUnavailableMs } from './limits.ts'
import type { Notices } from './notices.ts'
import { failureOf, PubSubFailure, problemOf } from './problems.ts'
import { type ConsumerEvent, type FetchRequest, type FetchResponse, mostRequested } from './protocol.ts'
import type { EventStream, PubSub } from './pubsub.ts'

/** Readers of the headers of events, by the id of their schema. */
export type HeaderReaders = Map<string, ReturnType<typeof headerReader>>

export interface ChannelParts {
  readonly pubsub: PubSub
  readonly sessions: SalesforceSessions
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly notices: Notices
  readonly readers: HeaderReaders
  /** Calls whoever looks at the notices. */
  readonly noticed: () => void
}

/** Follows one channel of change events for as long as it is let, from where it was left off, and over whatever cuts it. */
export class Channel {
  readonly name: string
  readonly #parts: ChannelParts
  /** Hexadecimal replay id of the last event that came. */
  #position: string | undefined
  #stream: EventStream | undefined
  /** When the stream began, or anything came of it. */
  #heardAt = 0
  #isHeard = false
  /** Events that came and that nobody has looked at yet. */
  #unhandled = 0
  #session: Session | undefined
  #isRefused = false
  #problem: TributaryError | undefined

  /** @param position of the last event that was looked at; undefined to begin with what comes next */
  constructor(name: string, position: string | undefined, parts: ChannelParts) {
    this.name = name
    this.#position = position
    this.#parts = parts
  }

  /** Why it is not followed; undefined while it is. */
  get problem(): TributaryError | undefined {
    return this.#problem
  }

  /** Until the signal aborts. Never rejects. */
  async follow(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    for (let cuts = 0; !signal.aborted; ) {
      const began = clock.now()
      this.#isHeard = false
      const failure = await this.#followOnce(signal).catch((error: unknown) => error)
      if (signal.aborted) return
      const stood = this.#isHeard || clock.now() - began > longestReconnectMs
      cuts = stood ? 1 : cuts + 1
      await clock.sleep(this.#afterFailure(failure, { cuts, stood }), signal)
    }
  }

  /** Asks for as many further events as were looked at. */
  handled(events: number): void {
    this.#unhandled = Math.max(0, this.#unhandled - events)
    if (events > 0) this.#stream?.request({ topicName: this.name, numRequested: events })
  }

  /** Ends a stream that has been silent for too long: a connection can be gone without an end. */
  watch(): void {
    if (this.#stream && this.#parts.clock.now() - this.#heardAt > longestSilenceMs) this.#stream.close()
  }

  async #followOnce(signal: AbortSignal): Promise<PubSubFailure> {
    const { pubsub, sessions, clock } = this.#parts
    const session = await sessions.session(signal, this.#isRefused ? this.#session : undefined)
    this.#session = session
    const { canSubscribe } = await pubsub.topic(this.name, session, signal)
    if (!canSubscribe) throw new PubSubFailure('not-allowed', 'OK')
    const stream = pubsub.subscribe(session)
    const close = (): void => stream.close()
    signal.addEventListener('abort', close, { once: true })
    try {
      stream.request(this.#first())
      this.#problem = undefined
      this.#heardAt = clock.now()
      this.#stream = stream
      for await (const response of stream.responses()) await this.#take(response, session, signal)
      return new PubSubFailure('cut', 'OK')
    } finally {
      this.#stream = undefined
      signal.removeEventListener('abort', close)
      stream.close()
    }
  }

  #first(): FetchRequest {
    const numRequested = Math.max(1, mostRequested - this.#unhandled)
    const begins =
      this.#position === undefined
        ? ({ replayPreset: 'LATEST' } as const)
        : ({ replayPreset: 'CUSTOM', replayId: Buffer.from(this.#position, 'hex') } as const)
    return { topicName: this.name, ...begins, numRequested }
  }

  async #take({ events, latestReplayId }: FetchResponse, session: Session, signal: AbortSignal): Promise<void> {
    const { notices, clock, metrics, noticed } = this.#parts
    this.#heardAt = clock.now()
    this.#isHeard = true
    this.#isRefused = false
    for (const event of events) {
      const header = await this.#headerOf(event, session, signal)
      const position = event.replayId.toString('hex')
      const what = notices.add(this.name, header, position)
      metrics.increment('tributary_salesforce_change_events_total', { what })
      this.#position = position
      this.#unhandled += 1
    }
    if (events.length === 0 && latestReplayId.length > 0) {
      this.#position = latestReplayId.toString('hex')
      notices.pass(this.name, this.#position)
    }
    noticed()
  }

  /** Undefined for an event that is none of a change, or of a form that is not known here. */
  async #headerOf({ event }: ConsumerEvent, session: Session, signal: AbortSignal): Promise<ChangeHeader | undefined> {
    const { pubsub, readers, logger } = this.#parts
    if (!event) return undefined
    const schema = readers.has(event.schemaId) ? '' : await pubsub.schema(event.schemaId, session, signal)
    try {
      const reader = readers.get(event.schemaId) ?? headerReader(schema)
      readers.set(event.schemaId, reader)
      return reader(event.payload)
    } catch {
      logger.warn({ vendor: 'salesforce' }, 'A change event cannot be read; the sweep looks at what it was about')
      return undefined
    }
  }

  /** Milliseconds to wait. */
  #afterFailure(error: unknown, { cuts, stood }: { readonly cuts: number; readonly stood: boolean }): number {
    const backoff = Math.min(longestReconnectMs, firstReconnectMs * 2 ** Math.min(cuts - 1, 10))
    // A login that fails is told by the sweep, which has the same.
    if (isSalesforceError(error)) return longestReconnectMs
    const failure = failureOf(error)
    if (failure.ending === 'credentials' && !this.#isRefused) {
      this.#isRefused = true
      return 0
    }
    this.#isRefused = false
    if (failure.ending === 'replay-id' && this.#position !== undefined) {
      this.#beginAnew(failure)
      return 0
    }
    if (failure.ending === 'cut' && (stood || cuts === 1)) return backoff
    this.#tell(problemOf(this.name, failure))
    return failure.ending === 'cut' || failure.ending === 'replay-id' ? backoff : retryUnavailableMs
  }

  /** What was missed is found by the sweep, at once. */
  #beginAnew(failure: PubSubFailure): void {
    const { logger, notices, noticed } = this.#parts
    this.#position = undefined
    logger.warn(
      { vendor: 'salesforce', error: problemOf(this.name, failure) },
      'Change events were missed for more than the three days that they are kept; the sweep reads what was changed',
    )
    notices.lose(salesforceObjects.map(({ name }) => name))
    noticed()
  }

  /** One that lasts is told once. */
  #tell(problem: TributaryError): void {
    if (problem.code !== this.#problem?.code)
      this.#parts.logger.warn(
        { vendor: 'salesforce', error: problem },
        'Change events do not come; the sweep goes on, and they are tried again',
      )
    this.#problem = problem
  }
}
