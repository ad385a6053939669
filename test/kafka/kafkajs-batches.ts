import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

interface Encoded {
  readonly buffer: Buffer
}

/** kafkajs' own encoders of a record batch and of a record in it. */
export const { RecordBatch }: { RecordBatch: (options: object) => Promise<Encoded> } = load(
  'kafkajs/src/protocol/recordBatch/v0',
)
export const encodeRecord: (options: object) => Encoded = load('kafkajs/src/protocol/recordBatch/record/v0')
