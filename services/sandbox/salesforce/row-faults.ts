import { z } from 'zod'
import { refused } from './errors.ts'

const rowFault = z
  .strictObject({
    id: z.string().optional(),
    externalId: z.string().optional(),
    times: z.number().int().positive().default(1),
    statusCode: z.string().default('UNABLE_TO_LOCK_ROW'),
    message: z.string().optional(),
    fields: z.array(z.string()).default([]),
  })
  .refine(({ id, externalId }) => (id === undefined) !== (externalId === undefined), {
    message: 'give the id of a record, or the externalId that it has or will have',
  })

/** Errors on demand for single records, also within a collection, as `POST /_sandbox/rows` takes them. */
export interface RowFaults {
  /** Adds one; throws a ZodError when it is not one. */
  add(input: unknown): void
  /** Refuses a write to the record of these keys (its id and its external ids), as often as was asked. */
  strike(keys: readonly string[]): void
  clear(): void
}

export const createRowFaults = (): RowFaults => {
  const waiting = new Map<string, { left: number; statusCode: string; message: string; fields: readonly string[] }>()
  return {
    add: input => {
      const { id, externalId, times, statusCode, message, fields } = rowFault.parse(input)
      const key = id ?? externalId?.toLowerCase() ?? ''
      const locked = `unable to obtain exclusive access to this record or 1 records: ${id ?? externalId}`
      waiting.set(key, { left: times, statusCode, fields, message: message ?? locked })
    },
    strike: keys => {
      if (waiting.size === 0) return
      for (const key of keys.flatMap(one => [one, one.toLowerCase()])) {
        const fault = waiting.get(key)
        if (!fault) continue
        fault.left -= 1
        if (fault.left === 0) waiting.delete(key)
        throw refused(fault.statusCode, fault.message, fault.fields)
      }
    },
    clear: () => waiting.clear(),
  }
}
