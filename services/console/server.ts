import fastify from 'fastify'
import { guardAccess, refusalOf } from '../runtime/access/guard.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { statusPage } from './page.ts'
import type { SystemStatus } from './status.ts'

export interface ConsoleOptions {
  readonly host: string
  /** 0 chooses a free one. */
  readonly port: number
  /** CONSOLE_TOKEN; null when none is asked for. */
  readonly token: string | null
  readonly metrics: Metrics
  readonly status: () => Promise<SystemStatus>
}

export interface Console {
  readonly port: number
  close(): Promise<void>
}

/** Load balancers and Kubernetes ask here and can keep no secret; what is wrong is told to those only who may ask for the rest. */
const health = ['/healthz', '/readyz']

/** The operator's page, its API, metrics, health and readiness. Throws `PORT_IN_USE`. */
export const startConsole = async ({ host, port, token, metrics, status }: ConsoleOptions): Promise<Console> => {
  const app = fastify({ forceCloseConnections: true })
  const access = { name: 'console', setting: 'CONSOLE_TOKEN', token } as const
  guardAccess(app, access, health)
  app.get('/', (_, reply) => reply.type('text/html; charset=utf-8').send(statusPage))
  app.get('/api/status', status)
  app.get('/metrics', async (_, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.expose()),
  )
  // Alive: nothing here needs a restart. Ready: everything here does its work.
  app.get('/healthz', async (request, reply) => {
    const { alive, problems } = await status()
    const told = refusalOf(request, access) ? {} : { problems }
    return reply.status(alive ? 200 : 503).send({ status: alive ? 'ok' : 'failing', ...told })
  })
  app.get('/readyz', async (request, reply) => {
    const { ready, problems } = await status()
    const told = refusalOf(request, access) ? {} : { problems }
    return reply.status(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', ...told })
  })
  try {
    await app.listen({ host, port })
  } catch (cause) {
    await app.close()
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new TributaryError(
      'PORT_IN_USE',
      `The console needs port ${port} of ${host}, which another program uses. End that program, or set CONSOLE_PORT to another port.`,
      { cause },
    )
  }
  const address = app.server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => app.close(),
  }
}
