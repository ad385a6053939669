import { createHubSpotClient, type HubSpotClientOptions } from '../sinks/hubspot/client.ts'
import { EventCatalogue } from '../sinks/hubspot/events/catalogue.ts'
import { eventDefinitionsPerAccount } from '../sinks/hubspot/limits.ts'
import type { Finding } from './finding.ts'

/** From this share on somebody should look. */
const warningShare = 0.9

/** How many custom events an account defines: product events need one for each name. Nothing is found where the app may not see them; the setup tells that. */
export const examineEventDefinitions = async (
  options: HubSpotClientOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const catalogue = new EventCatalogue(createHubSpotClient(options))
  const read = await catalogue.read(signal)
  if (read.kind !== 'success') return []
  const count = catalogue.events.size
  const message = `hubspot defines ${count} of at most ${eventDefinitionsPerAccount} custom events.`
  if (count < eventDefinitionsPerAccount * warningShare)
    return [{ area: 'hubspot', level: 'fine', code: 'EVENT_DEFINITIONS', message }]
  const advice =
    'What has no definition cannot be sent: select fewer product events in topology/pendo-to-hubspot.ts, or remove definitions that nobody needs.'
  return [{ area: 'hubspot', level: 'warning', code: 'EVENT_DEFINITIONS_FEW_LEFT', message: `${message} ${advice}` }]
}
