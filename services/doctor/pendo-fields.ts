import { pendoWrites } from '../../topology/topics.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { Codec } from '../runtime/codec.ts'
import { storedValues } from '../runtime/stored-values.ts'
import type { PendoClient } from '../sinks/pendo/client.ts'
import { type MetadataFields, type MetadataKind, readFields } from '../sinks/pendo/metadata/fields.ts'
import { fitMetadata } from '../sinks/pendo/metadata/fit.ts'
import { isName } from '../sinks/pendo/names.ts'
import type { Finding } from './finding.ts'

/** Writes that are looked at: those of the last hours at least, and no long wait. */
const latestWrites = 2_000
/** Most names that are told. */
const mostTold = 20

/** Traits of the latest writes that are left out because Pendo has no custom field for them. What is wrong with the key, the setup's findings say. */
export const examinePendoFields = async (
  parts: { readonly kafka: Pick<Kafka, 'read' | 'topics'>; readonly codec: Codec },
  client: PendoClient,
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const known = new Map<string, MetadataFields>()
  for (const kind of kinds) {
    const fields = await readFields(client, kind, signal)
    if ('kind' in fields) return []
    known.set(kind, fields)
  }
  const leftOut = new Map<string, Set<string>>(kinds.map(kind => [kind, new Set()]))
  for await (const { value } of storedValues(parts, pendoWrites, { latest: latestWrites, signal })) {
    const fields = value ? known.get(value.object) : undefined
    if (!value || !fields) continue
    for (const name of Object.keys(value.fields))
      if (fitMetadata({ [name]: null }, fields).adjustments.includes('PENDO_FIELDS_UNKNOWN'))
        leftOut.get(value.object)?.add(name)
  }
  const findings = [...leftOut].flatMap(([kind, names]) => (names.size === 0 ? [] : [leftOutOf(kind, names)]))
  return findings.length > 0 ? findings : [allKept]
}

const kinds: readonly MetadataKind[] = ['visitor', 'account']

const allKept: Finding = {
  area: 'pendo',
  level: 'fine',
  code: 'PENDO_FIELDS_KNOWN',
  message: 'Pendo has a custom field for each trait of the latest writes.',
}

/** A name that is no word may hold what is a person's: those are only counted. */
const leftOutOf = (kind: string, names: ReadonlySet<string>): Finding => {
  const words = [...names].filter(name => name.split('.').every(part => isName(part))).sort()
  const told = words.slice(0, mostTold)
  const more = names.size - told.length
  const list = [...told, ...(more > 0 ? [`${more} more`] : [])].join(', ')
  return {
    area: 'pendo',
    level: 'warning',
    code: 'PENDO_FIELDS_UNKNOWN',
    message: `Traits of ${kind}s are left out, because Pendo has no custom fields for them: ${list}. Make them in Pendo, under Settings, Data mappings, or leave them out in topology/segment-to-pendo.ts.`,
  }
}
