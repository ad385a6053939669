import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { findJava } from '../services/platform/java.ts'
import { startTestKafka } from '../test/kafka.ts'
import { deliveryMeasurement } from './delivery.ts'
import { ingestMeasurement } from './ingest.ts'
import { joinMeasurement } from './join/join.ts'
import type { Conditions, Measurement, Result } from './measurement.ts'
import { productMeasurement } from './product.ts'
import { tableMeasurement } from './table.ts'

/**
 * `npm run bench [names…]`: measures, one after another, and keeps the results in bench/results.json, of which `npm run generate` makes
 * docs/performance.md. Nothing is asserted: machines differ.
 */
const measurements: readonly Measurement[] = [
  ...[joinMeasurement, deliveryMeasurement, ingestMeasurement, productMeasurement, tableMeasurement],
]
const file = new URL('results.json', import.meta.url)

const { positionals } = parseArgs({ allowPositionals: true })
const unknown = positionals.filter(name => !measurements.some(measurement => measurement.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no measurement ${unknown.join(', ')}. There are: ${measurements.map(({ name }) => name).join(', ')}.\n`,
  )
  process.exit(1)
}
const wanted = measurements.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
for (const measurement of wanted) {
  try {
    keep(await measured(measurement))
  } catch (error) {
    process.stderr.write(`${measurement.name} could not be measured: ${error instanceof Error ? error.stack : error}\n`)
    process.exit(1)
  }
}
process.stdout.write('Kept in bench/results.json; `npm run generate` makes docs/performance.md of it.\n')
process.exit(0)

async function measured({ name, title, method, run }: Measurement): Promise<Result> {
  process.stdout.write(`── ${title}\n`)
  const say = (line: string): void => void process.stdout.write(`  ${line}\n`)
  const kafka = await startTestKafka({ only: 'embedded', say })
  try {
    const figures = await run({ brokers: kafka.brokers, registryUrl: kafka.registryUrl, say })
    for (const { what, value } of figures) say(`${what}: ${value}`)
    return { name, title, method, figures, command: `npm run bench ${name}`, conditions: conditions() }
  } finally {
    await kafka.stop()
  }
}

function keep(result: Result): void {
  const known = JSON.parse(readFileSync(file, 'utf8')) as readonly Result[]
  const results = measurements.flatMap(({ name }) =>
    name === result.name ? [result] : known.filter(each => each.name === name),
  )
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
}

function conditions(): Conditions {
  const java = execFileSync(findJava(), ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? ''
  return {
    day: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    java,
    kafka: '4.3.0',
  }
}
