import { createDirectory } from '../../services/identity/directory.ts'
import { aliasRow, personKey, personRow } from '../../services/identity/rows.ts'
import { connectKafka } from '../../services/kafka/connect.ts'
import type { Kafka, OutgoingRecord } from '../../services/kafka/kafka.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { type Codec, createCodec } from '../../services/runtime/codec.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { startTables } from '../../services/runtime/process/tables.ts'
import { connectRegistry } from '../../services/runtime/registry.ts'
import { identities } from '../../topology/topics.ts'

/** Arguments: broker, registry URL, number of people. Prints rows, seconds and bytes as JSON. Needs --expose-gc. */
const [broker = '', url = '', count = '0'] = process.argv.slice(2)
const people = Number(count)
const rowsPerPerson = 3
const topicPrefix = 'bench-table-'
const logger = createLogger({ level: 'error' })
const kafka = connectKafka({ brokers: [broker], clientId: 'bench', topicPrefix, logger, clock })
const registry = connectRegistry({ url })
const codec = await createCodec({ registry, topics: [identities], clock, topicPrefix, register: true })
await kafka.topics.create([{ name: identities.name, partitions: 1, config: { 'cleanup.policy': 'compact' } }])
await write(kafka, codec)
const before = held()
const startedAt = performance.now()
const directory = createDirectory('a secret of the measurement, not of a person')
const tables = await startTables({
  ...{ kafka, codec, logger, directory, metrics: createMetrics(), state: new Map() },
  onFatal: error => {
    throw error
  },
})
await tables.caughtUp(identities.name)
const seconds = (performance.now() - startedAt) / 1_000
const bytes = held() - before
if (directory.size().persons !== people) throw new Error(`loaded ${directory.size().persons} people of ${people}`)
process.stdout.write(`${JSON.stringify({ rows: people * rowsPerPerson, seconds, bytes })}\n`)
process.exit(0)

async function write(to: Kafka, with_: Codec): Promise<void> {
  const publisher = await to.publisher('bench-table')
  const batch = 2_000
  for (let from = 0; from < people; from += batch) {
    const length = Math.min(batch, people - from)
    await publisher.publish(Array.from({ length }, (_, index) => rowsOf(with_, from + index)).flat())
  }
  await publisher.close()
}

function rowsOf(with_: Codec, index: number): OutgoingRecord[] {
  const id = index.toString(16).padStart(20, '0')
  const time = 1_790_000_000_000 + index
  const aliases = [
    `email:person.${index}@company-${index % 5_000}.example.com`,
    `hubspot:contact:${10_000_000 + index}`,
  ]
  const attributes = { firstName: { value: `First${index % 900}`, time, claim: `zoom:${id}` } }
  const rows = [
    { key: personKey(id), row: personRow(id, { aliases, former: [], attributes }) },
    ...aliases.map(alias => ({ key: alias, row: { ...aliasRow(time), person: id, attributes } })),
  ]
  return rows.map(({ key, row }) => ({ topic: identities.name, key, value: with_.encode(identities, row) }))
}

function held(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
