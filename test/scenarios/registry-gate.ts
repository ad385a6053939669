import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'
import { freePorts } from './settings.ts'

/**
 * What comes to who asks for the registry: the registry's own answer; no connection (`away`); or what a load balancer says that has nobody behind it
 * (`unavailable`): a 404 that is no answer of a registry.
 */
type GateState = 'open' | 'away' | 'unavailable'

/** Stands before a schema registry. */
export interface RegistryGate {
  /** What the services take for the registry. */
  readonly url: string
  /** Method and path, below the registry's own, of each request, oldest first. */
  readonly asked: readonly string[]
  set(state: GateState): Promise<void>
}

export const openRegistryGate = async (context: TestContext, registryUrl: string): Promise<RegistryGate> => {
  const target = new URL(registryUrl)
  const port = await freePorts(1)
  const asked: string[] = []
  let state: GateState = 'away'
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.slice(target.pathname.length)}`)
    if (state === 'open') pass(target, request, response).catch(() => response.destroy())
    else response.writeHead(404, { 'content-type': 'text/html' }).end('<html>no healthy upstream</html>')
  })
  const set = async (next: GateState): Promise<void> => {
    state = next
    if (next === 'away' && server.listening) {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    } else if (next !== 'away' && !server.listening) {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    }
  }
  atEnd(context, () => set('away'))
  await set('open')
  return { url: `http://127.0.0.1:${port}${target.pathname}`, asked, set }
}

const pass = async (target: URL, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { method = 'GET', url = '', headers } = request
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>))
  const answer = await fetch(new URL(url, target.origin), {
    method,
    headers: { 'content-type': headers['content-type'] ?? 'application/json' },
    ...(body.length === 0 ? {} : { body }),
  })
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
  response.end(Buffer.from(await answer.arrayBuffer()))
}
