import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ZodError } from 'zod'
import type { Faults } from './faults.ts'
import type { RequestLog } from './request-log.ts'
import type { Store } from './store.ts'
import type { Vendor } from './vendor-server.ts'

export interface Inspected {
  readonly vendor: Vendor
  readonly store: Store
  readonly requests: RequestLog
  readonly faults: Faults
}

/** The routes under `/_sandbox`, which are the same for every vendor; what they answer is public (interfaces.md). */
export const inspectionRoutes = (app: FastifyInstance, { vendor, store, requests, faults }: Inspected): void => {
  app.get('/_sandbox/state', () => vendor.state())
  app.get('/_sandbox/requests', (_, reply) =>
    reply.header('x-sandbox-dropped', requests.dropped()).send(requests.read()),
  )
  app.get('/_sandbox/writes', (_, reply) => {
    const { kept, dropped } = store.writes()
    return reply.header('x-sandbox-dropped', dropped).send(kept)
  })
  app.post('/_sandbox/faults', (request, reply) => {
    faults.add(request.body)
    return reply.status(204).send()
  })
  app.post('/_sandbox/reset', (_, reply) => {
    store.clear()
    requests.clear()
    faults.clear()
    vendor.reset()
    return reply.status(204).send()
  })
  app.post('/_sandbox/play', async (request, reply) => {
    if (!vendor.play) return reply.status(404).send({ message: `The ${vendor.title} sandbox plays no traffic.` })
    return await vendor.play(request.body)
  })
  app.get('/_sandbox/changes', (request, reply) => streamChanges(store, request, reply))
}

/** What an inspection route answers when it was asked for something impossible. */
export const inspectionProblem = (error: Error & { statusCode?: number }): { status: number; message: string } => {
  if (error instanceof ZodError) {
    const places = error.issues.map(issue => `${issue.path.join('.') || 'body'}: ${issue.message}`)
    return {
      status: 400,
      message: `Expected what interfaces.md describes under "Sandbox inspection". ${places.join('; ')}`,
    }
  }
  return { status: error.statusCode ?? 500, message: error.message }
}

const PAUSE_BETWEEN_CHANGES_MS = 150

/** Server-sent events for the pages: one, without content, soon after any change. */
const streamChanges = (store: Store, request: FastifyRequest, reply: FastifyReply): void => {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  reply.raw.write('retry: 1000\n\n')
  let timer: NodeJS.Timeout | undefined
  const stop = store.onChange(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      if (!reply.raw.writableNeedDrain) reply.raw.write('data: changed\n\n')
    }, PAUSE_BETWEEN_CHANGES_MS)
  })
  request.raw.on('close', () => {
    stop()
    clearTimeout(timer)
  })
}
