import avro from 'avsc'
import { z } from 'zod'
import type { AvroSchema } from '../../../../schemas/records.ts'

/** What a change event says of itself. */
export interface ChangeHeader {
  /** In queries, as `Task`. */
  readonly entity: string
  readonly changeType: string
  /** Of the records that were changed alike; may hold patterns as `00T*`. */
  readonly recordIds: readonly string[]
  /** The same of two events only when they are the same. */
  readonly key: string
}

const headerName = 'ChangeEventHeader'

const header = z.object({
  entityName: z.string(),
  changeType: z.string(),
  recordIds: z.array(z.string()),
  transactionKey: z.string(),
  sequenceNumber: z.number(),
})

const names = Object.keys(header.shape)

const recordSchema = z.looseObject({
  type: z.literal('record'),
  name: z.string(),
  fields: z.array(z.looseObject({ name: z.string(), type: z.unknown() })),
})

/**
 * Reads the header of events of one schema, and passes over all else: records are read anew, and of numbers there some do not fit into ours.
 * @param schemaJson as GetSchema gives it. Throws when it is none of change events.
 */
export const headerReader = (schemaJson: string): ((payload: Buffer) => ChangeHeader) => {
  const whole = recordSchema.parse(JSON.parse(schemaJson))
  const field = whole.fields.find(({ name }) => name === headerName)
  const inner = recordSchema.parse(field?.type)
  const narrowed = {
    ...whole,
    fields: [{ name: headerName, type: { ...inner, fields: inner.fields.filter(({ name }) => names.includes(name)) } }],
  }
  const reader = avro.Type.forSchema(narrowed as AvroSchema as avro.Schema)
  const resolver = reader.createResolver(avro.Type.forSchema(whole as AvroSchema as avro.Schema))
  return payload => {
    const { [headerName]: value } = reader.fromBuffer(payload, resolver) as Readonly<Record<string, unknown>>
    const { entityName, changeType, recordIds, transactionKey, sequenceNumber } = header.parse(value)
    return { entity: entityName, changeType, recordIds, key: `${transactionKey} ${sequenceNumber}` }
  }
}
