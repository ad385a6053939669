import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Html, html, renderPage } from '../../page.ts'
import type { Account } from '../account.ts'
import { belongings } from './activities.ts'
import { customEventTable } from './custom-events.ts'
import { editRoutes } from './edits.ts'
import { marketingEventPage, marketingEventTable } from './marketing-events.ts'
import { outreachPage } from './outreach.ts'
import { tabs } from './parts.ts'
import { recordForm } from './record-form.ts'
import { deletedTable, recordTable, type TableQuery } from './record-table.ts'
import { timeline } from './timeline.ts'
import { subscriptionRoutes, webhooksPage } from './webhooks.ts'

export const HUBSPOT_ORANGE = '#f2603c'

interface PageRequest {
  Params: { objectType: string; id: string }
  Querystring: TableQuery
}

/** The pages of a HubSpot account: tables of records, events and webhooks that follow each change, and for each record a form and its timeline. */
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
  app.get<PageRequest>('/deleted/:objectType', ({ params, query }, reply) =>
    show(reply, deletedTable(account, portal.objects(params.objectType), query.problem)),
  )
  app.get<PageRequest>('/records/:objectType/:id', ({ params, query }, reply) => {
    const objects = portal.objects(params.objectType)
    const record = objects.records.resolve(params.id)
    const content = record
      ? recordForm(objects, record, {
          problem: query.problem,
          happened: objects.type.isActivity ? belongings(account, objects, record) : timeline(account, objects, record),
        })
      : html`<p class="empty">There is no such record.</p>`
    return show(reply.status(record ? 200 : 404), html`${tabs(account, objects.type.name)}${content}`)
  })
  app.get('/marketing-events', (_, reply) => show(reply, marketingEventTable(account)))
  app.get<PageRequest>('/marketing-events/:id', ({ params }, reply) => {
    const event = account.marketing.events.find(params.id)
    return show(reply.status(event ? 200 : 404), marketingEventPage(account, event))
  })
  app.get<PageRequest>('/outreach', ({ query }, reply) => show(reply, outreachPage(account, query.problem)))
  app.get('/custom-events', (_, reply) => show(reply, customEventTable(account)))
  app.get<PageRequest>('/webhooks', ({ query }, reply) => show(reply, webhooksPage(account, query.problem)))
  editRoutes(app, portal)
  subscriptionRoutes(app, account)
}
