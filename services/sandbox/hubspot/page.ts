import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Html, html, renderPage } from '../page.ts'
import type { Account } from './account.ts'
import { customEventTable } from './custom-event-page.ts'
import { HubSpotRefusal } from './errors.ts'
import { marketingEventPage, marketingEventTable } from './marketing-page.ts'
import type { CrmRecord, Draft } from './objects/records.ts'
import type { Writer } from './objects/writing.ts'
import { badge, tabs, time, titleOf } from './page-parts.ts'
import type { Portal, PortalObjects } from './portal.ts'
import type { PropertyDefinition, PropertyType } from './properties/predefined.ts'
import { recordForm } from './record-form.ts'
import { timeline } from './timeline.ts'

export const HUBSPOT_ORANGE = '#f2603c'

const PERSON: Writer = { source: 'CRM_UI', id: 'userId:1' }
const ROWS_PER_PAGE = 200

interface PageRequest {
  Params: { objectType: string; id: string }
  Querystring: { q?: string; page?: string; problem?: string }
  Body: Record<string, string> | undefined
}

/** The pages of a HubSpot account: tables of records and events that follow each change, and for each record a form and its timeline. */
export const pageRoutes = (app: FastifyInstance, account: Account): void => {
  const { portal } = account
  const show = (reply: FastifyReply, content: Html): FastifyReply =>
    reply
      .type('text/html')
      .send(renderPage({ title: 'HubSpot', subtitle: `account ${portal.portalId}`, accent: HUBSPOT_ORANGE, content }))
  app.get<PageRequest>('/', (request, reply) => show(reply, recordTable(account, 'contacts', request.query)))
  app.get<PageRequest>('/records/:objectType', ({ params, query }, reply) =>
    show(reply, recordTable(account, params.objectType, query)),
  )
  app.get<PageRequest>('/records/:objectType/:id', ({ params, query }, reply) => {
    const objects = portal.objects(params.objectType)
    const record = objects.records.resolve(params.id)
    const content = record
      ? recordForm(objects, record, { problem: query.problem, happened: timeline(account, objects, record) })
      : html`<p class="empty">There is no such record.</p>`
    return show(reply.status(record ? 200 : 404), html`${tabs(account, objects.type.name)}${content}`)
  })
  app.get('/marketing-events', (_, reply) => show(reply, marketingEventTable(account)))
  app.get<PageRequest>('/marketing-events/:id', ({ params }, reply) => {
    const event = account.marketing.events.find(params.id)
    return show(reply.status(event ? 200 : 404), marketingEventPage(account, event))
  })
  app.get('/custom-events', (_, reply) => show(reply, customEventTable(account)))
  editRoutes(app, portal)
}

const editRoutes = (app: FastifyInstance, portal: Portal): void => {
  const edit = (
    path: string,
    work: (objects: PortalObjects, draft: Draft, id: string, fields: Record<string, string>) => string | undefined,
  ): void => {
    app.post<PageRequest>(path, ({ params, body }, reply) => {
      const objects = portal.objects(params.objectType)
      const list = `/records/${objects.type.name}`
      try {
        const draft = objects.records.draft()
        const shown = work(objects, draft, params.id, body ?? {})
        draft.commit()
        return reply.redirect(shown === undefined ? list : `${list}/${shown}`, 303)
      } catch (error) {
        if (!(error instanceof HubSpotRefusal)) throw error
        const back = params.id === undefined ? list : `${list}/${params.id}`
        return reply.redirect(`${back}?problem=${encodeURIComponent(problemText(error))}`, 303)
      }
    })
  }
  const existing = (draft: Draft, id: string): CrmRecord => {
    const record = draft.resolve(id)
    if (!record) throw new HubSpotRefusal(404, { message: `There is no record ${id}.`, category: 'OBJECT_NOT_FOUND' })
    return record
  }
  edit('/records/:objectType', ({ writing }, draft, _, fields) => writing.create(draft, fields, PERSON).id)
  edit('/records/:objectType/:id', ({ writing }, draft, id, fields) => {
    const record = existing(draft, id)
    const differing = Object.entries(fields).filter(([name, value]) => (record.properties[name] ?? '') !== value)
    if (differing.length > 0) writing.update(draft, record, Object.fromEntries(differing))
    return id
  })
  edit('/records/:objectType/:id/delete', ({ writing }, draft, id) => {
    writing.archive(draft, existing(draft, id))
    return undefined
  })
  edit('/records/:objectType/:id/merge', ({ writing }, draft, id, { other = '' }) => {
    const [primary, secondary] = [existing(draft, id), existing(draft, other.trim())]
    if (primary.id === secondary.id)
      throw new HubSpotRefusal(400, { message: 'A record cannot be merged with itself.', category: 'VALIDATION_ERROR' })
    return writing.merge(draft, primary, secondary).id
  })
}

const problemText = ({ problem }: HubSpotRefusal): string =>
  problem.errors?.map(({ message }) => message).join(' ') ?? problem.message

const recordTable = (
  account: Account,
  objectType: string,
  { q = '', page = '1', problem }: PageRequest['Querystring'],
): Html => {
  const objects = account.portal.objects(objectType)
  const { type, records } = objects
  const matching = records.live().filter(matches(q)).sort(latestFirst)
  const start = (Math.max(1, Math.floor(Number(page)) || 1) - 1) * ROWS_PER_PAGE
  const columns = customColumns(objects)
  const [first, second] = type.createNeedsOneOf
  return html`${tabs(account, type.name)}
${problem && html`<p class="notice" role="alert">${problem}</p>`}
<div class="bar">
<form data-search role="search"><input type="search" name="q" value="${q}" placeholder="Search" aria-label="Search ${type.name}" size="32"></form>
<span class="grow"></span>
<form method="post" action="/records/${type.name}" class="bar" style="margin:0">
<input name="${first ?? ''}" placeholder="${first ?? ''}" aria-label="${first ?? ''}" required>
<input name="${second ?? ''}" placeholder="${second ?? ''}" aria-label="${second ?? ''}">
<button>Create ${type.singular.toLowerCase()}</button></form>
</div>
<div class="card" data-live id="records"><table>
<thead><tr><th>${type.singular}</th><th>Changed</th>${columns.map(({ property, heading }) => html`<th class="${alignment(property)}" title="${property.name}: ${property.label}">${heading}</th>`)}<th class="number">Record ID</th></tr></thead>
<tbody>${matching.slice(start, start + ROWS_PER_PAGE).map(record => tableRow(type.name, record, columns))}</tbody>
</table>${matching.length === 0 && html`<p class="empty">${q ? 'Nothing matches the search.' : `No ${type.name} yet. They appear here as they are written.`}</p>`}</div>
<p class="muted">${pager(matching.length, start, q)}</p>`
}

const matches = (q: string): ((record: CrmRecord) => boolean) => {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return () => true
  return record => {
    const text = Object.values(record.properties).join('\n').toLowerCase()
    return words.every(word => text.includes(word))
  }
}

const latestFirst = (a: CrmRecord, b: CrmRecord): number => b.updatedAt - a.updatedAt || Number(b.id) - Number(a.id)

interface Column {
  readonly property: PropertyDefinition
  readonly heading: string
}

/** States and counts before times, long texts last. */
const COLUMN_ORDER: readonly PropertyType[] = [
  'enumeration',
  'bool',
  'number',
  'date',
  'datetime',
  'phone_number',
  'string',
]

/** The properties that integrations added, without the words that the names of an integration's properties begin with. */
const customColumns = ({ properties }: PortalObjects): Column[] => {
  const custom = properties.list().filter(property => !property.hubspotDefined && !property.hidden)
  const rank = ({ type }: PropertyDefinition): number => COLUMN_ORDER.indexOf(type)
  return custom
    .toSorted((a, b) => rank(a) - rank(b))
    .map(property => {
      const words = property.name.split('_')
      const peers = custom.map(({ name }) => name.split('_')).filter(([first]) => first === words[0])
      const shared = peers.length < 2 ? 0 : words.findIndex((word, index) => peers.some(other => other[index] !== word))
      return { property, heading: words.slice(Math.max(0, shared)).join(' ') }
    })
}

const tableRow = (objectType: string, record: CrmRecord, columns: readonly Column[]): Html => {
  const { email, domain, hs_additional_emails: additional } = record.properties
  const title = titleOf(record)
  const details = [email ?? domain, ...(additional ?? '').split(';')].filter(one => one && one !== title)
  return html`<tr id="record-${record.id}"><td><a href="/records/${objectType}/${record.id}">${title}</a><br><span class="muted">${details.join(', ')}</span></td><td class="muted">${time(new Date(record.updatedAt).toISOString())}</td>${columns.map(({ property }) => html`<td class="${alignment(property)}">${shown(property, record.properties[property.name])}</td>`)}<td class="number muted">${record.id}</td></tr>
`
}

const alignment = ({ type }: PropertyDefinition): string => (type === 'number' ? 'number' : 'clip')

const shown = ({ type, name }: PropertyDefinition, value: string | undefined): Html | string | undefined => {
  if (value === undefined) return undefined
  if (type === 'datetime') return time(value)
  if (name.endsWith('_status')) return badge(value)
  return value
}

const pager = (total: number, start: number, q: string): Html => {
  const end = Math.min(total, start + ROWS_PER_PAGE)
  const number = start / ROWS_PER_PAGE + 1
  const link = (page: number, text: string): Html =>
    html`<a href="?page=${page}&q=${encodeURIComponent(q)}">${text}</a> `
  if (total <= ROWS_PER_PAGE) return html`${total} in all, the latest change first; times in UTC.`
  return html`${start + 1} to ${end} of ${total}, the latest change first; times in UTC. ${start > 0 && link(number - 1, 'Newer')} ${end < total && link(number + 1, 'Older')}`
}
