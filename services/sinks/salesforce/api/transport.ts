import { PassThrough } from 'node:stream'
import { Transport } from 'jsforce/lib/transport.js'
import { StreamPromise } from 'jsforce/lib/util/promise.js'

type Request = Parameters<Transport['httpRequest']>[0]
type Response = Awaited<ReturnType<Transport['httpRequest']>>

/**
 * Makes the requests of one call in place of jsforce's own transport, which repeats some of them, waits for half an hour, follows redirects with the token, and
 * ends the process when a connection is cut within an answer (3.10.26).
 */
export class CallTransport extends Transport {
  readonly #signal: AbortSignal
  #answer: Response | undefined

  constructor(signal: AbortSignal) {
    super()
    this.#signal = signal
  }

  /** The last answer that came whole. */
  get answer(): Response | undefined {
    return this.#answer
  }

  override httpRequest({ url, method, headers, body }: Request): StreamPromise<Response> {
    const answered = async (): Promise<Response> => {
      const response = await fetch(url, {
        method,
        headers: headers ?? {},
        ...(typeof body === 'string' ? { body } : {}),
        redirect: 'manual',
        signal: this.#signal,
      })
      const text = await response.text()
      this.#answer = { statusCode: response.status, headers: Object.fromEntries(response.headers), body: text }
      return this.#answer
    }
    return StreamPromise.create(() => ({ stream: new PassThrough().end(), promise: answered() }))
  }
}
