import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { answerOf } from './mock-answers.ts'
import { type Api, apis, errors, MockState } from './mock-state.ts'
import { Reader, Writer } from './wire.ts'

export interface Request {
  readonly api: Api
  readonly version: number
  /** Id of the broker that was asked; the first is 1. */
  readonly node: number
  readonly body: Reader
}

/** An answer's body, or none: the broker keeps silent, or hangs up. */
export type Reply = Writer | 'silence' | 'hang up'

/** @param usual what the broker does and answers otherwise */
export type Handler = (request: Request, usual: () => Promise<Reply>) => Reply | Promise<Reply>

export interface MockOptions {
  readonly brokers?: number
  /** Partition counts by topic; partitions are led in turn by the brokers. */
  readonly topics?: Readonly<Record<string, number>>
  /** Highest versions to offer where they are others than the mock speaks; such a request has to be answered by a handler. */
  readonly offers?: Partial<Readonly<Record<Api, number>>>
}

/**
 * Brokers in this process, as far as a client needs them: they keep batches and committed offsets, drop repeated sequence numbers as brokers do, and run groups of
 * one member. Each reproduction scripts the one answer that it is about.
 */
export class MockCluster {
  readonly state: MockState
  /** Every request so far, in order. */
  readonly requests: { readonly api: Api; readonly version: number; readonly node: number }[] = []
  private readonly options: MockOptions
  private readonly servers: Server[] = []
  private readonly sockets = new Set<Socket>()
  private readonly scripted = new Map<Api, Handler[]>()
  private readonly always = new Map<Api, Handler>()
  private accepted = 0

  private constructor(options: MockOptions) {
    this.options = options
    this.state = new MockState(options.brokers ?? 1, options.topics ?? {})
  }

  static async start(options: MockOptions = {}): Promise<MockCluster> {
    const cluster = new MockCluster(options)
    for (let node = 1; node <= (options.brokers ?? 1); node++) await cluster.listen(node)
    return cluster
  }

  /** As clients take them: `host:port`. */
  get brokers(): string[] {
    return this.state.ports.map(port => `127.0.0.1:${port}`)
  }

  /** How many connections were opened so far. */
  get connections(): number {
    return this.accepted
  }

  /** How often something was asked for. */
  count(api: Api): number {
    return this.requests.filter(request => request.api === api).length
  }

  /** Answers the next request of this kind; further calls the ones after it. */
  nextTime(api: Api, handler: Handler): void {
    this.scripted.set(api, [...(this.scripted.get(api) ?? []), handler])
  }

  /** Answers every request of this kind from now on. */
  everyTime(api: Api, handler: Handler): void {
    this.always.set(api, handler)
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await Promise.all(this.servers.map(server => new Promise(resolve => server.close(resolve))))
  }

  private async listen(node: number): Promise<void> {
    const server = createServer(socket => this.accept(node, socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.servers.push(server)
    this.state.ports.push((server.address() as AddressInfo).port)
  }

  private accept(node: number, socket: Socket): void {
    this.accepted++
    this.sockets.add(socket)
    let received = Buffer.alloc(0)
    // A broker answers the requests of a connection one after the other.
    let answered = Promise.resolve()
    socket.on('error', () => undefined)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE()) {
        const end = 4 + received.readInt32BE()
        const request = received.subarray(4, end)
        received = received.subarray(end)
        answered = answered.then(() => this.answer(node, socket, new Reader(request)))
      }
    })
  }

  private async answer(node: number, socket: Socket, body: Reader): Promise<void> {
    const key = body.int16()
    const version = body.int16()
    const correlationId = body.int32()
    body.string()
    const api = (Object.keys(apis) as Api[]).find(name => apis[name].key === key)
    if (!api) throw new Error(`A client asked for what the mock does not know: API ${key}`)
    this.requests.push({ api, version, node })
    const reply = await this.replyTo({ api, version, node, body })
    if (reply === 'silence') return
    if (reply === 'hang up') {
      socket.destroy()
      return
    }
    if (!socket.destroyed)
      socket.write(new Writer().bytes(new Writer().int32(correlationId).raw(reply.buffer).buffer).buffer)
  }

  private replyTo(request: Request): Promise<Reply> {
    const usual = () => Promise.try(answerOf, request, this.state, this.options.offers ?? {})
    const handler = this.scripted.get(request.api)?.shift() ?? this.always.get(request.api)
    return handler ? Promise.try<Reply, Parameters<Handler>>(handler, request, usual) : usual()
  }
}

/** Does what was asked and loses the answer with the connection. */
export const doneButHungUp: Handler = (_request, usual) => usual().then((): Reply => 'hang up')

/** An answer that holds an error code after a throttle time, and the producer id that only InitProducerId reads. */
export const failing = (error: keyof typeof errors) => (): Writer =>
  new Writer().int32(0).int16(errors[error]).int64(-1).int16(0)

const longBesideMs = 500

/** Broker 1 takes its part of the next send and answers late; broker 2 refuses its part at first, at once. */
export const slowBesideRefusing = (cluster: MockCluster): void => {
  let refused = false
  cluster.everyTime('Produce', async ({ node }, usual) => {
    if (node === 1) {
      const reply = await usual()
      await delay(longBesideMs)
      return reply
    }
    if (refused) return usual()
    refused = true
    const partition = cluster.state.partition('out', 1)
    partition.leader = 1
    const reply = await usual()
    partition.leader = 2
    return reply
  })
}
