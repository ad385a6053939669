import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** One entry of a body, of whatever type. */
export interface ReceivedEvent {
  readonly eventId: number
  readonly subscriptionId: number
  readonly subscriptionType: string
  readonly attemptNumber: number
  readonly objectId: number
  readonly propertyName?: string
  readonly propertyValue?: string
  readonly [other: string]: unknown
}

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly raw: string
  readonly events: readonly ReceivedEvent[]
}

/** How a request is met: a status, no answer at all, a cut connection, or a status once the promise says which. */
export type Reaction = number | 'silence' | 'reset' | Promise<number>

export interface HubSpotReceiver {
  readonly url: string
  readonly host: string
  readonly requests: readonly ReceivedRequest[]
  /** Of all requests, in order of arrival. */
  events(): ReceivedEvent[]
}

/** An endpoint that keeps what it gets and reacts as told. It ends with the test. */
export const openHubSpotReceiver = async (
  context: TestContext,
  react: (request: ReceivedRequest, number: number) => Reaction = () => 204,
): Promise<HubSpotReceiver> => {
  const requests: ReceivedRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const raw = Buffer.concat(chunks).toString('utf8')
    const { method = '', url: path = '', headers } = request
    const received = { method, path, headers, raw, events: JSON.parse(raw) as ReceivedEvent[] }
    requests.push(received)
    const reaction = await react(received, requests.length)
    if (reaction === 'reset') response.socket?.resetAndDestroy()
    else if (reaction !== 'silence') response.writeHead(reaction).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: `http://${host}`, host, requests, events: () => requests.flatMap(({ events }) => events) }
}

/** As HubSpot's guide "Validating requests" lists what a receiver decodes in the address before it computes the signature. */
const DECODED: readonly (readonly [code: string, character: string])[] = [
  ['%3A', ':'],
  ['%2F', '/'],
  ['%3F', '?'],
  ['%40', '@'],
  ['%21', '!'],
  ['%24', '$'],
  ['%27', "'"],
  ['%28', '('],
  ['%29', ')'],
  ['%2A', '*'],
  ['%2C', ','],
  ['%3B', ';'],
]

/** The signatures that a request must carry, computed from nothing but what arrived. */
export const expectedSignatures = (
  secret: string,
  host: string,
  { method, path, headers, raw }: Pick<ReceivedRequest, 'method' | 'path' | 'headers' | 'raw'>,
): { readonly v1: string; readonly v3: string } => {
  let uri = `http://${host}${path}`
  for (const [code, character] of DECODED)
    uri = uri.split(code).join(character).split(code.toLowerCase()).join(character)
  const signed = method + uri + raw + String(headers['x-hubspot-request-timestamp'])
  return {
    v1: createHash('sha256')
      .update(secret + raw)
      .digest('hex'),
    v3: createHmac('sha256', secret).update(signed).digest('base64'),
  }
}
