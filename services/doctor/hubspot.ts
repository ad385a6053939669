import type { MarketingEventName } from '../../topology/tasks.ts'
import { activityTypes } from '../producers/hubspot/activities/types.ts'
import { emailActivities } from '../producers/hubspot/marketing/types.ts'
import { objectTypes } from '../producers/hubspot/object-types.ts'
import type { HubSpotActivityReader } from '../producers/hubspot/rest/activities.ts'
import type { HubSpotReader } from '../producers/hubspot/rest/client.ts'
import type { HubSpotMarketingReader } from '../producers/hubspot/rest/marketing.ts'
import { isHubSpotError } from '../producers/hubspot/rest/problems.ts'
import type { Finding } from './finding.ts'

/** What is known of how HubSpot reaches Tributary. */
export interface HubSpotReception {
  /** Whether HUBSPOT_CLIENT_SECRET is set. */
  readonly takesWebhooks: boolean
  /** INGEST_PUBLIC_URL; null when it is not set. */
  readonly publicUrl: string | null
  readonly isEmulated: boolean
  readonly appId: string | null
}

/** What else is read while tasks are shared. */
export interface TaskReading {
  readonly owners: Pick<HubSpotActivityReader, 'owners'>
  readonly marketing: Pick<HubSpotMarketingReader, 'forms' | 'emailEvents'>
  /** Types of marketing events that are taken. */
  readonly taken: ReadonlySet<MarketingEventName>
}

/**
 * Whether all that is read of HubSpot can be, and webhooks are taken and known as HubSpot's or our own. Throws a `HubSpotError` when HubSpot cannot be asked.
 * @param tasks undefined while tasks are not shared
 */
export const examineHubSpot = async (
  reader: HubSpotReader,
  reception: HubSpotReception,
  signal: AbortSignal,
  tasks?: TaskReading,
): Promise<readonly Finding[]> => {
  const readings = [...recordsRead(reader, signal, tasks !== undefined), ...(tasks ? tasksRead(tasks, signal) : [])]
  /** By the scope: one that lacks is told once, whatever it keeps from being read. */
  const missing = new Map<string | null, Finding>()
  for (const { read } of readings) {
    try {
      await read()
    } catch (error) {
      if (!isHubSpotError(error, 'HUBSPOT_SCOPES_MISSING')) throw error
      if (missing.has(error.scope)) continue
      missing.set(error.scope, { area: 'hubspot', level: 'problem', code: error.code, message: error.message })
    }
  }
  const found = missing.size === 0 ? [readable(readings.map(({ what }) => what))] : missing.values()
  return [...found, ...webhooks(reception)]
}

interface ToRead {
  readonly what: string
  read(): Promise<unknown>
}

const recordsRead = (reader: HubSpotReader, signal: AbortSignal, withActivities: boolean): readonly ToRead[] =>
  [...objectTypes, ...(withActivities ? activityTypes : [])].map(type => ({
    what: type.path,
    read: () => reader.search(type, { filters: [], sortedBy: type.modified, properties: [], limit: 1 }, signal),
  }))

const tasksRead = ({ owners, marketing, taken }: TaskReading, signal: AbortSignal): readonly ToRead[] => [
  { what: 'owners', read: () => owners.owners(signal) },
  ...(taken.has('submission') ? [{ what: 'forms', read: () => marketing.forms(signal) }] : []),
  ...emailActivities
    .filter(({ name }) => taken.has(name))
    .slice(0, 1)
    .map(({ type }) => ({
      what: 'events of e-mails',
      read: () => marketing.emailEvents({ type, from: 1, until: 1, offset: null }, signal),
    })),
]

const webhooks = ({ takesWebhooks, publicUrl, isEmulated, appId }: HubSpotReception): readonly Finding[] => {
  if (!takesWebhooks) return [withoutWebhooks]
  if (publicUrl === null && !isEmulated) return [withoutAddress]
  return [taken(publicUrl), ...(appId === null ? [withoutAppId] : [])]
}

const readable = (all: readonly string[]): Finding => ({
  area: 'hubspot',
  level: 'fine',
  code: 'HUBSPOT_READABLE',
  message: `HubSpot lets ${all.slice(0, -1).join(', ')} and ${all.at(-1)} be read.`,
})

const taken = (publicUrl: string | null): Finding => ({
  area: 'hubspot',
  level: 'fine',
  code: 'HUBSPOT_WEBHOOKS_TAKEN',
  message: `Webhooks of HubSpot are taken at ${publicUrl ?? 'INGEST_PUBLIC_URL'}/webhooks/hubspot. Whether HubSpot sends them cannot be seen from here.`,
})

const withoutWebhooks: Finding = {
  area: 'hubspot',
  level: 'warning',
  code: 'HUBSPOT_WEBHOOKS_REFUSED',
  message:
    'Expected HUBSPOT_CLIENT_SECRET to be set, but it is not: webhooks of HubSpot are not taken. Changes are told by the sweep, later, and erasures for privacy (contact.privacyDeletion) not at all.',
}

const withoutAddress: Finding = {
  area: 'hubspot',
  level: 'problem',
  code: 'HUBSPOT_WEBHOOKS_ADDRESS',
  message:
    'Expected INGEST_PUBLIC_URL to be set, but it is not: HubSpot signs the address that it calls, so its webhooks are refused. Set it to what HubSpot calls, for example https://hooks.example.com.',
}

const withoutAppId: Finding = {
  area: 'hubspot',
  level: 'warning',
  code: 'HUBSPOT_APP_UNKNOWN',
  message:
    'Expected HUBSPOT_APP_ID to be set, but it is not: what Tributary itself writes to HubSpot comes back as if somebody had. Take it from the address of the app in HubSpot.',
}
