import { settable } from '../../../topology/define.ts'
import { hubspotWrites } from '../../../topology/topics.ts'
import type { contactProperties, customContactProperties, standardContactProperties } from './contact-properties.ts'

type ValueOf<Property> = Property extends { readonly options: readonly { readonly value: infer Option }[] }
  ? Option
  : Property extends { readonly type: 'number' }
    ? number
    : Property extends { readonly type: 'bool' }
      ? boolean
      : string

type ValuesOf<Properties> = { readonly [Name in keyof Properties]: ValueOf<Properties[Name]> | null }

/** What can be set on a contact, by HubSpot's property name; null clears. Moments are ISO 8601 strings in UTC. */
export type HubSpotContactFields = ValuesOf<typeof contactProperties> &
  ValuesOf<typeof customContactProperties> & {
    readonly [Name in (typeof standardContactProperties)[number]]: string | null
  }

/** A contact. Found by any of the person's addresses, so `email` need not be set; on a known contact it is left as it is. */
export const hubspotContact = settable<HubSpotContactFields>()({
  destination: 'hubspot',
  object: 'contact',
  topic: hubspotWrites,
})
