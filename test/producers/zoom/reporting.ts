import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { IdentityClaim, Webinar } from '../../../schemas/generated.ts'
import { type MemoryKafka, memoryKafka } from '../../../services/kafka/memory/memory.ts'
import { mapWebhook } from '../../../services/producers/zoom/events.ts'
import { type RunningZoomReports, startZoomReports } from '../../../services/producers/zoom/reports/service.ts'
import { connectZoom } from '../../../services/producers/zoom/rest/connect.ts'
import { checkSelection } from '../../../services/producers/zoom/selection.ts'
import { isRecorded, readEnvelope, readWebhook } from '../../../services/producers/zoom/webhook.ts'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { createMetrics, type Metrics } from '../../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { readRecording } from '../../../services/sandbox/zoom/recording.ts'
import type { Webhook } from '../../../services/sandbox/zoom/webhooks.ts'
import { startZoomSandbox, type ZoomSandbox } from '../../../services/sandbox/zoom/zoom-sandbox.ts'
import { identityClaims, sharedPartitions, webinars } from '../../../topology/topics.ts'
import { type ManualClock, manualClock } from '../../clock.ts'
import { takingAll } from '../../kafka/taking-all.ts'
import { storedIn } from '../stored.ts'

/** The recorded webinar (services/sandbox/zoom/recordings): it ran twice. */
export const recorded = {
  number: '93498765432',
  runs: ['Kq7mP0ZsQ1y9uW3nVbT4Lw==', '/Tr4c//9Rk2xHn5GfYdE8A=='],
  firstEnd: Date.parse('2026-10-14T15:31:52Z'),
  end: Date.parse('2026-10-14T16:04:20Z'),
} as const

export const minute = 60_000

/** What differs from the usual: an account with credentials, everything selected, no sweep. */
export interface Circumstances {
  /** The account that held the webinar; another than `default` stands beside that one, whose Zoom cannot be reached. */
  readonly account?: string
  readonly credentials?: boolean
  readonly afterMs?: number
  readonly waitMs?: number
  readonly sweepEveryMs?: number
  readonly selection?: unknown
  readonly reportAfterMs?: number
}

/** A Kafka in memory, an emulated Zoom that has held the recorded webinar, and a clock that shows the evening of its day until it is moved. */
export interface Reporting {
  readonly kafka: MemoryKafka
  readonly codec: Codec
  readonly clock: ManualClock
  readonly metrics: Metrics
  readonly logged: readonly string[]
  readonly zoom: ZoomSandbox
  start(): Promise<RunningZoomReports>
  /** Appends what these webhooks become. */
  take(...webhooks: readonly Webhook[]): Promise<void>
  /** Moves the clock until the condition holds, one second at a time, an hour at most unless told otherwise. */
  until(holds: () => boolean | Promise<boolean>, what: string, mostMs?: number): Promise<void>
  events(): Promise<readonly Webinar[]>
  told(kind: Webinar['kind']): Promise<readonly Webinar[]>
  claims(): Promise<readonly IdentityClaim[]>
  /** Paths that the emulated Zoom was asked for. */
  asked(): Promise<readonly string[]>
  fault(fault: unknown): Promise<void>
}

const folder = mkdtempSync(join(tmpdir(), 'zoom-reports-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const playedJournal = join(folder, 'played.jsonl')
let played: Promise<void> | undefined
let count = 0

/** Every webhook of the recording, in order. */
export const recordedWebhooks = (): readonly Webhook[] => readRecording('product-webinar').map(({ body }) => body)

export const webhooksOf = (...events: readonly string[]): readonly Webhook[] =>
  recordedWebhooks().filter(({ event }) => events.includes(event))

/** Plays the whole recording with every webhook lost. */
const playOnce = async (): Promise<void> => {
  const sandbox = await startZoomSandbox({
    ingestUrl: 'http://127.0.0.1:9',
    journalFile: playedJournal,
    clock: { now: () => recorded.end - 500, sleep: () => Promise.resolve() },
  })
  await sandbox.playRecording({ file: 'product-webinar', speed: Number.POSITIVE_INFINITY, drop: 'all' })
  await sandbox.close()
}

export const startReporting = async (context: TestContext, circumstances: Circumstances = {}): Promise<Reporting> => {
  played ??= playOnce()
  await played
  const { credentials = true, afterMs = 1_000, waitMs = 30 * minute, sweepEveryMs = 0, reportAfterMs } = circumstances
  const clock = manualClock(recorded.end)
  const traffic = countedTraffic()
  const journalFile = join(folder, `${count++}.jsonl`)
  copyFileSync(playedJournal, journalFile)
  const zoom = await startZoomSandbox({ ingestUrl: 'http://127.0.0.1:9', clock, journalFile, reportAfterMs })
  context.after(zoom.close)
  const kafka = memoryKafka({ clock })
  const topics = [webinars, identityClaims]
  await kafka.topics.create(
    topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions === 'one' ? 1 : sharedPartitions,
      config: {},
    })),
  )
  // Stands for the resolver.
  await takingAll(kafka, 'identity-resolver', identityClaims.name)
  const codec = await createCodec({ registry: memoryRegistry(), topics, clock, register: true })
  const publisher = await kafka.publisher('webhooks')
  const metrics = createMetrics()
  const logged: string[] = []
  const logger = createLogger({ level: 'trace', write: line => logged.push(line) })
  const selection = checkSelection(circumstances.selection ?? { zoom: { default: { webinars: 'all' } } }, null)
  const name = circumstances.account ?? 'default'
  const account = {
    name,
    accountId: 'sandbox-account',
    oauth: credentials ? { clientId: 'sandbox', clientSecret: 'sandbox' } : null,
    baseUrl: `${zoom.url}/v2`,
    tokenUrl: `${zoom.url}/oauth/token`,
  }
  const nowhere = 'http://127.0.0.1:9'
  const others = name === 'default' ? [] : [{ ...account, name: 'default', baseUrl: nowhere, tokenUrl: nowhere }]
  const parts = { kafka, codec, metrics, logger, clock, selection }
  const { decoded } = storedIn(kafka, codec)
  const told: Reporting['told'] = async kind => (await decoded(webinars)).filter(event => event.kind === kind)
  return {
    ...{ kafka, codec, clock, metrics, logged, zoom, told },
    start: async () => {
      const connecting = { clock, metrics, random: () => 0.5, fetch: traffic.fetch }
      const running = await startZoomReports({
        ...parts,
        accounts: [...others, account].map(one => ({ name: one.name, calls: connectZoom(one, connecting) })),
        ...{ reportAfterMs: afterMs, reportWaitMs: waitMs, sweepEveryMs },
        onFatal: error => {
          throw error
        },
      })
      context.after(running.close)
      return running
    },
    take: async (...webhooks) => {
      const records = webhooks.flatMap(webhook => {
        const envelope = readEnvelope(Buffer.from(JSON.stringify(webhook)))
        if (!envelope || !isRecorded(envelope.event)) return []
        const read = readWebhook(envelope.event, envelope.body)
        if ('broken' in read) throw new Error(read.broken)
        return mapWebhook(read, { name, panelists: new Set() }, clock.now()).records
      })
      await publisher.publish(
        records.map(event => ({ topic: webinars.name, key: event.number, value: codec.encode(webinars, event) })),
      )
    },
    until: async (holds, what, mostMs = 60 * minute) => {
      const deadline = clock.now() + mostMs
      while (!(await holds())) {
        if (clock.now() > deadline) throw new Error(`waited in vain for: ${what}\n${logged.join('')}`)
        await atRest(kafka, traffic)
        clock.advance(1_000)
      }
      await atRest(kafka, traffic)
    },
    events: () => decoded(webinars),
    claims: () => decoded(identityClaims),
    asked: async () => {
      const answer = await fetch(`${zoom.url}/_sandbox/requests`)
      return ((await answer.json()) as { path: string }[]).map(({ path }) => path)
    },
    fault: async fault => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${zoom.url}/_sandbox/faults`, {
        method: 'POST',
        headers,
        body: JSON.stringify(fault),
      })
      if (answer.status !== 204) throw new Error(await answer.text())
    },
  }
}

/** Lets every answer of the emulated Zoom come in, and Kafka come to rest: the clock must not run while someone waits for the machine. */
const atRest = async (kafka: MemoryKafka, { inFlight }: ReturnType<typeof countedTraffic>): Promise<void> => {
  for (let quiet = 0; quiet < 3; quiet = inFlight() === 0 ? quiet + 1 : 0) {
    if (inFlight() > 0) await new Promise(resolve => setTimeout(resolve, 1))
    await kafka.idle()
  }
}

/** Requests that know how many of them are not answered yet. */
export const countedTraffic = () => {
  let count = 0
  const counted: typeof fetch = async (url, request) => {
    count += 1
    try {
      const answer = await fetch(url, request)
      return new Response(await answer.text(), { status: answer.status, headers: answer.headers })
    } finally {
      count -= 1
    }
  }
  return { fetch: counted, inFlight: () => count }
}
