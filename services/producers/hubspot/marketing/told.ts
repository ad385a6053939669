import { createHash } from 'node:crypto'
import type { Task } from '../../../../schemas/generated.ts'
import type { MarketingEventName } from '../../../../topology/tasks.ts'
import { happenedAt } from '../../input/times.ts'
import { ofHubSpot } from '../records.ts'
import type { EmailEvent, Form, Submission } from '../rest/marketing.ts'

/** Something that somebody did, or was sent, before it is known who that is in the CRM. */
export interface MarketingEvent {
  readonly name: MarketingEventName
  /** Of the link: letters and digits. The same for whatever is to be one task. */
  readonly id: string
  /** Of the event: one that is told again has the same. */
  readonly eventId: string
  /** By HubSpot's clock, in milliseconds; null when it is not told. */
  readonly at: number | null
  /** Address of the person as HubSpot has it. */
  readonly email: string
  /** What it was about: the form's name, the e-mail's subject. */
  readonly title: string | null
  /** Where: the page of the form, the link that was clicked. Without its query, in which sites put who somebody is. */
  readonly url: string | null
}

/** Null for a submission that says of nobody. */
export const submissionEvent = (submission: Submission, form: Form): MarketingEvent | null => {
  const { conversionId, submittedAt: at, email, pageUrl } = submission
  if (email === null) return null
  const id = plainId(conversionId) ?? digest(form.id, at, email.trim().toLowerCase())
  return {
    ...{ name: 'submission', id, at, email, title: form.name, url: withoutQuery(pageUrl) },
    eventId: `hubspot:submission:${id}`,
  }
}

/**
 * Null for an event of nobody, for one that HubSpot's filters take for no person's (a bot opens every e-mail that it examines), and for one that is void.
 * @param subject of the e-mail, if it is known
 * @param repeats whether each open is told, or all of one message to one person are one
 */
export const emailEvent = (
  event: EmailEvent,
  name: Exclude<MarketingEventName, 'submission'>,
  { subject, repeats }: { readonly subject: string | null; readonly repeats: 'first' | 'every' },
): MarketingEvent | null => {
  const { created, recipient, isFiltered, isObsolete } = event
  if (recipient === null || isFiltered || isObsolete) return null
  // A message that is not told has no first: each event is one then.
  const message = repeats === 'first' && name !== 'sent' ? event.sentBy : null
  const id = plainId(message ?? event.id) ?? digest(message ?? event.id)
  return {
    ...{ name, id, at: created, email: recipient, title: event.subject ?? subject, url: withoutQuery(event.url) },
    eventId: `hubspot:${name}:${plainId(event.id) ?? digest(event.id)}:${created}`,
  }
}

/** Who somebody is in the CRM. */
export interface KnownAs {
  readonly person: string
  /** Alias of the owner of their contact, by address; null for nobody. */
  readonly recordOwner: string | null
}

/** What a marketing event becomes. Pure. */
export const marketingTold = (
  { name, id, eventId, at, title, url }: MarketingEvent,
  { person, recordOwner }: KnownAs,
  receivedAt: number,
): Task => {
  const { at: occurredAt } = happenedAt(at, undefined, receivedAt)
  return {
    ...{ eventId, source: ofHubSpot.source, occurredAt, receivedAt, system: 'HUBSPOT', record: id, change: 'CREATED' },
    ...{
      activity: 'MARKETING_EVENT',
      people: [person],
      person,
      recordOwner,
      owner: null,
      relatedTo: null,
      related: null,
      others: null,
    },
    fields: { name: title, url, occurredAt: new Date(occurredAt).toISOString() },
    ...{ changedBy: null, link: `hubspot:${name}:${id}`, createdAt: occurredAt, changes: {}, ours: false },
  }
}

/** HubSpot's ids are UUIDs. Undefined for what no link can hold. */
const plainId = (id: string | null): string | undefined => {
  const plain = id?.replaceAll('-', '')
  return plain !== undefined && /^[A-Za-z0-9]{8,50}$/.test(plain) ? plain : undefined
}

const digest = (...parts: readonly (string | number | null)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

const withoutQuery = (url: string | null): string | null => url?.split(/[?#]/)[0] ?? null
