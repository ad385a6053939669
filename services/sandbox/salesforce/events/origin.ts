import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyRequest } from 'fastify'

/** What the call of the API that is being answered leaves as `changeOrigin` of its changes. */
export const callOrigin = new AsyncLocalStorage<string>()

/** `com/salesforce/api/rest/60.0;client=our-pipeline` (facts/salesforce.md §7): the client is what the header Sforce-Call-Options names. */
export const originOf = (request: FastifyRequest, version: string): string => {
  const [, client] = /(?:^|,)\s*client=([^,]+)/i.exec(String(request.headers['sforce-call-options'] ?? '')) ?? []
  return `com/salesforce/api/rest/${version.replace(/^v/, '')}${client === undefined ? '' : `;client=${client}`}`
}
