import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { isFromHere, originFor } from '../runtime/access/addresses.ts'
import { type Access, guardAccess, refusalOf } from '../runtime/access/guard.ts'
import { type Clock, systemClock } from '../runtime/clock.ts'
import { TributaryError } from '../runtime/errors.ts'
import { type Answer, Refusal } from './answers.ts'
import { createFaults, type FaultAnswer, type Faults } from './faults.ts'
import { inspectionProblem, inspectionRoutes } from './inspection.ts'
import { createRequestLog, type Entry, type RequestLog } from './request-log.ts'
import { requestPage } from './request-page.ts'
import { openStore, type Store } from './store.ts'

/** What one emulated vendor adds to what all have in common. */
export interface Vendor {
  /** As people know it: `HubSpot`. */
  readonly title: string
  /** CSS colour of its page of requests. */
  readonly accent?: string
  /** The objects it holds, by object type, as `GET /_sandbox/state` shows them. */
  state(): Record<string, readonly { id: string; properties: Readonly<Record<string, unknown>> }[]>
  /**
   * Adds the vendor's own API. A handler refuses by throwing a `Refusal`. Hooks that the vendor adds here run for these routes only; use
   * `preHandler` or later, so that faults come first. The body of a request is parsed JSON or form fields; `rawBody(request)` has its bytes.
   */
  routes(app: FastifyInstance): void
  /** Adds `GET /` and whatever else a person reads or edits by. These routes are neither logged nor subject to faults. */
  pages(app: FastifyInstance): void
  /** The vendor's own error shape for what the server finds before any handler: no such route, unreadable body, a defect of ours. */
  problem(problem: { status: number; message: string; method: string; path: string }): Answer
  /** `POST /_sandbox/play`; its result is the JSON answer. */
  play?(request: unknown): Promise<unknown>
  /** Forgets what is not in the store (windows of rate limits, tokens, indexes). The store is empty when it is called. */
  reset(): void
  /** Ends what the vendor started. */
  close?(): Promise<void> | void
}

export interface VendorServerOptions {
  /** 0 chooses a free port. */
  readonly port?: number
  /** 127.0.0.1 unless a container needs another. */
  readonly host?: string
  /** SANDBOX_TOKEN, for the pages and `/_sandbox`; null when none is asked for. */
  readonly token?: string | null
  /** The API takes credentials that everybody knows; with this it answers to programs of this machine only. */
  readonly apiOnlyHere?: boolean
  /** Keeps the state over a restart; without it the state lives in memory only. */
  readonly journalFile?: string | undefined
  readonly clock?: Clock
}

export interface VendorServer {
  /** Base URL without a slash at its end. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

const LONGEST_BODY_BYTES = 32 * 1024 * 1024

/**
 * Starts an emulated vendor: its API, its page, and the inspection interface of interfaces.md under `/_sandbox`.
 * `build` makes the vendor over a store that already holds what the journal kept. Throws `PORT_IN_USE`.
 */
export const startVendorServer = async (
  name: string,
  build: (parts: { store: Store; clock: Clock }) => Vendor,
  {
    port = 0,
    host = '127.0.0.1',
    token = null,
    apiOnlyHere = false,
    journalFile,
    clock = systemClock,
  }: VendorServerOptions = {},
): Promise<VendorServer> => {
  const store = openStore({ vendor: name, clock, journalFile })
  const vendor = build({ store, clock })
  const requests = createRequestLog()
  const faults = createFaults()
  const app = fastify({
    bodyLimit: LONGEST_BODY_BYTES,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
  })
  parseBodies(app)
  const access = { name: `${vendor.title} sandbox`, setting: 'SANDBOX_TOKEN', token } as const
  app.register((inspection, _, done) => {
    guardAccess(inspection, access)
    inspection.setErrorHandler<Error>((error, _, reply) => {
      const { status, message } = inspectionProblem(error)
      return reply.status(status).send({ message })
    })
    inspectionRoutes(inspection, { vendor, store, requests, faults })
    requestPage(inspection, requests, vendor.title, vendor.accent ?? '#52606d')
    vendor.pages(inspection)
    done()
  })
  app.register((api, _, done) => {
    refuseOthers(api, vendor, { access, apiOnlyHere })
    vendorHooks(api, { vendor, store, clock, requests, faults })
    vendor.routes(api)
    done()
  })
  const close = async (): Promise<void> => {
    await vendor.close?.()
    await app.close()
    store.close()
  }
  await listen(app, name, port, host).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const bound = (app.server.address() as AddressInfo).port
  return { url: originFor(host, bound), port: bound, close }
}

const RAW_BODIES = new WeakMap<FastifyRequest, Buffer>()

/** The bytes of a request's body; empty when it has none. */
export const rawBody = (request: FastifyRequest): Buffer => RAW_BODIES.get(request) ?? Buffer.alloc(0)

const parseBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    RAW_BODIES.set(request, bytes)
    const type = request.headers['content-type'] ?? ''
    if (type.includes('x-www-form-urlencoded'))
      return done(null, Object.fromEntries(new URLSearchParams(bytes.toString())))
    if (bytes.length === 0) return done(null, undefined)
    try {
      done(null, JSON.parse(bytes.toString('utf8')))
    } catch {
      done(Object.assign(new Error('Invalid input JSON: the body could not be parsed'), { statusCode: 400 }))
    }
  })
}

interface HookParts {
  readonly vendor: Vendor
  readonly store: Store
  readonly clock: Clock
  readonly requests: RequestLog
  readonly faults: Faults
}

const vendorHooks = (api: FastifyInstance, { vendor, store, clock, requests, faults }: HookParts): void => {
  const entries = new WeakMap<FastifyRequest, Entry>()
  const cutOff = new WeakSet<FastifyRequest>()
  api.addHook('onRequest', (request, _, done) => {
    entries.set(request, requests.arrived({ at: clock.now(), method: request.method, path: request.url }))
    done()
  })
  api.addHook('preHandler', async (request, reply) => {
    entries.get(request)?.body(rawBody(request))
    const answer = faults.take(request.method, request.url)
    if (answer === undefined) return
    if (answer === 'reset-after-apply') cutOff.add(request)
    else if (answer === 'reset') destroy(reply)
    else if ('delayMs' in answer) await clock.sleep(answer.delayMs)
    else answerFault(reply, answer, entries.get(request))
  })
  api.addHook('onSend', (request, reply, payload, done) => {
    store.flush()
    if (cutOff.has(request)) return destroy(reply)
    entries.get(request)?.answered(reply.statusCode)
    done(null, payload)
  })
  api.setNotFoundHandler((request, reply) => {
    const { method, url: path } = request
    const message = `No route: ${method} ${path}`
    return send(reply, vendor.problem({ status: 404, message, method, path }))
  })
  api.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    if (error instanceof Refusal) return send(reply, error.answer)
    const { method, url: path } = request
    return send(reply, vendor.problem({ status: error.statusCode ?? 500, message: error.message, method, path }))
  })
}

/** Sends an answer as it is, with the JSON content type that a body has unless it says otherwise. */
const send = (reply: FastifyReply, { status, headers = {}, body }: Answer): FastifyReply =>
  reply.status(status).headers(headers).send(body)

/** Cuts the connection so that the client sees a reset, not an end. */
const destroy = (reply: FastifyReply): void => {
  reply.hijack()
  reply.raw.socket?.resetAndDestroy()
}

/** Faults are written past fastify: they may lack a content type or carry one that is wrong. */
const answerFault = (
  reply: FastifyReply,
  { status, headers = {}, body }: Extract<FaultAnswer, { status: number }>,
  entry?: Entry,
): void => {
  reply.hijack()
  const json = typeof body !== 'string'
  const content = body === undefined ? '' : json ? JSON.stringify(body) : body
  const type = json ? 'application/json;charset=utf-8' : 'text/html;charset=utf-8'
  const named = Object.keys(headers).some(header => header.toLowerCase() === 'content-type')
  reply.raw.writeHead(status, { ...(named || body === undefined ? {} : { 'content-type': type }), ...headers })
  reply.raw.end(content)
  entry?.answered(status)
}

/** The API has the vendor's own credentials, but everybody knows those of the sandbox: a page of others could use them. */
const refuseOthers = (
  api: FastifyInstance,
  vendor: Vendor,
  { access, apiOnlyHere }: { readonly access: Access; readonly apiOnlyHere: boolean },
): void => {
  api.addHook('onRequest', (request, reply, done) => {
    const elsewhere = apiOnlyHere && !isFromHere(request.socket, request.headers.host) ? onlyHere : undefined
    const refusal = access.token === null ? refusalOf(request, access) : elsewhere
    if (!refusal) return done()
    const { status, message } = refusal
    return send(reply, vendor.problem({ status, message, method: request.method, path: request.url }))
  })
}

const onlyHere = {
  status: 403,
  message: 'While a vendor is real, the emulated APIs answer to programs of this machine only.',
} as const

const listen = async (app: FastifyInstance, name: string, port: number, host: string): Promise<void> => {
  try {
    await app.listen({ port, host })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new TributaryError(
      'PORT_IN_USE',
      `The ${name} sandbox needs port ${port} of ${host}, which another program uses. End that program, or set SANDBOX_PORT_BASE to another first port.`,
      { cause },
    )
  }
}
