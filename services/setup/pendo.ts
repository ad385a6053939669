import { segmentToPendo } from '../../topology/segment-to-pendo.ts'
import { type Mapping, sharedMetadata } from '../pendo-and-hubspot/mapping.ts'
import { neededFields, type SharedPendoField } from '../pendo-and-hubspot/needed.ts'
import { metadataFieldsOf } from '../segment-to-pendo/needed-fields.ts'
import { createPendoClient, type PendoClientOptions } from '../sinks/pendo/client.ts'
import { type MetadataFields, type MetadataKind, readFields } from '../sinks/pendo/metadata/fields.ts'
import { fitMetadata } from '../sinks/pendo/metadata/fit.ts'
import type { Gap, SetupReport, VendorSetup } from './vendor-setup.ts'

export interface PendoVendorOptions extends Omit<PendoClientOptions, 'secret' | 'key'> {
  readonly integrationKey: string
  readonly trackSecret: string | null
  /** What is shared with HubSpot; the repository's mapping unless given. */
  readonly shared?: Mapping
}

/** The metadata fields that the mapping names, which only an admin makes, and the secret of track events. */
export const pendoVendor = ({
  integrationKey,
  trackSecret,
  shared = sharedMetadata(),
  ...options
}: PendoVendorOptions): VendorSetup => {
  const client = createPendoClient({ ...options, secret: 'PENDO_INTEGRATION_KEY', key: integrationKey })
  const needed = metadataFieldsOf(segmentToPendo)
  const sharedFields = neededFields(shared)
  const check = async (signal: AbortSignal): Promise<SetupReport> => {
    const gaps: Gap[] = trackSecret === null ? [withoutTrackSecret] : []
    for (const kind of ['visitor', 'account'] as const) {
      const known = await readFields(client, kind, signal)
      if ('kind' in known) return { kind: 'unknown', code: known.code, message: known.message }
      const missing = needed[kind].filter(name => fitMetadata({ [name]: null }, known).adjustments.includes(unknown))
      gaps.push(...missing.map(name => fieldMissing(kind, name)))
      gaps.push(...sharedFields[kind].flatMap(field => sharedFieldGap(kind, field, known)))
    }
    return { kind: 'known', gaps }
  }
  return { vendor: 'pendo', notes, check, make: async signal => ({ made: [], left: await check(signal) }) }
}

const unknown = 'PENDO_FIELDS_UNKNOWN'

const notes: readonly string[] = [
  'Traits that Pendo has no custom field for are left out, counted in tributary_adjustments_total (PENDO_FIELDS_UNKNOWN), and named by `tributary doctor`: make the fields that you want in Pendo, under Settings, Data mappings.',
  'Whether PENDO_TRACK_SECRET is accepted shows with the first event: Pendo offers no request that would only look.',
]

const withoutTrackSecret: Gap = {
  what: 'secret of track events',
  by: 'admin',
  message:
    'Expected PENDO_TRACK_SECRET, came none: track events wait in pendo-events, and Pendo takes none that is older than 7 days. Take it in Pendo from Settings, Subscription settings, Applications, "Track Event shared secret".',
}

/** A field that is shared must have the very name, for it is read by it too. */
const sharedFieldGap = (kind: MetadataKind, { name, types }: SharedPendoField, known: MetadataFields): Gap[] => {
  const type = known.get(name)
  if (type !== undefined && (types.includes(type) || type === '')) return []
  const named = `topology/pendo-and-hubspot.ts shares it with HubSpot, but`
  const message =
    type === undefined
      ? `${named} Pendo has no such field: nothing is written to it. Make it in Pendo, under Settings, Data mappings, of type ${types.join(' or ')}.`
      : `${named} in Pendo it is of type ${type}, and must be ${types.join(' or ')}. Correct the type in the mapping, or make another field.`
  return [{ what: `custom field ${name} of ${kind}s`, by: 'admin', message }]
}

const fieldMissing = (kind: MetadataKind, name: string): Gap => ({
  what: `custom field ${name} of ${kind}s`,
  by: 'admin',
  message: `topology/segment-to-pendo.ts names it, but Pendo has no such field: its values are left out. Make it in Pendo, under Settings, Data mappings.`,
})
