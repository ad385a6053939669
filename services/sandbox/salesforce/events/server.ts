import grpc, { type Metadata, type ServerDuplexStream, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import {
  credentialHeaders,
  errorCodes,
  errorCodeTrailer,
  type FetchRequest,
  type FetchResponse,
  mostRequested,
  pubSubService,
  type SchemaInfo,
  type TopicInfo,
} from '../../../producers/salesforce/change-events/protocol.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Sessions } from '../oauth.ts'
import { normalizedId } from '../records/ids.ts'
import type { EventBus } from './bus.ts'
import type { Payloads } from './payloads.ts'

/** The emulated Pub/Sub API: GetTopic, GetSchema and Subscribe over gRPC. */
export interface PubSubServer {
  /** On a free port of this machine, without TLS; gives its address. */
  listen(): Promise<string>
  /** Ends all streams as a connection does that breaks. */
  cut(): void
  /** The next calls are refused as if their session were over. */
  refuse(calls: number): void
  /** How many channels are subscribed to, and how often each method was called. */
  state(): { readonly streams: number; readonly calls: Readonly<Record<string, number>> }
  close(): void
}

export interface PubSubParts {
  readonly organizationId: string
  readonly selected: ReadonlySet<string>
  readonly bus: EventBus
  readonly payloads: Payloads
  readonly sessions: Sessions
  readonly clock: Clock
}

/** Without events an empty answer is sent so often: https://developer.salesforce.com/docs/platform/pub-sub-api/references/methods/subscribe-rpc.html */
const KEEPALIVE_MS = 270_000

/** A call that is refused. */
class CallRefusal extends Error {
  readonly code: grpc.status
  readonly details: string
  readonly metadata: Metadata

  constructor(code: grpc.status, errorCode: string | undefined, details: string) {
    super(details)
    this.code = code
    this.details = details
    this.metadata = new grpc.Metadata()
    if (errorCode !== undefined) this.metadata.set(errorCodeTrailer, errorCode)
  }
}

export const createPubSubServer = (parts: PubSubParts): PubSubServer => new EmulatedPubSub(parts)

class EmulatedPubSub implements PubSubServer {
  readonly #parts: PubSubParts
  readonly #server = new grpc.Server()
  readonly #streams = new Set<EventStream>()
  readonly #calls: Record<string, number> = {}
  #refusing = 0

  constructor(parts: PubSubParts) {
    this.#parts = parts
    this.#server.addService(pubSubService, {
      GetTopic: this.#unary('GetTopic', ({ topicName }: { readonly topicName: string }) => topicOf(parts, topicName)),
      GetSchema: this.#unary('GetSchema', ({ schemaId }: { readonly schemaId: string }) => schemaOf(parts, schemaId)),
      Subscribe: (call: ServerDuplexStream<FetchRequest, FetchResponse>) => this.#subscribe(call),
    })
  }

  listen(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(`http://127.0.0.1:${port}`),
      )
    })
  }

  cut(): void {
    for (const stream of [...this.#streams])
      stream.refuse(new CallRefusal(grpc.status.UNAVAILABLE, undefined, 'RST_STREAM'))
  }

  refuse(calls: number): void {
    this.#refusing += calls
  }

  state(): ReturnType<PubSubServer['state']> {
    return { streams: [...this.#streams].filter(stream => stream.isSubscribed).length, calls: this.#calls }
  }

  close(): void {
    for (const stream of [...this.#streams]) stream.close()
    this.#server.forceShutdown()
  }

  #unary<Request, Response>(name: string, answer: (request: Request) => Response) {
    return (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void => {
      try {
        this.#admit(name, call.metadata)
        reply(null, answer(call.request))
      } catch (error) {
        reply(error as CallRefusal)
      }
    }
  }

  #subscribe(call: ServerDuplexStream<FetchRequest, FetchResponse>): void {
    try {
      this.#admit('Subscribe', call.metadata)
    } catch (error) {
      call.emit('error', error)
      return
    }
    const stream = new EventStream(call, this.#parts, () => this.#streams.delete(stream))
    this.#streams.add(stream)
  }

  #admit(name: string, headers: Metadata): void {
    this.#calls[name] = (this.#calls[name] ?? 0) + 1
    if (this.#refusing > 0) {
      this.#refusing -= 1
      throw notAuthenticated()
    }
    assertCredentials(this.#parts, headers)
  }
}

const topicOf = (parts: PubSubParts, topicName: string): TopicInfo => {
  const entities = entitiesOf(parts, topicName)
  const [only] = entities
  const schemaId = entities.size === 1 && only ? parts.payloads.schemaId(only) : ''
  return { topicName, canSubscribe: true, schemaId }
}

const schemaOf = ({ payloads }: PubSubParts, schemaId: string): SchemaInfo => {
  const schemaJson = payloads.schema(schemaId)
  if (schemaJson === undefined)
    throw new CallRefusal(grpc.status.NOT_FOUND, undefined, `The schema ${schemaId} was not found.`)
  return { schemaJson, schemaId }
}

/** One subscription: it gives as many events as were asked for. */
class EventStream {
  readonly #call: ServerDuplexStream<FetchRequest, FetchResponse>
  readonly #parts: PubSubParts
  readonly #onClose: () => void
  readonly #ended = new AbortController()
  readonly #stopListening: () => void
  #subscribed: { readonly entities: ReadonlySet<string>; place: number; owed: number } | undefined

  constructor(call: ServerDuplexStream<FetchRequest, FetchResponse>, parts: PubSubParts, onClose: () => void) {
    this.#call = call
    this.#parts = parts
    this.#onClose = onClose
    this.#stopListening = parts.bus.onPublished(() => this.#give())
    call.on('data', (request: FetchRequest) => this.#asked(request))
    call.on('cancelled', () => this.close())
    call.on('end', () => {
      this.close()
      call.end()
    })
    void this.#keepAlive()
  }

  get isSubscribed(): boolean {
    return this.#subscribed !== undefined
  }

  refuse(refusal: CallRefusal): void {
    this.close()
    this.#call.emit('error', refusal)
  }

  close(): void {
    this.#ended.abort()
    this.#stopListening()
    this.#onClose()
  }

  #asked(request: FetchRequest): void {
    try {
      const { numRequested } = request
      if (numRequested < 1 || numRequested > mostRequested) throw invalid(EVENTS_INVALID, 'num_requested')
      this.#subscribed ??= { ...this.#begin(request), owed: 0 }
      this.#subscribed.owed = Math.min(mostRequested, this.#subscribed.owed + numRequested)
      this.#give()
    } catch (error) {
      this.refuse(error as CallRefusal)
    }
  }

  #begin({ topicName, replayPreset, replayId }: FetchRequest): {
    readonly entities: ReadonlySet<string>
    place: number
  } {
    const { bus } = this.#parts
    const entities = entitiesOf(this.#parts, topicName)
    if (replayPreset === 'EARLIEST') return { entities, place: bus.oldest() }
    if (replayPreset !== 'CUSTOM') return { entities, place: bus.latest() }
    const place = placeOf(replayId)
    if (place === undefined || bus.after(place, entities) === undefined)
      throw invalid(errorCodes.replayIdCorrupted, 'replay_id')
    return { entities, place }
  }

  #give(): void {
    const subscribed = this.#subscribed
    if (!subscribed || subscribed.owed === 0 || this.#ended.signal.aborted) return
    const { bus, payloads } = this.#parts
    const events = bus.after(subscribed.place, subscribed.entities)?.slice(0, subscribed.owed) ?? []
    const last = events.at(-1)
    if (!last) return
    subscribed.place = last.number
    subscribed.owed -= events.length
    this.#call.write({
      events: events.map(event => ({
        event: { id: `${event.transactionKey}:${event.sequenceNumber}`, ...payloads.encoded(event) },
        replayId: replayIdOf(event.number),
      })),
      latestReplayId: replayIdOf(last.number),
      pendingNumRequested: subscribed.owed,
    })
  }

  async #keepAlive(): Promise<void> {
    const { bus, clock } = this.#parts
    for (;;) {
      await clock.sleep(KEEPALIVE_MS, this.#ended.signal)
      if (this.#ended.signal.aborted) return
      const pendingNumRequested = this.#subscribed?.owed ?? 0
      // Nothing is left to be given only while more was asked for.
      if (pendingNumRequested > 0)
        this.#call.write({ events: [], latestReplayId: replayIdOf(bus.latest()), pendingNumRequested })
    }
  }
}

/** The objects whose events a channel carries. */
const entitiesOf = ({ selected, organizationId }: PubSubParts, topic: string): ReadonlySet<string> => {
  if (topic === '/data/ChangeEvents') return selected
  const [, entity = ''] = /^\/data\/(\w+)ChangeEvent$/.exec(topic) ?? []
  if (selected.has(entity)) return new Set([entity])
  const org = `CORE/prod/${organizationId}`
  // https://github.com/pozil/pub-sub-api-java-client/issues/2
  const details = `The topic information for org ${org} and topic ${topic} not found. Ensure the topic name is correct and that the topic exists.`
  throw new CallRefusal(grpc.status.NOT_FOUND, undefined, details)
}

const assertCredentials = ({ sessions, organizationId }: PubSubParts, headers: Metadata): void => {
  const of = (name: string): string => String(headers.get(name)[0] ?? '')
  try {
    sessions.assertOpen(`Bearer ${of(credentialHeaders.token)}`)
  } catch {
    throw notAuthenticated()
  }
  const isOfOrg = normalizedId(of(credentialHeaders.organization)) === organizationId
  if (!isOfOrg || !URL.canParse(of(credentialHeaders.instance))) throw notAuthenticated()
}

const notAuthenticated = (): CallRefusal =>
  new CallRefusal(grpc.status.UNAUTHENTICATED, errorCodes.credentials, 'An authentication exception occurred.')

/** Of how many events are asked for: https://developer.salesforce.com/docs/platform/pub-sub-api/guide/handling-errors.html */
const EVENTS_INVALID = 'sfdc.platform.eventbus.grpc.subscription.fetch.requested.events.invalid'

const invalid = (errorCode: string, field: string): CallRefusal =>
  new CallRefusal(grpc.status.INVALID_ARGUMENT, errorCode, `Validation of the field ${field} failed.`)

/** Ten bytes, as Salesforce's are; nobody but the bus may know what they mean. */
const replayIdOf = (place: number): Buffer => {
  const bytes = Buffer.alloc(10)
  bytes.writeBigUInt64BE(BigInt(place))
  return bytes
}

const placeOf = (replayId: Buffer | undefined): number | undefined =>
  replayId?.length === 10 ? Number(replayId.readBigUInt64BE()) : undefined
