import type { ObjectType } from './object-types.ts'
import type { CrmRecord } from './records.ts'

/** What a read returns: the named properties, with null for those without a value, or the type's defaults. */
export const presentRead = (type: ObjectType, record: CrmRecord, names: readonly string[]): object => {
  const wanted =
    names.length > 0 ? [...names, type.createdProperty, 'hs_object_id', type.modifiedProperty] : type.readByDefault
  return presented(record, wanted, name => record.properties[name] ?? null)
}

/** What a write returns: the written properties and those that HubSpot computes. */
export const presentWrite = (
  type: ObjectType,
  record: CrmRecord,
  written: readonly string[],
  extra: { new?: boolean } = {},
): object => ({ ...presented(record, [...type.computed, ...written], name => record.properties[name]), ...extra })

const presented = (
  record: CrmRecord,
  names: readonly string[],
  read: (name: string) => string | null | undefined,
): object => {
  const values: Record<string, string | null> = {}
  for (const name of names) {
    const value = read(name)
    if (value !== undefined) values[name] = value
  }
  return {
    id: record.id,
    properties: values,
    createdAt: new Date(record.createdAt).toISOString(),
    updatedAt: new Date(record.updatedAt).toISOString(),
    archived: record.archivedAt !== undefined,
    ...(record.archivedAt === undefined ? {} : { archivedAt: new Date(record.archivedAt).toISOString() }),
  }
}
