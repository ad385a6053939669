/** A request to the emulated vendor, as `GET /_sandbox/requests` shows it. */
export interface LoggedRequest {
  /** Milliseconds since the epoch, at arrival. */
  readonly at: number
  readonly method: string
  /** With its query string. */
  readonly path: string
  /** Null while there is no answer, and for ever when a fault destroyed the connection. */
  readonly status: number | null
  /** Parsed when it is JSON; null when there is none. */
  readonly body: unknown
}

/** The latest requests in order of arrival, bounded in number and in bytes. */
export interface RequestLog {
  arrived(request: { at: number; method: string; path: string }): Entry
  /** All that are kept, or the latest ones only. */
  read(latest?: number): LoggedRequest[]
  dropped(): number
  clear(): void
}

export interface Entry {
  body(bytes: Buffer): void
  answered(status: number): void
}

const KEPT_REQUESTS = 10_000
const KEPT_BODY_BYTES = 64 * 1024 * 1024
const LONGEST_BODY_BYTES = 1024 * 1024

interface Kept {
  at: number
  method: string
  path: string
  status: number | null
  bytes: Buffer | undefined
}

/** Bodies are kept as bytes, outside the heap, and parsed when somebody looks. */
export const createRequestLog = (): RequestLog => {
  let kept: Kept[] = []
  let first = 0
  let bodyBytes = 0
  let dropped = 0
  const trim = (): void => {
    while (kept.length - first > KEPT_REQUESTS || bodyBytes > KEPT_BODY_BYTES) {
      bodyBytes -= kept[first]?.bytes?.length ?? 0
      first += 1
      dropped += 1
    }
    if (first < KEPT_REQUESTS) return
    kept = kept.slice(first)
    first = 0
  }
  return {
    arrived: request => {
      const entry: Kept = { ...request, status: null, bytes: undefined }
      kept.push(entry)
      trim()
      return {
        body: bytes => {
          entry.bytes = bytes.length > LONGEST_BODY_BYTES ? omitted(bytes.length) : bytes
          bodyBytes += entry.bytes.length
          trim()
        },
        answered: status => {
          entry.status = status
        },
      }
    },
    read: (latest = KEPT_REQUESTS) =>
      kept
        .slice(Math.max(first, kept.length - latest))
        .map(({ at, method, path, status, bytes }) => ({ at, method, path, status, body: parsed(bytes) })),
    dropped: () => dropped,
    clear: () => {
      kept = []
      first = 0
      bodyBytes = 0
      dropped = 0
    },
  }
}

const omitted = (bytes: number): Buffer => Buffer.from(JSON.stringify({ omitted: `${bytes} bytes` }))

const parsed = (bytes: Buffer | undefined): unknown => {
  if (bytes === undefined || bytes.length === 0) return null
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
