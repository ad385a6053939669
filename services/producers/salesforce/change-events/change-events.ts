import type { SalesforceObject } from '../objects.ts'
import type { SalesforceSessions } from '../rest/reader.ts'
import { Channel, type ChannelParts } from './channel.ts'
import { type Noticed, Notices } from './notices.ts'
import { connectPubSub } from './pubsub.ts'

/** Channels of the objects that are read, one each. */
export const channelsOf = (objects: readonly Pick<SalesforceObject, 'type'>[]): readonly string[] =>
  objects.map(({ type }) => `/data/${type}ChangeEvent`)

export interface ChangeEventsOptions {
  /** `https://host:port` of the Pub/Sub API. */
  readonly endpoint: string
  readonly channels: readonly string[]
  readonly sessions: SalesforceSessions
}

export interface ChangeEventsParts extends Pick<ChannelParts, 'clock' | 'logger' | 'metrics'> {
  /** Up to where a channel is told. */
  readonly positionOf: (channel: string) => string | undefined
}

/** Salesforce's Change Data Capture: which records to look at, as soon as they are changed. It is not complete, and need not be. */
export class ChangeEvents {
  readonly #notices = new Notices()
  readonly #channels: readonly Channel[]
  readonly #ending = new AbortController()
  readonly #ended: Promise<unknown>
  #wake: () => void = () => {}

  constructor(
    { positionOf, clock, logger, metrics }: ChangeEventsParts,
    { endpoint, channels, sessions }: ChangeEventsOptions,
  ) {
    const pubsub = connectPubSub(endpoint)
    const shared = {
      ...{ clock, logger, metrics, pubsub, sessions, notices: this.#notices, readers: new Map() },
      noticed: () => this.#wake(),
    }
    this.#channels = channels.map(name => new Channel(name, positionOf(name), shared))
    this.#ended = Promise.all(this.#channels.map(channel => channel.follow(this.#ending.signal))).finally(() =>
      pubsub.close(),
    )
  }

  /** Resolves as soon as there is something to look at, or the signal aborts. For one at a time. */
  noticed(signal: AbortSignal): Promise<void> {
    if (!this.#notices.isEmpty || signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      this.#wake = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  get isEmpty(): boolean {
    return this.#notices.isEmpty
  }

  take(): Noticed {
    return this.#notices.take()
  }

  /** The records could not be read. */
  putBack(noticed: Noticed): void {
    this.#notices.putBack(noticed)
  }

  /** All that was noticed is told, and how far it has come is kept: further events may come. */
  settle({ events }: Noticed): void {
    for (const channel of this.#channels) channel.handled(events.get(channel.name) ?? 0)
  }

  /** Ends streams that have been silent for too long; they begin anew. */
  watch(): void {
    for (const channel of this.#channels) channel.watch()
  }

  /** The first channel's that is not followed, as code and text. */
  problem(): string | undefined {
    const problem = this.#channels.map(channel => channel.problem).find(one => one !== undefined)
    return problem && `${problem.code}: ${problem.message}`
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await this.#ended
  }
}
