import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A request with exactly these headers: `fetch` sets Host and Sec-Fetch-… itself. */
export const ask = async (
  url: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answered> => {
  const outgoing = request(url, { method, headers, agent: false })
  outgoing.end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: await text(incoming) }
}

/** As a browser sends a login. */
export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
