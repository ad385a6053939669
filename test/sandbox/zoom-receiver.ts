import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { validationToken } from '../../services/sandbox/zoom/delivery/signature.ts'
import type { Webhook } from '../../services/sandbox/zoom/webhooks.ts'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly raw: string
  readonly webhook: Webhook
}

/** How the receiver meets a webhook: a status, no answer at all, or a cut connection. */
export type Reaction = number | 'silence' | 'reset'

export interface Receiver {
  readonly url: string
  /** The webhooks in order of arrival, without the validations. */
  readonly received: readonly Received[]
  readonly validations: () => number
}

/** A small endpoint that answers the validation and reacts to webhooks as told. It ends with the test. */
export const startReceiver = async (
  context: TestContext,
  options: { react?: (attempt: Received, number: number) => Reaction; secret?: string } = {},
): Promise<Receiver> => {
  const { react = () => 204, secret = 'sandbox-secret' } = options
  const received: Received[] = []
  let validations = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const raw = Buffer.concat(chunks).toString('utf8')
    const webhook = JSON.parse(raw) as Webhook
    if (webhook.event === 'endpoint.url_validation') {
      validations += 1
      const plainToken = String((webhook.payload as unknown as { plainToken: string }).plainToken)
      response.end(JSON.stringify({ plainToken, encryptedToken: validationToken(secret, plainToken) }))
      return
    }
    const attempt = { path: request.url ?? '', headers: request.headers, raw, webhook }
    received.push(attempt)
    answer(response, react(attempt, received.length))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, received, validations: () => validations }
}

const answer = (response: ServerResponse, reaction: Reaction): void => {
  if (reaction === 'reset') response.socket?.resetAndDestroy()
  else if (reaction !== 'silence') {
    if (reaction >= 300 && reaction < 400) response.setHeader('location', '/elsewhere')
    response.statusCode = reaction
    response.end()
  }
}

/** Waits until the condition holds, at most half a minute. */
export const until = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const deadline = Date.now() + 30_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited half a minute for: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
