/** What is sent again and again: the same events under new ids, as the ingest takes each id once. */
export interface RepeatedRequest {
  readonly events: number
  /** Head and body for the next time. The bytes are the same ones each time: they must be sent before the next call. */
  next(): Buffer
}

/** What one connection sends. */
export interface RequestOptions {
  readonly host: string
  readonly writeKey: string
  readonly events: number
  /** No other connection has it, nor had it before. */
  readonly name: string
  /** Milliseconds since the epoch at which the events happen and are sent. */
  readonly at: number
}

const digits = 10
/** Where the number of the request goes; nothing else in it reads so. */
const place = '#'.repeat(digits)

/** A batch of track calls of as many users as it has events, as Segment's SDK for Node writes it. */
export const repeatedRequest = (options: RequestOptions): RepeatedRequest => {
  const body = JSON.stringify({ batch: eventsOf(options), sentAt: new Date(options.at).toISOString() })
  const head = [
    'POST /v1/batch HTTP/1.1',
    `Host: ${options.host}`,
    `Authorization: Basic ${Buffer.from(`${options.writeKey}:`).toString('base64')}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
  const places = placesIn(bytes)
  let sent = 0
  return {
    events: options.events,
    next: () => {
      sent += 1
      const number = String(sent).padStart(digits, '0')
      for (const at of places) bytes.write(number, at, 'latin1')
      return bytes
    },
  }
}

const placesIn = (bytes: Buffer): readonly number[] => {
  const places: number[] = []
  for (let at = bytes.indexOf(place); at !== -1; at = bytes.indexOf(place, at + digits)) places.push(at)
  return places
}

const names = ['Report Exported', 'Dashboard Opened', 'Invite Sent', 'Plan Changed']

const eventsOf = ({ events, name, at }: RequestOptions): readonly object[] =>
  Array.from({ length: events }, (_, index) => ({
    type: 'track',
    messageId: `node-next-${place}-${name}-${index}`,
    userId: `user-${name}-${index}`,
    event: names[index % names.length],
    timestamp: new Date(at - (events - index) * 100).toISOString(),
    properties: { plan: 'enterprise', region: 'eu-central-1', format: 'pdf', pages: index % 40, shared: true },
    context: { groupId: `company-${index % 20}`, library: { name: '@segment/analytics-node', version: '3.1.0' } },
    integrations: {},
    _metadata: { nodeVersion: '24.21.0', jsRuntime: 'node' },
  }))
