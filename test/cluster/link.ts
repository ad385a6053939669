import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { HOST } from '../../services/platform/ports.ts'
import { type Frame, FrameSplitter } from './frames.ts'
import { Trap, type Wanted } from './trap.ts'

/**
 * What the link between clients and a broker does. `cut`: connections are reset and new ones refused. `half-open`: connections stay and new ones are taken, nothing
 * gets through. `deaf`: requests reach the broker, its answers do not come back. Bytes held back by the last two come through when the link is `open` again.
 */
export type LinkState = 'open' | 'cut' | 'half-open' | 'deaf'

/** A TCP proxy before one broker, which knows where Kafka's requests and answers begin and end. */
export class Link {
  readonly port: number
  private readonly server: Server
  private readonly target: number
  private readonly connections = new Set<Connection>()
  private readonly traps = new Set<Trap>()
  private state: LinkState = 'open'
  private delayMs = 0
  private changed = Promise.withResolvers<void>()

  private constructor(server: Server, port: number, target: number) {
    this.server = server
    this.port = port
    this.target = target
    server.on('connection', client => this.accept(client))
  }

  /** @param port 0 chooses a free one */
  static async open(port: number, target: number): Promise<Link> {
    const server = createServer().listen({ host: HOST, port })
    await once(server, 'listening')
    const address = server.address()
    return new Link(server, typeof address === 'object' && address ? address.port : port, target)
  }

  /** @param delayMs how long each request and each answer is held back */
  set(state: LinkState, delayMs = 0): void {
    this.state = state
    this.delayMs = delayMs
    this.changed.resolve()
    this.changed = Promise.withResolvers()
    if (state === 'cut') for (const connection of this.connections) connection.reset()
  }

  /** Holds the next request or answer that fits. */
  trap(wanted: Wanted): Trap {
    const trap = new Trap(wanted, () => this.traps.delete(trap))
    this.traps.add(trap)
    return trap
  }

  /** Lets go of all that is held back. */
  heal(): void {
    this.set('open')
    for (const trap of this.traps) trap.release()
  }

  async close(): Promise<void> {
    this.heal()
    for (const connection of this.connections) connection.reset()
    this.server.close()
    await once(this.server, 'close')
  }

  private accept(client: Socket): void {
    if (this.state === 'cut') {
      client.on('error', () => undefined)
      client.resetAndDestroy()
      return
    }
    const connection = new Connection(client, this.target, frame => this.pass(frame))
    this.connections.add(connection)
    void connection.ended.then(() => this.connections.delete(connection))
  }

  /** Resolves when the frame may go on. */
  private async pass(frame: Frame): Promise<void> {
    for (const trap of this.traps) await trap.see(frame)
    while (this.state === 'half-open' || (this.state === 'deaf' && frame.kind === 'answer')) await this.changed.promise
    if (this.delayMs > 0) await delay(this.delayMs)
  }
}

/** A client's connection and the one to the broker that belongs to it. */
class Connection {
  readonly ended: Promise<unknown>
  private readonly client: Socket
  private readonly broker: Socket

  constructor(client: Socket, target: number, pass: (frame: Frame) => Promise<void>) {
    this.client = client.setNoDelay(true)
    this.broker = connect({ host: HOST, port: target }).setNoDelay(true)
    for (const socket of [this.client, this.broker]) socket.on('error', () => this.reset())
    const splitter = new FrameSplitter()
    this.ended = Promise.all([
      this.copy(this.client, this.broker, chunk => splitter.requests(chunk), pass),
      this.copy(this.broker, this.client, chunk => splitter.answers(chunk), pass),
    ])
  }

  reset(): void {
    for (const socket of [this.client, this.broker]) if (!socket.destroyed) socket.resetAndDestroy()
  }

  private async copy(
    from: Socket,
    to: Socket,
    split: (chunk: Buffer) => readonly Frame[],
    pass: (frame: Frame) => Promise<void>,
  ): Promise<void> {
    try {
      for await (const chunk of from) {
        for (const frame of split(chunk as Buffer)) {
          await pass(frame)
          if (!to.destroyed && !to.write(frame.bytes)) await roomIn(to)
        }
      }
      to.end()
    } catch {
      this.reset()
    }
  }
}

/** Resolves when it takes more or has ended. */
const roomIn = async (socket: Socket): Promise<void> => {
  const over = new AbortController()
  const ends = [once(socket, 'drain', over), once(socket, 'close', over)]
  await Promise.race(ends).finally(() => over.abort())
  await Promise.allSettled(ends)
}
