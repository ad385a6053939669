import type { PublishedLimit } from '../../delivery/requests/rate-limit.ts'

/**
 * HubSpot's published numbers. Sources: the usage guidelines (developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines), the changelog entry
 * "Increasing our API limits", and the guides of the objects, of custom events and of marketing events.
 */

/** Requests of a private app within ten rolling seconds: Professional and Enterprise. Free and Starter: 100; with the API limit increase: 250. */
export const professionalBurst: PublishedLimit = { requests: 190, windowMs: 10_000 }

/** Inputs of one batch of CRM objects: read, update and upsert. 101 are refused as a whole. */
export const batchInputs = 100

/**
 * Occurrences of custom events in one batch. The send endpoint takes 1,250 requests a second; that these are outside the burst limit of the app is nowhere
 * stated, so they are counted there like all others.
 */
export const eventInputs = 500

/** Characters of an event's label and name, and of a property's name and label. */
export const eventLabelLength = 100
export const eventNameLength = 50
export const eventPropertyNameLength = 50

/** Properties of one definition, and of one occurrence. */
export const eventPropertiesPerDefinition = 50

/** Characters of a text in an occurrence: 256, or 1,024 when the property's name says that it holds an address. Longer ones fail the request. */
export const eventTextLength = (property: string): number => (/url|referrer|link/.test(property) ? 1_024 : 256)

/** Decimals of a number in an occurrence. */
export const eventDecimals = 1

/** UTF-16 units of a text property: the subject and the body of a task. */
export const propertyTextLength = 65_536

/** Characters of the body of one search. */
export const searchBodyLength = 3_000

/** HubSpot says that searches lag seconds behind writes, and states no number: what they do not find after so long is taken for not there. */
export const searchLagMs = 10_000

/** How long the list of owners is believed, and how soon it is read again for an address that it does not know. */
export const ownersKeptMs = 5 * 60_000
export const ownersReadAgainMs = 60_000

/** Owners on one page. */
export const ownerPage = 100

/** Contacts in one request about a marketing event. HubSpot states no number; its other batches of contacts take as many. */
export const participationInputs = 100

/** Marketing events whose last state is remembered: more webinars than anybody runs in the weeks around one another. */
export const rememberedMarketingEvents = 5_000

/** Definitions of custom events on one page, and the most that an account may have. */
export const eventDefinitionPage = 100
export const eventDefinitionsPerAccount = 500

/** Occurrences that an account may receive in a month, of all its custom events together; the month is that of the account's time zone. */
export const eventCompletionsPerMonth = 30_000_000

/**
 * How long an event or a participation waits for its contact. The same webhook asks for the contact in the same second; the rest is room for a pause of the
 * sink that makes it, by a limit or an outage.
 */
export const waitForContactMs = 10 * 60_000

/** A record that is locked by another write stays so for 2 s (status 423). */
export const lockMs = 2_000

/** HubSpot's own gateway gives up after 100 s (status 524); batches of contacts take far less than this. */
export const requestTimeoutMs = 30_000

/** Batches under way at the same time: at 250 ms each they use up the burst limit, and more only provoke locks. */
export const concurrentRequests = 4

/** First and longest wait after a refusal by the burst limit that names no time itself. */
export const refusalWaitMs = { first: 1_000, longest: 10_000 }
