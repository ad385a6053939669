import type { Destination, DestinationObject, Prepared } from '../../delivery/destination.ts'
import type { PublishedLimit } from '../../delivery/requests/rate-limit.ts'
import { sharedMetadata } from '../../pendo-and-hubspot/mapping.ts'
import { neededProperties, type SharedProperties } from '../../pendo-and-hubspot/needed.ts'
import type { Clock } from '../../runtime/clock.ts'
import { TributaryError } from '../../runtime/errors.ts'
import { type Logger, silentLogger } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { createHubSpotClient, type HubSpotClient } from './client.ts'
import { companyObject } from './companies/companies.ts'
import { contactObject } from './contacts/contacts.ts'
import { resolveContacts } from './contacts/look-up.ts'
import { eventDefinitions } from './event-definitions.ts'
import { type BudgetAccount, type EventBudget, unlimitedBudget } from './events/budget.ts'
import { EventCatalogue } from './events/catalogue.ts'
import { eventObject } from './events/events.ts'
import { batchInputs, concurrentRequests, searchLagMs } from './limits.ts'
import { marketingParticipationObject } from './marketing/participations.ts'
import { ProductEventDefinitions } from './product-events/definitions.ts'
import { productEventName, productEventObject } from './product-events/product-events.ts'
import { readAccount } from './setup/account-details.ts'
import { contactSetup } from './setup/contact-setup.ts'
import { eventSetup } from './setup/event-setup.ts'
import { marketingSetup } from './setup/marketing-setup.ts'
import { type PrepareAgain, prepare, preparingAgain, type SetupPart, together } from './setup/setup.ts'
import { sharedPropertiesSetup } from './setup/shared-properties.ts'
import { taskSetup } from './setup/task-setup.ts'
import { TaskFinder } from './tasks/finding.ts'
import { taskObject } from './tasks/tasks.ts'

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
  /** Of custom events; nothing is counted unless given. */
  readonly budget?: EventBudget
  /** Properties that are shared with Pendo; those of the repository's mapping unless given. */
  readonly shared?: SharedProperties
  /** How long after a write a search may not show it; what HubSpot is expected to keep unless given. */
  readonly searchLagMs?: number
}

/**
 * HubSpot as the delivery engine sees it, by the name of the sink. They share the account's limit; each is made ready on its own, so that an account without
 * custom events, which need an Enterprise subscription, or without the scopes of marketing events, companies or owners still gets its contacts.
 */
export interface HubSpotDestinations {
  readonly hubspot: Destination
  readonly 'hubspot-companies': Destination
  readonly 'hubspot-tasks': Destination
  readonly 'hubspot-marketing': Destination
  readonly 'hubspot-events': Destination
}

export const hubSpotDestinations = (options: HubSpotDestinationOptions): HubSpotDestinations => {
  const client = createHubSpotClient(options)
  const shared = options.shared ?? neededProperties(sharedMetadata())
  const contacts = together(contactSetup(client), sharedPropertiesSetup(client, 'contacts', shared.contacts))
  const companies = sharedPropertiesSetup(client, 'companies', shared.companies)
  return {
    hubspot: facade(client, options, { part: contacts }, again => ({
      contact: contactObject(client, again()),
    })),
    'hubspot-companies': facade(client, options, { part: companies }, again => ({
      company: companyObject(client, again()),
    })),
    'hubspot-tasks': tasksDestination(client, options),
    'hubspot-marketing': facade(client, options, { part: marketingSetup(client) }, () => ({
      marketing_participation: marketingParticipationObject(client),
    })),
    'hubspot-events': eventsDestination(client, options),
  }
}

/** Tasks: found by a property of theirs, of which its setup tells what can be done with it. */
const tasksDestination = (client: HubSpotClient, options: HubSpotDestinationOptions): Destination => {
  const { clock } = options
  const finder = new TaskFinder(client, clock, options.searchLagMs ?? searchLagMs)
  const part = taskSetup(client, isUnique => finder.begin(isUnique))
  return facade(client, options, { part }, again => ({
    task: taskObject({ client, finder, clock, prepareAgain: again() }),
  }))
}

/** Custom events: those that are always the same, and those of products. All of them count in the account's budget. */
const eventsDestination = (client: HubSpotClient, options: HubSpotDestinationOptions): Destination => {
  const { clock, budget = unlimitedBudget, logger = silentLogger } = options
  const catalogue = new EventCatalogue(client)
  const part = eventSetup(client, catalogue)
  const definitions = new ProductEventDefinitions(catalogue, clock)
  const sending = { client, budget }
  const before = (signal: AbortSignal): Promise<Prepared> => openBudget(client, budget, logger, signal)
  return facade(client, options, { part, before }, again => ({
    ...Object.fromEntries(Object.keys(eventDefinitions).map(name => [name, eventObject(name, sending, part, again())])),
    [productEventName]: productEventObject({ ...sending, definitions, prepareAgain: again() }),
  }))
}

/** Whose budget it is, and in which time zone its month turns, is for HubSpot to say; where it does not tell the app, the month is that of UTC. */
const openBudget = async (
  client: HubSpotClient,
  budget: EventBudget,
  logger: Logger,
  signal: AbortSignal,
): Promise<Prepared> => {
  if (budget === unlimitedBudget) return { kind: 'ready' }
  const account = await readAccount(client, signal)
  if (account.kind !== 'account' && account.status !== 403) return account
  if (account.kind !== 'account')
    logger.warn(
      { vendor: 'hubspot', code: account.code },
      'the time zone of the account is not known: its month is that of UTC',
    )
  try {
    await budget.open(account.kind === 'account' ? account : unknownAccount)
    return { kind: 'ready' }
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error
    return { kind: 'retry', code: error.code, message: error.message, status: null, correlationId: null }
  }
}

const unknownAccount: BudgetAccount = { portalId: 'unknown', timeZone: 'UTC' }

/** What an account must have for a destination. */
interface Needs {
  readonly part: SetupPart
  /** What comes first. */
  readonly before?: (signal: AbortSignal) => Promise<Prepared>
}

const facade = (
  client: HubSpotClient,
  { clock, logger = silentLogger }: HubSpotDestinationOptions,
  { part, before }: Needs,
  objects: (again: () => PrepareAgain) => Readonly<Record<string, DestinationObject>>,
): Destination => {
  const makeReady: Destination['prepare'] = async signal => {
    const first = await before?.(signal)
    return first === undefined || first.kind === 'ready' ? await prepare(part, logger, signal) : first
  }
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
