import avsc from 'avsc'
import type { AvroSchema } from '../../schemas/records.ts'

/** The Avro body that another program with this schema writes. */
export const writtenWith = (schema: AvroSchema, value: unknown): Buffer =>
  avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: 'auto' as never }).toBuffer(value)
