import { fileURLToPath } from 'node:url'
import { runProgram } from '../children.ts'
import { type Figure, type Measurement, median, whole } from '../measurement.ts'
import { connectBench } from './connection.ts'
import { fill } from './fill.ts'
import { prepareStreams } from './streams.ts'

const tracks = 1_000_000
const identities = 100_000
const rounds = 5
const program = fileURLToPath(new URL('ours.ts', import.meta.url))

export const joinMeasurement: Measurement = {
  name: 'join',
  title: 'Join of events with identities, exactly once',
  method: `${whole(tracks)} Avro tracks in 4 partitions are joined with ${whole(identities)} identities into Avro writes, transactionally, on one broker: by a consumer in Tributary's runtime (one process), and by bench/join/KafkaStreamsJoin.java (exactly_once_v2, a GlobalKTable in memory). Runs alternate; each figure is the median of ${rounds}. Tributary's time ends with the commit of the last record, that of Kafka Streams with its join.`,
  run: async ({ brokers, registryUrl, say }) => {
    const broker = brokers[0] ?? ''
    const streams = await prepareStreams(say)
    const { kafka, codec } = await connectBench(brokers, registryUrl)
    say('filling the topics …')
    await fill(kafka, codec, { tracks, identities })
    await kafka.close()
    const contenders = [
      { name: 'Tributary, one process', rate: () => ours(broker, registryUrl), rates: [] as number[] },
      ...[1, 2].map(threads => ({
        name: `Kafka Streams, ${threads} thread${threads === 1 ? '' : 's'}`,
        rate: () => streams.run(broker, threads, tracks),
        rates: [] as number[],
      })),
    ]
    for (let round = 1; round <= rounds; round++) {
      for (const { name, rate, rates } of contenders) {
        rates.push(await rate())
        say(`round ${round}: ${name} ${whole(rates.at(-1) ?? 0)}/s`)
      }
    }
    return figuresOf(contenders)
  },
}

const ours = async (broker: string, registryUrl: string): Promise<number> => {
  const output = await runProgram(process.execPath, [...process.execArgv, program, broker, registryUrl, String(tracks)])
  const { records, seconds } = JSON.parse(output) as { records: number; seconds: number }
  return records / seconds
}

const figuresOf = (contenders: readonly { readonly name: string; readonly rates: readonly number[] }[]): Figure[] => {
  const base = median(contenders[0]?.rates ?? [])
  return contenders.map(({ name, rates }, place) => {
    const range = `${whole(Math.min(...rates))} – ${whole(Math.max(...rates))}`
    const ratio = place === 0 ? '' : `; Tributary is ${(base / median(rates)).toFixed(2)} times as fast`
    return { what: name, value: `${whole(median(rates))} records/s (${range})${ratio}` }
  })
}
