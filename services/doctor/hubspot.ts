import { objectTypes } from '../producers/hubspot/object-types.ts'
import type { HubSpotReader } from '../producers/hubspot/rest/client.ts'
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

/** Whether each type of record can be read, and webhooks are taken and known as HubSpot's or our own. Throws a `HubSpotError` when HubSpot cannot be asked. */
export const examineHubSpot = async (
  reader: HubSpotReader,
  reception: HubSpotReception,
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const missing: Finding[] = []
  for (const type of objectTypes) {
    const search = { filters: [], sortedBy: type.modified, properties: [], limit: 1 }
    try {
      await reader.search(type, search, signal)
    } catch (error) {
      if (!isHubSpotError(error, 'HUBSPOT_SCOPES_MISSING')) throw error
      missing.push({ area: 'hubspot', level: 'problem', code: error.code, message: error.message })
    }
  }
  return [...(missing.length === 0 ? [readable] : missing), ...webhooks(reception)]
}

const webhooks = ({ takesWebhooks, publicUrl, isEmulated, appId }: HubSpotReception): readonly Finding[] => {
  if (!takesWebhooks) return [withoutWebhooks]
  if (publicUrl === null && !isEmulated) return [withoutAddress]
  return [taken(publicUrl), ...(appId === null ? [withoutAppId] : [])]
}

const readable: Finding = {
  area: 'hubspot',
  level: 'fine',
  code: 'HUBSPOT_READABLE',
  message: `HubSpot lets ${objectTypes.map(({ path }) => path).join(' and ')} be read.`,
}

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
