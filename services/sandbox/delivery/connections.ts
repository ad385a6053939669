import { Agent, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'

export interface Posting {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds until no answer is waited for any longer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** What came of a request. */
export interface Posted {
  /** Null when no answer came. */
  readonly status: number | null
  /** Why none came, for people. */
  readonly problem: string | undefined
  /** The body of the answer. */
  readonly text: string
}

/** Kept-alive connections to one receiver of webhooks. */
export interface Connections {
  /** Resolves when it was answered, took too long or was given up; never rejects. */
  post(posting: Posting): Promise<Posted>
  /** Cuts those that are open; another request makes new ones. */
  cut(): void
}

/** @param url the whole address, http or https */
export const connectTo = (url: string): Connections => {
  const secure = new URL(url).protocol === 'https:'
  const agent = new (secure ? SecureAgent : Agent)({ keepAlive: true })
  return {
    post: posting => post(secure ? secureRequest : request, url, agent, posting),
    cut: () => agent.destroy(),
  }
}

/** Plain `node:http` instead of fetch, which takes three times as long: live traffic should not starve what it feeds. */
const post = (
  open: typeof request,
  url: string,
  agent: Agent,
  { body, headers, timeoutMs, signal }: Posting,
): Promise<Posted> =>
  new Promise(resolve => {
    let late = false
    const length = String(Buffer.byteLength(body))
    const outgoing = open(url, { method: 'POST', agent, headers: { ...headers, 'content-length': length } })
    const stop = (): void => void outgoing.destroy()
    const timer = setTimeout(() => {
      late = true
      stop()
    }, timeoutMs)
    const settle = (posted: Posted): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      resolve(posted)
    }
    const failed = (error: unknown): void => {
      const problem = late ? `no answer within ${timeoutMs} ms` : `no connection (${codeOf(error)})`
      settle({ status: null, problem, text: '' })
    }
    outgoing.on('response', answer => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', failed)
      answer.on('end', () =>
        settle({
          status: answer.statusCode ?? null,
          problem: undefined,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    outgoing.on('error', failed)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    outgoing.end(body)
  })

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')
