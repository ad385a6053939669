import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { type PendoSandboxOptions, startPendoSandbox } from '../../services/sandbox/pendo/start.ts'
import { type ManualClock, manualClock } from '../clock.ts'

/** Examples of Pendo's; what is known of each is in the file. */
export const SAMPLES = JSON.parse(readFileSync(new URL('./pendo-samples.json', import.meta.url), 'utf8'))

export const HOUR = 60 * 60 * 1000
export const DAY = 24 * HOUR

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any endpoint
  readonly body: any
}

export interface TestSubscription {
  readonly url: string
  readonly clock: ManualClock
  /** A request to the API with the integration key, or with what is given. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** Sends the example track event, with other values. */
  track(values?: object, headers?: Record<string, string>): Promise<Reply>
  /** Runs a pipeline; its rows. */
  aggregate(...pipeline: object[]): Promise<Record<string, unknown>[]>
  /** Somebody uses the product. */
  use(happening: object): Promise<Reply>
  /** The objects of a type. */
  state(type: string): Promise<{ readonly id: string; readonly properties: Record<string, unknown> }[]>
  close(): Promise<void>
}

const KEY = { 'x-pendo-integration-key': 'sandbox' }
const TRACK_KEY = { 'x-pendo-integration-key': 'sandbox-secret' }

/** A fresh emulated subscription that shows usage at once, under a clock that the test moves. Ends with the test. */
export const openSubscription = async (
  context: TestContext,
  options: PendoSandboxOptions = {},
): Promise<TestSubscription> => {
  const clock = manualClock()
  const { url, close } = await startPendoSandbox({ processingLagMs: 0, clock, ...options })
  context.after(close)
  const call: TestSubscription['call'] = async (method, path, body, headers = KEY) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: parsed(await response.text()) }
  }
  return {
    ...{ url, clock, call, close },
    track: (values = {}, headers = TRACK_KEY) =>
      call('POST', '/data/track', { ...SAMPLES.api.track.request.body, timestamp: clock.now(), ...values }, headers),
    aggregate: async (...pipeline) => {
      const request = { response: { mimeType: 'application/json' }, request: { requestId: 'r1', pipeline } }
      const { status, body } = await call('POST', '/api/v1/aggregation', request)
      if (status !== 200) throw new Error(`the aggregation was refused with ${status}: ${body}`)
      return body.results
    },
    use: happening => call('POST', '/_sandbox/usage', { visitorId: 'v1', accountId: 'a1', ...happening }, {}),
    state: async type => (await call('GET', '/_sandbox/state')).body[type],
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** How often something was taken and not processed, by reason. */
export const unprocessed = async (subscription: TestSubscription): Promise<Record<string, unknown>> =>
  Object.fromEntries((await subscription.state('unprocessed')).map(({ id, properties }) => [id, properties['count']]))

/** The hours of today, as a source of usage wants them. */
export const hours = (clock: ManualClock) => ({ period: 'hourRange', first: clock.now() - DAY, last: 'now()' })

export interface Received {
  readonly path: string
  readonly signature: string
  readonly raw: string
}

/** An endpoint that keeps what it gets and answers as told. It ends with the test. */
export const openReceiver = async (
  context: TestContext,
  react: () => number | 'reset' | 'silence' = () => 200,
): Promise<{ readonly url: string; readonly received: Received[] }> => {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const signature = String(request.headers['x-pendo-signature'])
    received.push({ path: request.url ?? '', signature, raw: Buffer.concat(chunks).toString('utf8') })
    const reaction = react()
    if (reaction === 'reset') response.socket?.resetAndDestroy()
    else if (reaction !== 'silence') response.writeHead(reaction).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}
