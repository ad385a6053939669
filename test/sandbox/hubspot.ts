import type { TestContext } from 'node:test'
import hubspot from '@hubspot/api-client'
import { type HubSpotSandboxOptions, startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'

export interface Account {
  readonly url: string
  readonly client: hubspot.Client
  /** A request past the client, with the token. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** The writes that took effect, as `operation id`. */
  writes(): Promise<string[]>
  close(): Promise<void>
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any endpoint
  readonly body: any
}

/** A fresh emulated account, its official client without retries, and raw requests. Ends with the test. */
export const openAccount = async (context: TestContext, options: HubSpotSandboxOptions = {}): Promise<Account> => {
  const { url, close } = await startHubSpotSandbox({ searchLagMs: 0, eventLagMs: 0, ...options })
  context.after(close)
  const client = new hubspot.Client({ accessToken: 'sandbox', basePath: url, numberOfApiCallRetries: 0 })
  const call: Account['call'] = async (method, path, body, headers = { authorization: 'Bearer sandbox' }) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  const writes = async (): Promise<string[]> =>
    (await call('GET', '/_sandbox/writes')).body.map(
      (write: { operation: string; id: string }) => `${write.operation} ${write.id}`,
    )
  return { url, client, call, writes, close }
}

/** An input of a batch upsert by address. */
export const byAddress = (id: string, properties: Record<string, string>, objectWriteTraceId?: string) => ({
  id,
  idProperty: 'email',
  properties,
  ...(objectWriteTraceId === undefined ? {} : { objectWriteTraceId }),
})

/** Makes a record, of a company unless said otherwise, and gives it as the API answered. */
export const createRecord = async (
  { call }: Pick<Account, 'call'>,
  properties: Record<string, string>,
  objectType = 'companies',
): Promise<Reply['body']> => {
  const { status, body } = await call('POST', `/crm/v3/objects/${objectType}`, { properties })
  if (status !== 201) throw new Error(`the record was refused with ${status}: ${body.message}`)
  return body
}
