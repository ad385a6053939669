import type { Destination, DestinationObject } from '../../delivery/destination.ts'
import type { PublishedLimit } from '../../delivery/requests/rate-limit.ts'
import type { Clock } from '../../runtime/clock.ts'
import { type Logger, silentLogger } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { createHubSpotClient, type HubSpotClient } from './client.ts'
import { contactObject } from './contacts/contacts.ts'
import { resolveContacts } from './contacts/look-up.ts'
import { eventDefinitions } from './event-definitions.ts'
import { eventObject } from './events/events.ts'
import { batchInputs, concurrentRequests } from './limits.ts'
import { marketingParticipationObject } from './marketing/participations.ts'
import { contactSetup } from './setup/contact-setup.ts'
import { eventSetup } from './setup/event-setup.ts'
import { marketingSetup } from './setup/marketing-setup.ts'
import { type PrepareAgain, prepare, preparingAgain, type SetupPart } from './setup/setup.ts'

export interface HubSpotDestinationOptions {
  readonly accessToken: string
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly metrics?: Metrics
  readonly logger?: Logger
  /** The account's burst limit; that of Professional and Enterprise unless given. */
  readonly limit?: PublishedLimit
  readonly timeoutMs?: number
}

/**
 * HubSpot as the delivery engine sees it, by the name of the sink. They share the account's limit; each is made ready on its own, so that an account without
 * custom events, which need an Enterprise subscription, or without the scopes of marketing events still gets its contacts.
 */
export interface HubSpotDestinations {
  readonly hubspot: Destination
  readonly 'hubspot-marketing': Destination
  readonly 'hubspot-events': Destination
}

export const hubSpotDestinations = (options: HubSpotDestinationOptions): HubSpotDestinations => {
  const client = createHubSpotClient(options)
  const events = eventSetup(client)
  return {
    hubspot: facade(client, options, contactSetup(client), again => ({
      contact: contactObject(client, again()),
    })),
    'hubspot-marketing': facade(client, options, marketingSetup(client), () => ({
      marketing_participation: marketingParticipationObject(client),
    })),
    'hubspot-events': facade(client, options, events, again =>
      Object.fromEntries(Object.keys(eventDefinitions).map(name => [name, eventObject(name, client, events, again())])),
    ),
  }
}

const facade = (
  client: HubSpotClient,
  { clock, logger = silentLogger }: HubSpotDestinationOptions,
  part: SetupPart,
  objects: (again: () => PrepareAgain) => Readonly<Record<string, DestinationObject>>,
): Destination => {
  const makeReady: Destination['prepare'] = signal => prepare(part, logger, signal)
  return {
    name: 'hubspot',
    objects: objects(() => preparingAgain(makeReady, clock)),
    lookUpSize: batchInputs,
    concurrency: concurrentRequests,
    waitMs: () => client.waitMs(),
    prepare: makeReady,
    resolve: (_objects, persons, signal) => resolveContacts(client, persons, signal),
  }
}
