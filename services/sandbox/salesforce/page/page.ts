import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Html, html, renderPage } from '../../page.ts'
import type { Org } from '../org.ts'
import { prefixOf } from '../records/ids.ts'
import { editRoutes, typeOf } from './edits.ts'
import { fieldsPage } from './fields-page.ts'
import { peopleTable } from './people.ts'
import { recordForm } from './record-form.ts'
import { recordTable } from './record-table.ts'

export const SALESFORCE_BLUE = '#0d7fc4'

interface PageRequest {
  Params: { object: string; id: string }
  Querystring: { q?: string; problem?: string }
}

/** The pages of an org: people with their tasks, tables of records that follow each change, and a form for each record. */
export const pageRoutes = (app: FastifyInstance, org: Org): void => {
  const show = (reply: FastifyReply, current: string, content: Html, problem?: string): FastifyReply =>
    reply.type('text/html').send(
      renderPage({
        title: 'Salesforce',
        subtitle: `org ${org.organizationId}`,
        accent: SALESFORCE_BLUE,
        content: html`${tabs(org, current)}${problem && html`<p class="notice" role="alert">${problem}</p>`}${content}`,
      }),
    )
  app.get<PageRequest>('/', ({ query }, reply) => show(reply, 'people', peopleTable(org, query.q), query.problem))
  app.get<PageRequest>('/fields', ({ query }, reply) => show(reply, 'fields', fieldsPage(org), query.problem))
  app.get<PageRequest>('/records/:object', ({ params, query }, reply) => {
    const object = typeOf(org, params.object)
    return show(reply, object.name, recordTable(org, object, query.q), query.problem)
  })
  app.get<PageRequest>('/records/:object/:id', ({ params, query }, reply) => {
    const object = typeOf(org, params.object)
    const row = prefixOf(params.id) === object.prefix ? org.records.get(params.id) : undefined
    const content = row ? recordForm(org, object, row) : html`<p class="empty">There is no such record.</p>`
    return show(reply.status(row ? 200 : 404), object.name, content, query.problem)
  })
  editRoutes(app, org)
}

const tabs = (org: Org, current: string): Html => {
  const mark = (name: string): Html | false => name === current && html` aria-current="page"`
  const shown = ['Contact', 'Lead', 'Account', 'Task', 'Opportunity', 'User'].map(name => typeOf(org, name))
  return html`<nav class="tabs"><a href="/"${mark('people')}>People</a>${shown.map(
    object =>
      html`<a href="/records/${object.name}"${mark(object.name)}>${object.plural} <span class="muted" data-live id="count-${object.name}">${org.records.live(object).length}</span></a>`,
  )}<a href="/fields"${mark('fields')}>Fields</a><a href="/_sandbox/log">Requests</a></nav>`
}
