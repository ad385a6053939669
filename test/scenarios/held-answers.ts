import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'

/** A way to an emulated vendor on which answers can be held back: the vendor did what it was asked for, and who asked does not know. */
export interface WayToVendor {
  /** Without a slash at its end. */
  readonly url: string
  /** Holds the next answer to a request of this kind, for good. @param path where the request's path begins */
  hold(method: string, path: string): HeldAnswer
}

export interface HeldAnswer {
  /** Resolves when the vendor has answered and its answer is held. */
  readonly held: Promise<void>
}

interface Trap extends HeldAnswer {
  readonly method: string
  readonly path: string
  spring(): void
}

/** @param vendor its address, without a slash at its end */
export const wayTo = async (context: TestContext, vendor: string): Promise<WayToVendor> => {
  const traps: Trap[] = []
  const trapFor = (asked: IncomingMessage): Trap | undefined => {
    const index = traps.findIndex(({ method, path }) => asked.method === method && asked.url?.startsWith(path))
    return index < 0 ? undefined : traps.splice(index, 1)[0]
  }
  const server = createServer((asked, answer) => pass(asked, answer, vendor, () => trapFor(asked)))
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  atEnd(context, async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (method, path) => {
      const { promise: held, resolve: spring } = Promise.withResolvers<void>()
      traps.push({ method, path, held, spring })
      return { held }
    },
  }
}

/**
 * Headers go through as they are, so that the vendor takes this way's address for its own.
 * @param trapFor asked when the vendor has answered: a request whose answer the vendor itself loses springs none
 */
const pass = (
  asked: IncomingMessage,
  answer: ServerResponse,
  vendor: string,
  trapFor: () => Trap | undefined,
): void => {
  const { method = 'GET', url = '/', headers } = asked
  const passed = request(vendor + url, { method, headers }, async told => {
    try {
      const body = Buffer.concat(await told.toArray())
      const trap = trapFor()
      if (trap) trap.spring()
      else answer.writeHead(told.statusCode ?? 502, told.headers).end(body)
    } catch {
      answer.destroy()
    }
  })
  passed.on('error', () => answer.destroy())
  asked.pipe(passed)
}
