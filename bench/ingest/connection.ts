import { once } from 'node:events'
import { connect } from 'node:net'

/** A connection that is kept alive, with one request under way at a time, as the clients of an SDK have it. */
export interface LoadConnection {
  /** Sends the bytes of a request and resolves with its answer. Rejects when there is none within 20 seconds. */
  exchange(request: Buffer): Promise<Answer>
  close(): void
}

export interface Answer {
  readonly status: number
  readonly body: string
}

const patienceMs = 20_000

/**
 * A client that does next to nothing: it must not be what the servers wait for. It reads answers that say their length, as fastify's do, and no others.
 */
export const openConnection = async (url: URL): Promise<LoadConnection> => {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
  await once(socket, 'connect')
  socket.setTimeout(patienceMs, () => socket.destroy(new Error(`${url.host} did not answer for ${patienceMs} ms.`)))
  let waiting: PromiseWithResolvers<Answer> | undefined
  let received: Buffer = Buffer.alloc(0)
  const end = (error: Error): void => {
    waiting?.reject(error)
    waiting = undefined
  }
  socket.on('error', end)
  socket.on('close', () => end(new Error(`${url.host} closed a connection before it had answered.`)))
  socket.on('data', bytes => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes])
    try {
      const answer = answerIn(received)
      if (!answer) return
      received = Buffer.alloc(0)
      waiting?.resolve(answer)
      waiting = undefined
    } catch (error) {
      socket.destroy(error as Error)
    }
  })
  return {
    exchange: request => {
      if (socket.destroyed) return Promise.reject(new Error(`The connection to ${url.host} is closed.`))
      waiting = Promise.withResolvers()
      socket.write(request)
      return waiting.promise
    },
    close: () => {
      socket.setTimeout(0)
      socket.destroy()
    },
  }
}

const endOfHead = Buffer.from('\r\n\r\n')

/** The answer that the bytes are; undefined while they are not all of it. Throws when it does not say its length. */
export const answerIn = (bytes: Buffer): Answer | undefined => {
  const end = bytes.indexOf(endOfHead)
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end)
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (status === undefined || length === undefined)
    throw new Error(`Expected an answer of HTTP/1.1 with its length, came:\n${head}`)
  const from = end + endOfHead.length
  const to = from + Number(length)
  return bytes.length < to ? undefined : { status: Number(status), body: bytes.toString('utf8', from, to) }
}
