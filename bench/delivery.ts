import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Receipt } from '../schemas/generated.ts'
import { type RunningProgram, startProgram } from './delivery/program.ts'
import { readReceipts } from './delivery/receipts.ts'
import { type Figure, type Measurement, percentile, whole } from './measurement.ts'

const webhooksPerSecond = 100
const warmUpMs = 15_000
const measuredMs = 60_000
const drainMs = 120_000

export const deliveryMeasurement: Measurement = {
  name: 'delivery',
  title: 'From a webhook to the CRM',
  method: `\`tributary start --no-sample\` runs everything in one process with its own Kafka; the emulated Zoom sends signed live webhooks at ${webhooksPerSecond} a second, and the emulated HubSpot keeps HubSpot's published limits (190 calls in 10 seconds). After ${warmUpMs / 1_000} s of warm-up the receipts of ${measuredMs / 1_000} s are taken: latency is from the webhook received to the write accepted by the vendor. Calls are all requests made to the vendor in the whole run, set against the writes that it accepted.`,
  run: async ({ say }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'))
    const program = await startProgram(folder, say)
    try {
      return await measure(program, say)
    } finally {
      await program.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const measure = async (program: RunningProgram, say: (line: string) => void): Promise<Figure[]> => {
  say(`live webhooks at ${webhooksPerSecond}/s …`)
  await program.play(webhooksPerSecond)
  await sleep(warmUpMs)
  const from = Date.now()
  await sleep(measuredMs)
  const to = Date.now()
  await program.play(0)
  await program.quiet(drainMs)
  const receipts = await readReceipts(program.brokers, program.registryUrl)
  const measured = receipts.filter(({ receivedAt }) => receivedAt >= from && receivedAt < to)
  return [
    { what: 'Webhooks taken', value: `${whole((await program.metric('tributary_webhooks_total')) ?? 0)}` },
    ...latencies(measured),
    ...(await calls(program, receipts)),
  ]
}

const taken: ReadonlySet<Receipt['outcome']> = new Set(['APPLIED', 'CREATED'])

const latencies = (receipts: readonly Receipt[]): Figure[] =>
  [...Map.groupBy(receipts, ({ destination, object }) => `${destination} ${object}`)].sort().flatMap(([what, all]) => {
    const accepted = all.filter(({ outcome }) => taken.has(outcome)).map(({ at, receivedAt }) => at - receivedAt)
    if (accepted.length === 0) return []
    const [middle, high] = [percentile(accepted, 50), percentile(accepted, 99)]
    return [{ what, value: `p50 ${whole(middle)} ms, p99 ${whole(high)} ms (${whole(accepted.length)} writes)` }]
  })

const calls = async (program: RunningProgram, receipts: readonly Receipt[]): Promise<Figure[]> => {
  const vendors = [...new Set(receipts.map(({ destination }) => destination))].sort()
  const figures: Figure[] = []
  for (const vendor of vendors) {
    const requests = await program.metric('tributary_vendor_requests_total', { vendor })
    const writes = receipts.filter(({ destination, outcome }) => destination === vendor && taken.has(outcome)).length
    if (requests === undefined || writes === 0) continue
    const ratio = whole((requests * 1_000) / writes)
    figures.push({ what: `Calls to ${vendor} per 1,000 accepted writes`, value: `${ratio} (${whole(requests)} calls)` })
  }
  return figures
}
