import { z } from 'zod'
import { instantOf } from '../../input/times.ts'
import { recordIdOf } from '../object-types.ts'
import { readsPace } from './activities.ts'
import { paging, readAs } from './answers.ts'
import { type Ask, createAsking, type HubSpotReaderOptions } from './asking.ts'
import { marketingPublished, pageEmailEvents, pageForms, pageSubmissions } from './limits.ts'
import { unreadable } from './problems.ts'

/** A type of event of a marketing e-mail, as HubSpot calls it; the parameter is case-sensitive and takes one. */
export type EmailEventType = 'SENT' | 'OPEN' | 'CLICK'

export interface Form {
  /** A guid. */
  readonly id: string
  readonly name: string
}

/** Times in milliseconds; null for what is not told. */
export interface Submission {
  /** Of the submission. */
  readonly conversionId: string | null
  readonly submittedAt: number | null
  readonly pageUrl: string | null
  /** What was entered as the address of the contact. */
  readonly email: string | null
}

/** Times in milliseconds; null for what is not told. */
export interface EmailEvent {
  readonly id: string
  readonly created: number
  readonly recipient: string | null
  readonly campaign: { readonly id: string; readonly appId: string | null } | null
  /** Id of the SENT event of the message: of one e-mail to one person. */
  readonly sentBy: string | null
  /** Of a SENT event. */
  readonly subject: string | null
  /** Of a CLICK event. */
  readonly url: string | null
  /** HubSpot's filters, which an account sets up for bots and colleagues, leave it out of its own figures. */
  readonly isFiltered: boolean
  /** What came of it made it void: a SENT event of a message that was dropped after all. */
  readonly isObsolete: boolean
}

/** Part of a list. */
export interface MarketingPage<Item> {
  readonly items: readonly Item[]
  /** What to ask for next by; null when there is no more. */
  readonly next: string | null
}

/** An e-mail that was sent to many. */
export interface Campaign {
  readonly subject: string | null
  readonly name: string | null
}

/** Reads what HubSpot's marketing knows of one account. Everything it rejects with is a `HubSpotError`. */
export interface HubSpotMarketingReader {
  /** Forms whose submissions HubSpot gives, without archived ones. */
  forms(signal: AbortSignal): Promise<readonly Form[]>
  /** Submissions of a form, the latest first. @param after null for the first page */
  submissions(form: string, after: string | null, signal: AbortSignal): Promise<MarketingPage<Submission>>
  /** Events of one type, the latest first. */
  emailEvents(query: EmailEventQuery, signal: AbortSignal): Promise<MarketingPage<EmailEvent>>
  /** Null for one that HubSpot does not have any more. */
  campaign(campaign: NonNullable<EmailEvent['campaign']>, signal: AbortSignal): Promise<Campaign | null>
  /** Contacts by any of their addresses, in lower case; of at most 100 addresses. */
  contacts(addresses: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, FoundContact>>
}

export interface FoundContact {
  /** Of digits. */
  readonly id: string
  /** Id of its owner; null for none. */
  readonly owner: string | null
}

export interface EmailEventQuery {
  readonly type: EmailEventType
  /** Both in milliseconds, and both of the range. */
  readonly from: number
  readonly until: number
  /** Null for the first page. */
  readonly offset: string | null
}

/** Scopes without which it is refused, by what is read (HubSpot's reference of each endpoint; one integrator names `marketing-email` for events instead). */
export const marketingScopes = { forms: 'forms', emails: 'content' } as const

/**
 * Over our own exchange, as the other readers. What is relied on:
 * - `GET /marketing/v3/forms` (and the generated client, marketing/forms/apis/FormsApi): pages by `paging.next.after`; one `formTypes` for each type.
 * - `GET /form-integrations/v1/submissions/forms/{guid}` (developers.hubspot.com/docs/methods/forms/get-submissions-for-a-form): latest first, 20 on a page, at most 50,
 *   `paging.next.after`; `conversionId`, `submittedAt` (milliseconds), `pageUrl`, `values` of names and values; no filter by time. Forms of other types than `hubspot`, `captured`
 *   and `flow` are refused (airbytehq/airbyte#56416). The generated client has nothing for it, and no version by date replaces it.
 * - `GET /email/public/v1/events` (developers.hubspot.com/docs/methods/email/get_events and …/email_events_overview): latest first, 10 on a page, at most 1,000, `hasMore` and an
 *   opaque, short-lived `offset` for the same query; `startTimestamp` and `endTimestamp` are of the range; one `eventType` (a list is refused: HubSpot/hubspot-api-python#413). An
 *   event is identified by `id` and `created`; `sentBy` leads to the message's SENT event, `obsoletedBy` to what made it void, and both are left out where they do not apply. The
 *   subject is told of SENT only. How late an event appears, and for how long it is kept, is not documented.
 * - `GET /email/public/v1/campaigns/{id}`: `subject` and `name`; older clients name the application too (`appId`).
 */
export const createHubSpotMarketingReader = (options: HubSpotReaderOptions): HubSpotMarketingReader => {
  const ask = createAsking(options, readsPace(options.clock, marketingPublished))
  return {
    forms: signal => formsOf(ask, signal),
    submissions: (form, after, signal) => {
      const query = new URLSearchParams({ limit: String(pageSubmissions), ...(after === null ? {} : { after }) })
      const path = `/form-integrations/v1/submissions/forms/${encodeURIComponent(form)}?${query}`
      const question = { operation: 'forms.submissions', path, scope: marketingScopes.forms, answers: ok }
      return ask(question, submissionsIn, signal)
    },
    emailEvents: ({ type, from, until, offset }, signal) => {
      const query = new URLSearchParams({
        ...{ eventType: type, startTimestamp: String(from), endTimestamp: String(until) },
        ...{ limit: String(pageEmailEvents), ...(offset === null ? {} : { offset }) },
      })
      const path = `/email/public/v1/events?${query}`
      const question = { operation: 'emails.events', path, scope: marketingScopes.emails, answers: ok }
      return ask(question, emailEventsIn, signal)
    },
    campaign: ({ id, appId }, signal) => {
      const query = appId === null ? '' : `?appId=${encodeURIComponent(appId)}`
      const path = `/email/public/v1/campaigns/${encodeURIComponent(id)}${query}`
      const question = { operation: 'emails.campaign', path, scope: marketingScopes.emails, answers: okOrGone }
      return ask(question, campaignIn, signal)
    },
    contacts: (addresses, signal) => {
      const properties = ['email', 'hs_additional_emails', 'hubspot_owner_id']
      const inputs = addresses.map(address => ({ id: address }))
      const body = JSON.stringify({ inputs, idProperty: 'email', properties, propertiesWithHistory: [] })
      const path = '/crm/v3/objects/contacts/batch/read'
      const question = { operation: 'contacts.batch-read', path, scope: 'crm.objects.contacts.read', answers: okOrSome }
      return ask({ ...question, body }, contactsIn, signal)
    },
  }
}

const ok: ReadonlySet<number> = new Set([200])
/** 207: some of them are not there. */
const okOrSome: ReadonlySet<number> = new Set([200, 207])
const okOrGone: ReadonlySet<number> = new Set([200, 404])

/** What is not a text, or is an empty one, is not told. */
const text = z
  .string()
  .transform(value => (value === '' ? null : value.toWellFormed()))
  .nullish()
  .catch(null)
  .transform(value => value ?? null)
/** Ids of campaigns and applications are numbers of up to 64 bits, in some answers as text. */
const id = z
  .union([z.number().int().positive().transform(String), z.string().regex(/^\d{1,19}$/)])
  .nullish()
  .catch(null)
  .transform(value => value ?? null)
const instant = z.unknown().transform(instantOf)

const formsShape = z.object({
  results: z.array(
    z.object({ id: z.string(), name: text }).transform((form): Form => ({ id: form.id, name: form.name ?? form.id })),
  ),
  paging,
})

/** Those whose submissions HubSpot gives. */
const readableForms = ['hubspot', 'captured', 'flow']

const formsOf = async (ask: Ask, signal: AbortSignal): Promise<readonly Form[]> => {
  const forms: Form[] = []
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams({ limit: String(pageForms), archived: 'false' })
    for (const type of readableForms) query.append('formTypes', type)
    if (after !== '') query.set('after', after)
    const question = { operation: 'forms', path: `/marketing/v3/forms?${query}`, scope: marketingScopes.forms }
    const page = await ask({ ...question, answers: ok }, answer => read(formsShape, answer, 'forms'), signal)
    forms.push(...page.results)
    after = page.paging?.next?.after ?? null
  }
  return forms
}

const valueShape = z
  .object({ name: z.string(), value: z.unknown().optional(), objectTypeId: z.string().nullish().catch(null) })
  .nullable()
  .catch(null)

const submissionsShape = z.object({
  results: z.array(
    z
      .object({
        ...{ conversionId: text, submittedAt: instant, pageUrl: text },
        values: z.array(valueShape).catch([]),
      })
      .transform(
        ({ values, ...submission }): Submission => ({
          ...submission,
          email: values.flatMap(one => (one && isAddressOfContact(one) ? one.value : []))[0] ?? null,
        }),
      )
      .nullable()
      .catch(null),
  ),
  paging,
})

type EnteredValue = NonNullable<z.infer<typeof valueShape>>

/** A form may ask for the address of a company or of a ticket, too. */
const isAddressOfContact = (one: EnteredValue): one is EnteredValue & { readonly value: string } =>
  one.name.toLowerCase() === 'email' &&
  typeof one.value === 'string' &&
  (one.objectTypeId ?? contactType) === contactType

const contactType = '0-1'

const submissionsIn = (answer: string): MarketingPage<Submission> => {
  const { results, paging: pages } = read(submissionsShape, answer, 'forms.submissions')
  return { items: results.filter(submission => submission !== null), next: pages?.next?.after ?? null }
}

const eventShape = z
  .object({
    ...{ id: z.string().min(1), created: z.number().int().positive(), recipient: text, subject: text, url: text },
    ...{ appId: id, emailCampaignId: id },
    sentBy: z.object({ id: text }).nullish().catch(null),
    obsoletedBy: z.unknown().optional(),
    filteredEvent: z.unknown().optional(),
  })
  .transform(
    ({ appId, emailCampaignId, sentBy, obsoletedBy, filteredEvent, ...event }): EmailEvent => ({
      ...event,
      campaign: emailCampaignId === null ? null : { id: emailCampaignId, appId },
      sentBy: sentBy?.id ?? null,
      isFiltered: filteredEvent === true || filteredEvent === 'true',
      isObsolete: obsoletedBy !== undefined && obsoletedBy !== null,
    }),
  )

const eventsShape = z.object({
  events: z.array(eventShape.nullable().catch(null)),
  hasMore: z.boolean().catch(false),
  offset: text,
})

const emailEventsIn = (answer: string): MarketingPage<EmailEvent> => {
  const { events, hasMore, offset } = read(eventsShape, answer, 'emails.events')
  if (hasMore && offset === null) throw unreadable('emails.events', 'an offset, since there is more')
  return { items: events.filter(event => event !== null), next: hasMore ? offset : null }
}

const campaignShape = z.object({ subject: text, name: text })

/** The answer of a campaign that is not there says neither. */
const campaignIn = (answer: string): Campaign | null => {
  const { subject, name } = read(campaignShape, answer, 'emails.campaign')
  return subject === null && name === null ? null : { subject, name }
}

const contactsShape = z.object({
  results: z.array(z.object({ id: z.unknown().optional(), properties: z.record(z.string(), z.unknown()).catch({}) })),
})

/** The answer does not say which address found which contact (facts/hubspot.md §3.4): all of its addresses do. */
const contactsIn = (answer: string): ReadonlyMap<string, FoundContact> => {
  const { results } = read(contactsShape, answer, 'contacts.batch-read')
  return new Map(
    results.flatMap(({ id: given, properties }): readonly [string, FoundContact][] => {
      const contact = recordIdOf(given)
      if (contact === null) return []
      const addresses = [properties['email'], ...String(properties['hs_additional_emails'] ?? '').split(';')]
      const found = { id: contact, owner: recordIdOf(properties['hubspot_owner_id']) }
      return addresses.flatMap(address =>
        typeof address === 'string' && address !== '' ? [[address.trim().toLowerCase(), found]] : [],
      )
    }),
  )
}

const read = <Shape extends z.ZodType>(shape: Shape, answer: string, operation: string): z.infer<Shape> =>
  readAs(shape, answer, { operation, expected: 'what its reference says' })
