import { appendable, type FieldValue, impersonal, keyed, settable } from '../../../topology/define.ts'
import {
  hubspotCompanies,
  hubspotEvents,
  hubspotMarketing,
  hubspotTasks,
  hubspotWrites,
} from '../../../topology/topics.ts'
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

/** Properties by their internal names, whichever a portal has; null clears. HubSpot takes texts, so every value is one. */
export type HubSpotProperties = Readonly<Record<string, FieldValue>>

/** The same contact, for properties that only a mapping knows. */
export const hubspotContactProperties = settable<HubSpotProperties>()({
  destination: 'hubspot',
  object: 'contact',
  topic: hubspotWrites,
})

/** A company. Key: its record id in HubSpot; one that is not there is not made. */
export const hubspotCompany = impersonal<HubSpotProperties>()({
  destination: 'hubspot',
  object: 'company',
  topic: hubspotCompanies,
})

/** What can be set on a task that is shared with another CRM; null clears. The first write of a key holds all that is known; one that does not makes nothing. */
export interface HubSpotTaskFields {
  readonly hs_task_subject: string | null
  /** HTML. */
  readonly hs_task_body: string | null
  readonly hs_task_status: 'NOT_STARTED' | 'IN_PROGRESS' | 'WAITING' | 'COMPLETED' | 'DEFERRED'
  readonly hs_task_priority: 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH'
  readonly hs_task_type: 'TODO' | 'CALL' | 'EMAIL'
  /** When it is due, as ISO 8601 in UTC. */
  readonly hs_timestamp: string
  /** Addresses in the order of preference, separated by blanks: the first that an owner has is meant. Null assigns it to nobody. */
  readonly hubspot_owner_id: string | null
  /** Record id of the contact that it is on; null for none. */
  readonly contact: string | null
  /** Names of the company that it relates to (services/companies/names.ts), separated by blanks: the first by which one company is known is meant. Null for none. */
  readonly company: string | null
  /** True deletes it. False makes it when it is not there: such a write holds all fields. */
  readonly deleted: boolean
}

/** A task. Key: what links it with the one in the other CRM (`tasks`), which `tributary_id` holds unless the task was made in HubSpot. */
export const hubspotTask = impersonal<HubSpotTaskFields>()({
  destination: 'hubspot',
  object: 'task',
  topic: hubspotTasks,
})

/** What is known of one person's part in a webinar, as HubSpot's marketing events show it. Moments are ISO 8601 strings in UTC. */
export interface MarketingParticipationFields {
  /** External event id: the webinar as interfaces.md names it. */
  readonly webinar_id: string
  /** External account id: the Zoom account. */
  readonly account: string
  readonly topic: string | null
  readonly start_time: string | null
  readonly end_time: string | null
  readonly state: 'registered' | 'attended' | 'cancelled'
  /** When the person registered, or joined first, or cancelled. */
  readonly interaction_at: string
  readonly joined_at: string | null
  readonly left_at: string | null
}

/** The state of a contact in a marketing event; the event itself is made with the first participation. Key: `<webinar>:<participant>`. */
export const hubspotMarketingParticipation = keyed<MarketingParticipationFields>()({
  destination: 'hubspot',
  object: 'marketing_participation',
  topic: hubspotMarketing,
})

/** Properties of the custom events of webinars (interfaces.md). Moments are ISO 8601 strings in UTC; `attended_percent` is whole. */
export interface WebinarEventFields {
  readonly webinar_id: string
  readonly topic: string | null
  readonly start_time: string | null
  readonly joined_at: string | null
  readonly left_at: string | null
  readonly attended_minutes: number | null
  readonly attended_percent: number | null
}

const webinarEvent = <Name extends string>(object: Name) =>
  appendable<WebinarEventFields>()({ destination: 'hubspot', object, topic: hubspotEvents })

export const hubspotWebinarRegistered = webinarEvent('zoom_webinar_registered')
export const hubspotWebinarJoined = webinarEvent('zoom_webinar_joined')
export const hubspotWebinarAttended = webinarEvent('zoom_webinar_attended')
export const hubspotWebinarMissed = webinarEvent('zoom_webinar_missed')

/** Custom events, each once per person and webinar. Their once keys are `<registered|joined|attended|missed>:<webinar>:<participant>`. */
export const hubspotWebinarEvents = [
  hubspotWebinarRegistered,
  hubspotWebinarJoined,
  hubspotWebinarAttended,
  hubspotWebinarMissed,
] as const

/**
 * Something that a person did in a product, in the source's own words: the sink finds its name and those of its properties in HubSpot, and defines what the account
 * lacks.
 */
export interface ProductEventFields {
  readonly 'event.kind': 'track' | 'page' | 'feature'
  /** Name of the event, page or feature as the source spells it. */
  readonly 'event.name': string
  /** By name as the source spells it. */
  readonly [property: `property.${string}`]: boolean | number | string
}

/** A custom event, once per event at the source. Its once key is `product:<event id>`. */
export const hubspotProductEvent = appendable<ProductEventFields>()({
  destination: 'hubspot',
  object: 'product_event',
  topic: hubspotEvents,
})
