import { fileURLToPath } from 'node:url'
import { connectKafka } from '../services/kafka/connect.ts'
import { systemClock as clock } from '../services/runtime/clock.ts'
import { createLogger } from '../services/runtime/log.ts'
import { tracks } from '../topology/topics.ts'
import { runProgram } from './children.ts'
import type { LoadOptions, LoadResult } from './ingest/load.ts'
import { type Servers, startServers } from './ingest/servers.ts'
import { type Bench, type Figure, type Measurement, percent, spread, whole } from './measurement.ts'

const generator = fileURLToPath(new URL('ingest/generator.ts', import.meta.url))
const rounds = 5
const connections = 64
const warmUpMs = 2_000
const measuredMs = 5_000
/** Events in a request. */
const sizes = [100, 1]

export const ingestMeasurement: Measurement = {
  name: 'ingest',
  title: "Segment's tracking API, against a bare endpoint",
  method: `\`tributary start ingest\` takes track calls at \`/v1/batch\` and answers when Kafka has acknowledged them, each message id once; a bare fastify endpoint parses the same JSON and answers. Both run for the whole measurement, each in a process of its own. A third process sends over ${connections} connections of \`node:net\` that are kept alive, on each the next request when the last is answered, with bytes made beforehand of which only the message ids change: it must not be what the servers wait for, so the share of its time in which it is at work is told. The events of a request are of as many users, each of some 400 bytes. Runs of ${measuredMs / 1_000} s after ${warmUpMs / 1_000} s of warm-up alternate, ${rounds} of each; figures are the median with the least and the most, and a ratio is that of two runs after one another. All of it, the Kafka broker too, shares the processor. In the end Kafka must hold every event that was answered for.`,
  run: async bench => {
    bench.say('starting the ingest and the bare endpoint …')
    const servers = await startServers(bench)
    try {
      return await Promise.race([measure(servers, bench), servers.failed])
    } finally {
      await servers.stop()
    }
  },
}

/** What one round of one size found. */
export interface Round {
  readonly ingest: LoadResult
  readonly bare: LoadResult
}

const measure = async (servers: Servers, bench: Bench): Promise<readonly Figure[]> => {
  const figures: Figure[] = []
  let acknowledged = 0
  for (const events of sizes) {
    const found: Round[] = []
    for (let round = 1; round <= rounds; round++) {
      const load = (url: string, name: string): Promise<LoadResult> =>
        loadOf({ url, connections, events, writeKey: servers.writeKey, name, warmUpMs, measuredMs })
      const bare = await load(servers.bare, `bare-${events}-${round}`)
      const ingest = await load(servers.ingest, `ingest-${events}-${round}`)
      found.push({ ingest, bare })
      acknowledged += ingest.acknowledgedEvents
      const rates = [bare, ingest].map(({ requestsPerSecond }) => whole(requestsPerSecond))
      bench.say(`round ${round} of ${rounds}, ${inARequest(events)}: bare ${rates[0]}/s, ingest ${rates[1]}/s`)
    }
    figures.push(...ingestFigures(events, found))
  }
  return [...figures, await keptEvents(bench, acknowledged)]
}

const loadOf = async (options: LoadOptions): Promise<LoadResult> =>
  JSON.parse(await runProgram(process.execPath, [...process.execArgv, generator, JSON.stringify(options)]))

/** The rows of one size of requests. */
export const ingestFigures = (events: number, found: readonly Round[]): readonly Figure[] => {
  const ratesOf = (contender: keyof Round): readonly number[] => found.map(round => round[contender].requestsPerSecond)
  const rateOf = (contender: keyof Round): string => {
    const inEvents = spread(ratesOf(contender).map(rate => rate * events))
    return events === 1 ? `${inEvents} requests/s` : `${spread(ratesOf(contender))} requests/s, ${inEvents} events/s`
  }
  const ratios = found.map(({ ingest, bare }) => ingest.requestsPerSecond / bare.requestsPerSecond)
  const busy = (contender: keyof Round): string => percent(Math.max(...found.map(round => round[contender].busy)))
  const size = inARequest(events)
  return [
    { what: `Tributary's ingest, ${size}`, value: rateOf('ingest') },
    { what: `Bare fastify, ${size}`, value: rateOf('bare') },
    { what: `Ingest as a share of bare, ${size}`, value: spread(ratios, percent) },
    {
      what: `Load generator at work, ${size}`,
      value: `at most ${busy('ingest')} of its time with the ingest, ${busy('bare')} with bare`,
    },
  ]
}

const inARequest = (events: number): string => `${events} ${events === 1 ? 'event' : 'events'} a request`

/** Throws when Kafka holds fewer events than were answered for. */
const keptEvents = async ({ brokers }: Bench, acknowledged: number): Promise<Figure> => {
  const kafka = connectKafka({
    brokers,
    clientId: 'bench',
    topicPrefix: '',
    clock,
    logger: createLogger({ level: 'error' }),
  })
  try {
    const offsets = await kafka.topics.offsets(tracks.name)
    const kept = offsets.reduce((sum, { earliest, stable }) => sum + stable - earliest, 0)
    if (kept < acknowledged)
      throw new Error(`The ingest answered for ${acknowledged} events, and Kafka holds ${kept}: some are lost.`)
    return { what: 'Events answered for, and in Kafka', value: `${whole(acknowledged)}, and ${whole(kept)}` }
  } finally {
    await kafka.close()
  }
}
