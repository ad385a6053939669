import { createHubSpotClient, type HubSpotClientOptions } from '../sinks/hubspot/client.ts'
import type { Finding } from './finding.ts'

/** The name under which HubSpot's own Zoom integration makes marketing events. */
const nameOfZoomApp = /^zoom\b/i
/** What it made longer ago than this says nothing of today. */
const recentMs = 30 * 86_400_000
const pageSize = '100'
const mostPages = 20

interface MarketingEventPage {
  readonly results: readonly {
    readonly appInfo?: { readonly id?: string; readonly name?: string }
    readonly updatedAt?: string
  }[]
  readonly paging?: { readonly next?: { readonly after?: string } }
}

/**
 * Whether the Zoom app of HubSpot's marketplace is still connected: both would write the same properties. HubSpot has no list of connected apps for others, but
 * marketing events name the app that made them.
 * @param ownAppId HUBSPOT_APP_ID; null when it is not set
 */
export const examineZoomApp = async (
  options: HubSpotClientOptions & { readonly ownAppId: string | null },
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const client = createHubSpotClient(options)
  let after: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const query = new URLSearchParams({ limit: pageSize, ...(after === undefined ? {} : { after }) })
    const answer = await client.call(
      'marketing-events.list',
      api => api.request<MarketingEventPage>('GET', `/marketing/v3/marketing-events?${query}`),
      signal,
    )
    // What is missing of permissions, the setup's findings say.
    if (answer.kind !== 'success') return []
    const { results, paging } = answer.data
    const made = results.some(
      ({ appInfo, updatedAt }) =>
        nameOfZoomApp.test(appInfo?.name ?? '') &&
        appInfo?.id !== options.ownAppId &&
        Date.parse(updatedAt ?? '') > options.clock.now() - recentMs,
    )
    if (made) return [connected]
    after = paging?.next?.after
    if (after === undefined) break
  }
  return [
    { area: 'hubspot', level: 'fine', code: 'NO_ZOOM_APP', message: 'HubSpot’s own Zoom app wrote nothing of late.' },
  ]
}

const connected: Finding = {
  area: 'hubspot',
  level: 'problem',
  code: 'ZOOM_APP_CONNECTED',
  message:
    'Expected to be the only one that writes webinars, but HubSpot’s own Zoom app made or changed marketing events within 30 days: both write the same contact properties. Disconnect it in HubSpot under Settings, Integrations, Connected Apps; lists and workflows go on working.',
}
