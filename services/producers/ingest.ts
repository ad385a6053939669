import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Clock } from '../runtime/clock.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { Logger } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'

/** A webhook as it came: the bytes that were signed, nothing parsed. */
export interface WebhookRequest {
  readonly headers: IncomingHttpHeaders
  readonly params: Readonly<Record<string, string | undefined>>
  /** Path and query as they were called. */
  readonly url: string
  readonly body: Buffer
  /** Milliseconds since the epoch, taken when the request's head had arrived. */
  readonly receivedAt: number
}

export interface WebhookAnswer {
  readonly status: number
  /** For the metric `tributary_webhooks_total`: a few fixed words, never data. */
  readonly outcome: string
  readonly body: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  /** Kafka acknowledged something for it, so an outage is over. */
  readonly acknowledged?: true
}

/** What a producer contributes. */
export interface WebhookRoute {
  readonly vendor: string
  readonly method: 'GET' | 'OPTIONS' | 'POST'
  /** In fastify's syntax: `/webhooks/zoom/:account`. */
  readonly path: string
  /** The vendor counts a later answer as a failure. Then it gets a 503, and what was begun goes on, so that its retry finds it done. */
  readonly answerWithinMs: number
  /** Sent with every answer, those of the server itself included. */
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes of a body as it comes; default: `longestBodyBytes`. */
  readonly bodyLimit?: number
  /** Whatever the content type says, and if it is none at all, the body is taken. */
  readonly anyContentType?: true
  /** What is said of a body that is too large; default: 413. */
  readonly tooLarge?: WebhookAnswer
  /** What is said when Kafka has acknowledged nothing in time, or cannot; default: 503. */
  readonly unavailable?: (error: TributaryError | undefined) => WebhookAnswer
  /**
   * A 2xx means that Kafka has acknowledged all that came of it. A rejection is answered with `unavailable` when it is `retryable`, else with 500: on both
   * vendors send again.
   */
  handle(request: WebhookRequest): Promise<WebhookAnswer>
}

export interface IngestOptions {
  readonly host: string
  /** 0 chooses a free one. */
  readonly port: number
  readonly routes: readonly WebhookRoute[]
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** How long a request may take to arrive whole. */
  readonly requestTimeoutMs?: number
}

export interface Ingest {
  readonly port: number
  /** Takes no more requests, answers those that it has, and resolves when nothing is being appended any more. */
  close(): Promise<void>
}

/** Kafka's default for the largest message is 1 MiB (max.message.bytes); the rest is for key, headers and framing. */
export const longestBodyBytes = 1_000_000
const defaultRequestTimeoutMs = 10_000

declare module 'fastify' {
  interface FastifyContextConfig {
    route?: WebhookRoute
  }
}

/** Starts the server that vendors call. Throws `PORT_IN_USE`. */
export const startIngest = async (options: IngestOptions): Promise<Ingest> => {
  const { host, port, routes, metrics, requestTimeoutMs = defaultRequestTimeoutMs } = options
  const app = fastify({
    bodyLimit: longestBodyBytes,
    requestTimeout: requestTimeoutMs,
    http: { connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 10), headersTimeout: requestTimeoutMs },
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
  })
  const pending = new Set<Promise<unknown>>()
  const endConnections = connectionsEndable(app)
  keepBodiesRaw(app)
  refuseUnreadable(app, metrics)
  app.get('/healthz', () => ({ status: 'ok' }))
  const outage = createOutageLog(options.log)
  for (const route of routes) addRoute(app, route, { ...options, pending, outage })
  await listen(app, host, port)
  return {
    port: (app.server.address() as AddressInfo).port,
    close: async () => {
      endConnections()
      await app.close()
      await Promise.allSettled(pending)
    },
  }
}

interface Answering {
  readonly clock: Clock
  readonly metrics: Metrics
  /** All that was begun and is not over, answered or not. */
  readonly pending: Set<Promise<unknown>>
  readonly outage: OutageLog
}

const addRoute = (app: FastifyInstance, route: WebhookRoute, answering: Answering): void => {
  const { vendor, method, path, headers, bodyLimit } = route
  const { clock, metrics } = answering
  const arrivals = new WeakMap<FastifyRequest, number>()
  app.route({
    method,
    url: path,
    config: { route },
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
    onRequest: (request, reply, done) => {
      arrivals.set(request, clock.now())
      if (headers) reply.headers(headers)
      // The server refuses types that it cannot read, and takes a body without one.
      if (route.anyContentType) delete request.raw.headers['content-type']
      done()
    },
    handler: async (request, reply) => {
      const receivedAt = arrivals.get(request) ?? clock.now()
      const answer = await answerInTime(route, webhookRequest(request, receivedAt), answering)
      metrics.increment('tributary_webhooks_total', { vendor, outcome: answer.outcome })
      metrics.observe('tributary_webhook_ack_seconds', { vendor }, (clock.now() - receivedAt) / 1000)
      if (answer.headers) reply.headers(answer.headers)
      return reply.status(answer.status).send(answer.status === 204 ? undefined : answer.body)
    },
  })
}

const webhookRequest = (request: FastifyRequest, receivedAt: number): WebhookRequest => ({
  headers: request.headers,
  params: request.params as Record<string, string | undefined>,
  url: request.raw.url ?? '',
  body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  receivedAt,
})

const answerInTime = async (
  route: WebhookRoute,
  request: WebhookRequest,
  { clock, pending, outage }: Answering,
): Promise<WebhookAnswer> => {
  const handled = route.handle(request).then(
    answer => {
      if (answer.acknowledged) outage.over()
      return answer
    },
    (error: unknown) => {
      outage.began(error, route.vendor)
      return failure(route, error)
    },
  )
  pending.add(handled)
  const answered = new AbortController()
  try {
    return await Promise.race([
      handled.finally(() => pending.delete(handled)),
      clock.sleep(route.answerWithinMs, answered.signal).then(() => route.unavailable?.(undefined) ?? notAcknowledged),
    ])
  } finally {
    answered.abort()
  }
}

const notAcknowledged: WebhookAnswer = {
  status: 503,
  outcome: 'unavailable',
  body: { code: 'NOT_ACKNOWLEDGED', message: 'Kafka has not acknowledged this webhook in time. Send it again later.' },
}

const failure = (route: WebhookRoute, error: unknown): WebhookAnswer => {
  const retryable = error instanceof TributaryError && error.errorClass === 'retryable'
  if (retryable && route.unavailable) return route.unavailable(error)
  return {
    status: retryable ? 503 : 500,
    outcome: retryable ? 'unavailable' : 'failed',
    body: {
      code: error instanceof TributaryError ? error.code : 'INTERNAL',
      message: 'This webhook could not be taken and nothing of it counts as done. Send it again later.',
    },
  }
}

interface OutageLog {
  began(error: unknown, vendor: string): void
  over(): void
}

/** One line when webhooks begin to fail and one when they are taken again, however many come in between. */
const createOutageLog = (log: Logger): OutageLog => {
  let failing = false
  return {
    began: (error, vendor) => {
      if (!failing) log.error({ vendor, error }, 'Webhooks cannot be taken; vendors are told to send them again')
      failing = true
    },
    over: () => {
      if (failing) log.info({}, 'Webhooks are taken again')
      failing = false
    },
  }
}

/** Gives the way to end each connection with its answer: else one that is kept alive would hold up the drain after the last request. */
const connectionsEndable = (app: FastifyInstance): (() => void) => {
  let ending = false
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (ending) reply.header('connection', 'close')
    done(null, payload)
  })
  return () => {
    ending = true
  }
}

/** Signatures are over the bytes as sent, whatever their content type. */
const keepBodiesRaw = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, bytes, done) => done(null, bytes))
}

/** What the server itself refuses, before a producer sees it. */
const refuseUnreadable = (app: FastifyInstance, metrics: Metrics): void => {
  app.setNotFoundHandler((request, reply) =>
    reply.status(404).send({
      code: 'NO_SUCH_ROUTE',
      message: `No webhooks are taken at ${request.method} ${request.url.split('?')[0]}. Check the address in the vendor's app.`,
    }),
  )
  app.setErrorHandler((error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const status = error.statusCode ?? 500
    const { route } = request.routeOptions.config
    if (route)
      metrics.increment('tributary_webhooks_total', {
        vendor: route.vendor,
        outcome: status === 413 ? 'too-large' : 'unreadable',
      })
    if (status === 413 && route?.tooLarge) return reply.status(route.tooLarge.status).send(route.tooLarge.body)
    const message =
      status === 413
        ? `A webhook may have at most ${route?.bodyLimit ?? longestBodyBytes} bytes.`
        : 'The request could not be read. Send the body with its length and type.'
    return reply.status(status).send({ code: error.code ?? 'UNREADABLE', message })
  })
}

const listen = async (app: FastifyInstance, host: string, port: number): Promise<void> => {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    await app.close()
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new TributaryError(
      'PORT_IN_USE',
      `Ingest needs port ${port} of ${host}, which another program uses. End that program, or set INGEST_PORT to another port.`,
      { cause },
    )
  }
}
