import { fileURLToPath } from 'node:url'
import { runProgram } from './children.ts'
import { type Measurement, whole } from './measurement.ts'

const identities = 1_000_000
const program = fileURLToPath(new URL('table/load.ts', import.meta.url))

export const tableMeasurement: Measurement = {
  name: 'table',
  title: 'Loading the identity table',
  method: `${whole(identities)} people with two aliases each (an address and a HubSpot contact; three rows of the topic) are written to \`identities\`, then a new process loads the table as every service does at its start: reading, decoding, indexing. Bytes are the growth of the heap and of external memory after a garbage collection, per person.`,
  run: async ({ brokers, registryUrl, say }) => {
    say('writing and loading a million identities …')
    const node = [
      ...process.execArgv,
      '--expose-gc',
      '--max-old-space-size=6144',
      program,
      brokers[0] ?? '',
      registryUrl,
      String(identities),
    ]
    const output = await runProgram(process.execPath, node)
    const { rows, seconds, bytes } = JSON.parse(output) as { rows: number; seconds: number; bytes: number }
    return [
      { what: 'Rows loaded', value: `${whole(rows / seconds)} rows/s` },
      { what: 'Time until the table is caught up', value: `${seconds.toFixed(1)} s for ${whole(rows)} rows` },
      { what: 'Memory', value: `${whole(bytes / identities)} bytes per person` },
    ]
  },
}
