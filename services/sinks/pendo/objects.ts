import { appendable, type FieldValue, impersonal, keyed } from '../../../topology/define.ts'
import { pendoEvents, pendoWrites } from '../../../topology/topics.ts'

/** Metadata of the group `custom`, by the name of the field; null clears. Moments are ISO 8601 strings in UTC, or milliseconds since the epoch. */
export type PendoMetadata = Readonly<Record<string, FieldValue>>

/** A visitor. Key: Pendo's visitor id, which is the user id of the source. Made if Pendo does not know it. */
export const pendoVisitor = keyed<PendoMetadata>()({ destination: 'pendo', object: 'visitor', topic: pendoWrites })

/** An account. Key: Pendo's account id, which is the id of the group at the source. Made if Pendo does not know it. */
export const pendoAccount = impersonal<PendoMetadata>()({ destination: 'pendo', object: 'account', topic: pendoWrites })

/** Properties have their names behind `properties.`; null leaves one out. */
export type PendoTrackFields = {
  /** Name of the track event. */
  readonly event: string
  readonly visitorId: string
  readonly accountId: string | null
} & { readonly [property: `properties.${string}`]: FieldValue }

/** A track event. Its once key is the id of the event at the source. */
export const pendoTrack = appendable<PendoTrackFields>()({ destination: 'pendo', object: 'track', topic: pendoEvents })
