import assert from 'node:assert/strict'

/** An answer of a vendor, as an input of the fuzzer says it. */
export interface Scripted {
  readonly status?: unknown
  readonly headers?: unknown
  readonly body?: unknown
}

/** The answers in an input: a list, or one. What is no JSON is the body of one answer. */
export const scriptIn = (input: Buffer): readonly Scripted[] => {
  const text = input.toString('utf8')
  try {
    const parsed: unknown = JSON.parse(text)
    const answers = (Array.isArray(parsed) ? parsed : [parsed]).filter(
      each => typeof each === 'object' && each !== null,
    )
    return answers.slice(0, 50) as Scripted[]
  } catch {
    return [{ status: 200, body: text }]
  }
}

export interface ScriptedFetch {
  readonly fetch: typeof fetch
  /** Aborts when more requests were made than any answer can explain, so that what asks for ever ends. */
  readonly signal: AbortSignal
  /** Fails when it had to abort. */
  assertBounded(): void
}

const mostRequests = 2_000

/** Gives the answers one after the other, then the last one again and again; without any, none comes. */
export const scriptedFetch = (script: readonly Scripted[]): ScriptedFetch => {
  const over = new AbortController()
  let requests = 0
  return {
    signal: over.signal,
    fetch: () => {
      const answer = script[Math.min(requests, script.length - 1)]
      requests += 1
      if (requests > mostRequests) over.abort()
      if (requests > 2 * mostRequests) throw new Error(`${requests} requests were made although the caller gave up`)
      return answer ? Promise.try(responseOf, answer) : Promise.reject(new TypeError('fetch failed'))
    },
    assertBounded: () => assert.ok(!over.signal.aborted, `more than ${mostRequests} requests were made`),
  }
}

const responseOf = ({ status, headers, body }: Scripted): Response => {
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '')
  const known = typeof status === 'number' && status >= 200 && status <= 599 ? Math.floor(status) : 200
  const isEmpty = known === 204 || known === 205 || known === 304
  return new Response(isEmpty ? null : text, { status: known, headers: headersOf(headers) })
}

/** Those that can come over the wire. */
const headersOf = (headers: unknown): Headers => {
  const sent = new Headers()
  if (typeof headers !== 'object' || headers === null) return sent
  for (const [name, value] of Object.entries(headers)) {
    try {
      sent.append(name, String(value))
    } catch {}
  }
  return sent
}
