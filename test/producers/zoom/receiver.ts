import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IdentityClaim, Webinar } from '../../../schemas/generated.ts'
import type { StoredRecord } from '../../../services/kafka/kafka.ts'
import { memoryKafka } from '../../../services/kafka/memory/memory.ts'
import { startIngest } from '../../../services/producers/ingest.ts'
import { checkSelection } from '../../../services/producers/zoom/selection.ts'
import { type ZoomWebhookParts, zoomRoutes } from '../../../services/producers/zoom/webhooks.ts'
import type { Clock } from '../../../services/runtime/clock.ts'
import { createCodec } from '../../../services/runtime/codec.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { deadLetters, identityClaims, sharedPartitions, webinars } from '../../../topology/topics.ts'
import { storedIn } from '../stored.ts'
import { type Behaviour, unreliable } from '../unreliable-publisher.ts'

export const secret = 'zoom-secret-token-for-tests'
/** When every webhook of these tests arrives: after the times in Zoom's samples. */
export const receivedAt = Date.parse('2021-07-15T12:00:00Z')

/** Zoom's own examples (facts/zoom.md §2), byte by byte, by event. */
export const samples: ReadonlyMap<string, string> = new Map(
  readFileSync(new URL('./samples.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map(line => [(JSON.parse(line) as { event: string }).event, line]),
)

export const sample = (event: string): string => {
  const body = samples.get(event)
  if (body === undefined) throw new Error(`no sample of ${event}`)
  return body
}

/** A sample with other fields: `change` gets the parsed body and edits it. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into bodies of any shape
export const changed = (event: string, change: (body: any) => void): string => {
  const body = JSON.parse(sample(event))
  change(body)
  return JSON.stringify(body)
}

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

export interface Receiver {
  readonly url: string
  readonly metrics: Metrics
  /** Every line that was logged. */
  readonly logged: readonly string[]
  /** Posts a body as Zoom does, signed with the account's secret unless told otherwise. */
  post(
    body: string | Buffer,
    options?: { path?: string; secret?: string; headers?: Record<string, string> },
  ): Promise<Answer>
  records(): Promise<readonly Webinar[]>
  claims(): Promise<readonly IdentityClaim[]>
  stored(topic: string): Promise<readonly StoredRecord[]>
  /** How often a publish was asked for. */
  publishes(): number
  /** What happens to every publish from now on, after or instead of appending. */
  kafka(behaviour: Behaviour): void
  close(): Promise<void>
}

export const signed = (body: string | Buffer, key = secret, timestamp = '1626230692'): Record<string, string> => ({
  'content-type': 'application/json; charset=utf-8',
  'x-zm-request-timestamp': timestamp,
  'x-zm-signature': `v0=${createHmac('sha256', key).update(`v0:${timestamp}:`).update(body).digest('hex')}`,
})

export const startReceiver = async (
  options: { accounts?: ZoomWebhookParts['accounts']; selection?: unknown; clock?: Clock } = {},
): Promise<Receiver> => {
  const clock: Clock = options.clock ?? { now: () => receivedAt, sleep: (_, signal) => aborted(signal) }
  const kafka = memoryKafka({ clock })
  const topics = [webinars, identityClaims, deadLetters]
  await kafka.topics.create(
    topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions === 'one' ? 1 : sharedPartitions,
      config: {},
    })),
  )
  const registry = memoryRegistry()
  const codec = await createCodec({ registry, topics, clock, register: true })
  const publisher = unreliable(await kafka.publisher('zoom-webhooks'))
  const metrics = createMetrics()
  const logged: string[] = []
  const log = createLogger({ level: 'trace', write: line => logged.push(line) })
  const accounts = options.accounts ?? [{ name: 'default', accountId: null, webhookSecret: secret }]
  const routes = zoomRoutes({
    accounts,
    selection: checkSelection(options.selection ?? { zoom: { default: { webinars: 'all' } } }, null),
    publisher,
    codec,
    log,
    metrics,
  })
  const ingest = await startIngest({ host: '127.0.0.1', port: 0, routes, clock, log, metrics })
  const url = `http://127.0.0.1:${ingest.port}`
  const { stored, decoded } = storedIn(kafka, codec)
  return {
    url,
    metrics,
    logged,
    post: async (body, { path = '/webhooks/zoom', secret: key, headers } = {}) => {
      const answer = await fetch(url + path, { method: 'POST', body, headers: headers ?? signed(body, key) })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    },
    records: () => decoded(webinars),
    claims: () => decoded(identityClaims),
    stored,
    publishes: () => publisher.calls(),
    kafka: behaviour => publisher.behave(behaviour),
    close: async () => {
      publisher.behave('up')
      await ingest.close()
      await kafka.close()
    },
  }
}

const aborted = (signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => signal?.addEventListener('abort', () => resolve(), { once: true }))
