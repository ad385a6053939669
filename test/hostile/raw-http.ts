import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection on which bytes are sent as they are, right or wrong. */
export interface RawConnection {
  readonly socket: Socket
  send(bytes: string | Buffer): void
  /** All that came until the server closed the connection. */
  readonly closed: Promise<string>
  /** Statuses of the answers so far. */
  statuses(): readonly number[]
}

export const openConnection = async (port: number): Promise<RawConnection> => {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1').on('data', text => {
    received += text
  })
  // A reset is an end too: the server may close while we still send.
  socket.on('error', () => undefined)
  const closed = new Promise<string>(resolve => socket.on('close', () => resolve(received)))
  await once(socket, 'connect')
  return {
    socket,
    send: bytes => {
      if (!socket.destroyed) socket.write(bytes)
    },
    closed,
    statuses: () => [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
  }
}

/** Sends bytes, says that nothing more comes, and gives the statuses of all answers until the server closed. */
export const statusesOf = async (port: number, bytes: string | Buffer): Promise<readonly number[]> => {
  const connection = await openConnection(port)
  connection.send(bytes)
  connection.socket.end()
  await connection.closed
  return connection.statuses()
}

export const request = (headers: readonly string[], body = '', line = 'POST /hook HTTP/1.1'): string =>
  [line, 'Host: ingest', ...headers, '', body].join('\r\n')
