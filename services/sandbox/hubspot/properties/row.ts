export const PROPERTY_TYPES = ['bool', 'date', 'datetime', 'enumeration', 'number', 'phone_number', 'string'] as const
export type PropertyType = (typeof PROPERTY_TYPES)[number]

/** name, label, type, whether an API call may set it, options */
export type Row = readonly [
  name: string,
  label: string,
  type: PropertyType,
  writable: 'writable' | 'read-only',
  options?: readonly string[] | 'external',
]

/** What every record has, whatever its type. */
export const OF_EVERY_RECORD: readonly Row[] = [
  ['hs_createdate', 'Object create date/time', 'datetime', 'read-only'],
  ['hs_lastmodifieddate', 'Last modified date', 'datetime', 'read-only'],
  ['hs_object_id', 'Record ID', 'number', 'read-only'],
  ['hs_object_source', 'Record creation source', 'string', 'read-only'],
  ['hs_object_source_detail_1', 'Record source detail 1', 'string', 'read-only'],
  ['hs_object_source_detail_2', 'Record source detail 2', 'string', 'read-only'],
  ['hs_object_source_detail_3', 'Record source detail 3', 'string', 'read-only'],
  ['hs_object_source_id', 'Record creation source ID', 'string', 'read-only'],
  ['hs_object_source_label', 'Record source', 'string', 'read-only'],
  ['hs_object_source_user_id', 'Record creation source user ID', 'number', 'read-only'],
  ['hubspot_owner_id', 'Owner', 'enumeration', 'writable', 'external'],
]
