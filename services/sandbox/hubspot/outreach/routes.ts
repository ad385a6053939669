import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { page, parsed } from '../bodies.ts'
import { invalid, notFound } from '../errors.ts'
import { EMAIL_EVENTS_PAGE, MARKETING_PAGE, SUBMISSIONS_PAGE } from '../limits.ts'
import { BATCH_APP, type Campaign, EMAIL_EVENT_TYPES, type EmailEvent } from './emails.ts'
import { FORMS, type Form } from './forms.ts'
import type { Outreach } from './outreach.ts'

const paged = { after: z.string().optional(), limit: z.coerce.number().default(20) }
const formsQuery = z.object({
  ...paged,
  archived: z.string().optional(),
  formTypes: z.union([z.string(), z.array(z.string())]).default('hubspot'),
})
const eventsQuery = z.object({
  eventType: z.string().optional(),
  ...{ startTimestamp: z.coerce.number().optional(), endTimestamp: z.coerce.number().optional() },
  ...{ recipient: z.string().optional(), campaignId: z.string().optional(), offset: z.string().optional() },
  limit: z.coerce.number().int().min(1).max(EMAIL_EVENTS_PAGE).default(10),
  excludeFilteredEvents: z.enum(['true', 'false']).default('false'),
})

/** Of what HubSpot gives no submissions (airbytehq/airbyte#56416). */
const WITHOUT_SUBMISSIONS: ReadonlySet<Form['formType']> = new Set(['blog_comment'])

interface OutreachRequest {
  Params: { form: string; campaign: string }
  Querystring: unknown
}

/**
 * Forms with their submissions, and events of marketing e-mails with their campaigns, as HubSpot's references show them
 * (developers.hubspot.com/docs/methods/forms/get-submissions-for-a-form, …/email/get_events, …/email/email_events_overview,
 * …/legacy/email-analytics-v1/campaigns): the latest first, by cursors. An offset of events is for one query, whose position it holds.
 */
export const outreachRoutes = (app: FastifyInstance, { portalId, forms, emails }: Outreach): void => {
  app.get<OutreachRequest>('/marketing/v3/forms', ({ query }) => {
    const { formTypes, after, limit, archived } = parsed(formsQuery, query)
    const types = [formTypes].flat()
    const all = archived === 'true' ? [] : FORMS.filter(one => types.includes('all') || types.includes(one.formType))
    return page(all.map(formBody), { limit, after, most: MARKETING_PAGE })
  })
  app.get<OutreachRequest>('/form-integrations/v1/submissions/forms/:form', ({ params, query }) => {
    const { limit, after } = parsed(z.object(paged), query)
    const form = FORMS.find(({ id }) => id === params.form)
    if (!form) throw notFound(`No form found with guid '${params.form}'`)
    if (WITHOUT_SUBMISSIONS.has(form.formType)) throw invalid(`Submissions are not given of ${form.formType} forms.`)
    const all = forms.submissions(form.id).map(({ id: conversionId, submittedAt, values, pageUrl }) => ({
      ...{ conversionId, submittedAt, values, pageUrl },
    }))
    return page(all, { limit, after, most: SUBMISSIONS_PAGE })
  })
  app.get<OutreachRequest>('/email/public/v1/events', ({ query }) => {
    const asked = parsed(eventsQuery, query)
    const { eventType, limit, offset } = asked
    if (eventType !== undefined && !EMAIL_EVENT_TYPES.some(type => type === eventType))
      throw invalid(`Cannot deserialize value of type EventType from String "${eventType}"`)
    const all = eventsAsked(emails.events(), asked)
    const start = offset === undefined ? 0 : positionAfter(all, offset)
    const events = all.slice(start, start + limit)
    const last = events.at(-1)
    const body = events.map(event => eventBody(event, portalId, emails.campaign(event.campaign)?.subject))
    return { hasMore: start + limit < all.length, offset: last ? offsetOf(last) : '', events: body }
  })
  app.get<OutreachRequest>('/email/public/v1/campaigns/:campaign', ({ params }) => {
    const campaign = emails.campaign(params.campaign)
    if (!campaign) throw notFound('Campaign not found')
    return campaignBody(campaign, emails.events())
  })
}

const eventsAsked = (events: readonly EmailEvent[], asked: z.infer<typeof eventsQuery>): readonly EmailEvent[] => {
  const { eventType, startTimestamp = 0, endTimestamp = Number.POSITIVE_INFINITY } = asked
  return events
    .filter(event => eventType === undefined || event.type === eventType)
    .filter(({ created }) => created >= startTimestamp && created <= endTimestamp)
    .filter(({ recipient }) => asked.recipient === undefined || recipient === asked.recipient.toLowerCase())
    .filter(({ campaign }) => asked.campaignId === undefined || campaign === asked.campaignId)
    .filter(({ filteredEvent }) => asked.excludeFilteredEvents === 'false' || filteredEvent !== true)
}

const campaignBody = ({ id, name, subject }: Campaign, events: readonly EmailEvent[]): object => {
  const of = events.filter(event => event.campaign === id)
  const count = (type: EmailEvent['type']): number => of.filter(event => event.type === type).length
  return {
    ...{ id: Number(id), appId: BATCH_APP.id, appName: BATCH_APP.name, contentId: Number(id) },
    ...{ name, subject, type: 'BATCH_EMAIL', subType: 'BATCH' },
    counters: { sent: count('SENT'), delivered: count('DELIVERED'), open: count('OPEN'), processed: count('SENT') },
    ...{ numIncluded: count('SENT'), numQueued: 0 },
  }
}

const formBody = ({ id, name, formType, createdAt }: Form): object => ({
  ...{ id, name, formType, createdAt, updatedAt: createdAt, archived: false },
  fieldGroups: [{ groupType: 'default_group', richTextType: 'text', fields: [] }],
})

const eventBody = (event: EmailEvent, portalId: number, subject: string | undefined): object => {
  const { shownFrom: _, campaign, hmid, ...told } = event
  return {
    ...{ appId: BATCH_APP.id, appName: BATCH_APP.name, emailCampaignId: Number(campaign), portalId, hmid },
    ...told,
    ...(event.type === 'SENT' ? { subject, from: 'Sandbox <news@sandbox.example.com>', cc: [], bcc: [] } : {}),
    ...(event.filteredEvent === undefined ? {} : { deviceType: 'COMPUTER', location: { country: 'GB' } }),
  }
}

const offsetOf = ({ created, id }: EmailEvent): string => Buffer.from(`${created} ${id}`).toString('base64url')

const positionAfter = (all: readonly EmailEvent[], offset: string): number => {
  const [created = '', id = ''] = Buffer.from(offset, 'base64url').toString().split(' ')
  const at = all.findIndex(
    event => event.created < Number(created) || (event.created === Number(created) && event.id > id),
  )
  if (id === '') throw invalid('offset must be the value that a page before gave')
  return at === -1 ? all.length : at
}
