import { z } from 'zod'
import type { Problem } from '../../../delivery/destination.ts'
import { unreadable } from '../answers.ts'
import type { PendoClient } from '../client.ts'

/** What Pendo keeps metadata about. */
export type MetadataKind = 'visitor' | 'account'

/** Types of the fields of the group `custom`, by name. */
export type MetadataFields = ReadonlyMap<string, string>

/** Reads the fields that the subscription has. They cannot be made through the API: an admin makes them in Pendo. */
export const readFields = async (
  client: PendoClient,
  kind: MetadataKind,
  signal: AbortSignal,
): Promise<MetadataFields | Problem> => {
  const path = `/api/v1/metadata/schema/${kind}`
  const answer = await client.call({ operation: 'metadata.schema', method: 'GET', path }, signal)
  if (answer.kind !== 'success') return answer
  const { success, data } = schema.safeParse(answer.body)
  if (!success) return unreadable(answer.status)
  return new Map(
    Object.entries(data.custom).flatMap(([name, field]) => (isDeleted(field) ? [] : [[name, typeOf(field)] as const])),
  )
}

const schema = z.object({ custom: z.record(z.string(), z.record(z.string(), z.unknown())).default({}) })

/** Whether the keys within begin with capitals is not known. */
const valueIn = (field: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.entries(field).find(([key]) => key.toLowerCase() === name)?.[1]

const typeOf = (field: Readonly<Record<string, unknown>>): string => String(valueIn(field, 'type') ?? '').toLowerCase()

const isDeleted = (field: Readonly<Record<string, unknown>>): boolean => valueIn(field, 'isdeleted') === true
