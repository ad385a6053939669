import { generateKeyPairSync, sign } from 'node:crypto'
import type { TestContext } from 'node:test'
import jsforce from 'jsforce'
import { type SalesforceSandboxOptions, startSalesforceSandbox } from '../../services/sandbox/salesforce/start.ts'

export const DATA = '/services/data/v60.0'
export const KEY = 'Tributary_Id__c'

export interface TestOrg {
  readonly url: string
  readonly client: jsforce.Connection
  /** A request past the client, with the token. A path that begins with a slash only is below the API's version. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** A request as it is, to inspection and the like. */
  raw(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** Creates a record and returns its id. */
  create(object: string, fields: object): Promise<string>
  read(object: string, id: string): Promise<Record<string, unknown>>
  close(): Promise<void>
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any endpoint
  readonly body: any
}

const TOKEN = { authorization: 'Bearer sandbox' }

/** A fresh emulated org, jsforce, and raw requests. Ends with the test. */
export const openOrg = async (context: TestContext, options: SalesforceSandboxOptions = {}): Promise<TestOrg> => {
  const { url, close } = await startSalesforceSandbox(options)
  context.after(close)
  const client = new jsforce.Connection({ loginUrl: url, instanceUrl: url, accessToken: 'sandbox', version: '60.0' })
  const raw: TestOrg['raw'] = async (method, path, body, headers = TOKEN) => {
    const type = body === undefined || 'content-type' in headers ? {} : { 'content-type': 'application/json' }
    const response = await fetch(url + path, {
      method,
      headers: { ...type, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  const call: TestOrg['call'] = (method, path, body, headers) =>
    raw(method, DATA + path, body, { ...TOKEN, ...headers })
  return {
    url,
    client,
    call,
    raw,
    create: async (object, fields) => {
      const { status, body } = await call('POST', `/sobjects/${object}`, fields)
      if (status !== 201) throw new Error(`${object} was not created: ${JSON.stringify(body)}`)
      return body.id
    },
    read: async (object, id) => (await call('GET', `/sobjects/${object}/${id}`)).body,
    close,
  }
}

export const query = async (org: TestOrg, soql: string, path = 'query'): Promise<Reply> =>
  org.call('GET', `/${path}?q=${encodeURIComponent(soql)}`)

/** A record of a collection. */
export const of = (type: string, fields: object): object => ({ attributes: { type }, ...fields })

/** A clock that the test moves; nothing waits. */
export const movedClock = (start: string) => {
  let now = Date.parse(start)
  const move = (ms: number): void => {
    now += ms
  }
  return { now: () => now, sleep: () => Promise.resolve(), move }
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A signed assertion, valid unless the claims say otherwise. */
export const assertion = (url: string, claims: object = {}, algorithm = 'RS256'): string => {
  const exp = Math.floor(Date.now() / 1000) + 180
  const text = `${part({ alg: algorithm })}.${part({ iss: 'sandbox', sub: 'someone@example.com', aud: url, exp, ...claims })}`
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`
}
