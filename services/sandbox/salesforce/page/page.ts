import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Html, html, renderPage } from '../../page.ts'
import type { Org } from '../org.ts'
import { prefixOf } from '../records/ids.ts'
import { currentEditor, editorForm, editorRoutes } from './editor.ts'
import { editRoutes, typeOf } from './edits.ts'
import { fieldsPage } from './fields-page.ts'
import { peopleTable } from './people.ts'
import { recordForm } from './record-form.ts'
import { deletedTable, recordTable } from './record-table.ts'

export const SALESFORCE_BLUE = '#0d7fc4'

interface PageRequest {
  Params: { object: string; id: string }
  Querystring: { q?: string; problem?: string }
}

/** The pages of an org: people with their tasks, tables of records that follow each change, and a form for each record. */
export const pageRoutes = (app: FastifyInstance, org: Org): void => {
  const show = (
    request: FastifyRequest<PageRequest>,
    reply: FastifyReply,
    current: string,
    content: Html,
  ): FastifyReply => {
    const { problem } = request.query
    const editor = editorForm(org, currentEditor(org, request.headers.cookie), pathOf(request.url))
    return reply.type('text/html').send(
      renderPage({
        title: 'Salesforce',
        subtitle: `org ${org.organizationId}`,
        accent: SALESFORCE_BLUE,
        content: html`${tabs(org, current, editor)}${problem && html`<p class="notice" role="alert">${problem}</p>`}${content}`,
      }),
    )
  }
  app.get<PageRequest>('/', (request, reply) => show(request, reply, 'people', peopleTable(org, request.query.q)))
  app.get<PageRequest>('/fields', (request, reply) => show(request, reply, 'fields', fieldsPage(org)))
  app.get<PageRequest>('/records/:object', (request, reply) => {
    const object = typeOf(org, request.params.object)
    return show(request, reply, object.name, recordTable(org, object, request.query.q))
  })
  app.get<PageRequest>('/deleted/:object', (request, reply) => {
    const object = typeOf(org, request.params.object)
    return show(request, reply, object.name, deletedTable(org, object, request.query.q))
  })
  app.get<PageRequest>('/records/:object/:id', (request, reply) => {
    const { params } = request
    const object = typeOf(org, params.object)
    const row = prefixOf(params.id) === object.prefix ? org.records.get(params.id) : undefined
    const content = row ? recordForm(org, object, row) : html`<p class="empty">There is no such record.</p>`
    return show(request, reply.status(row ? 200 : 404), object.name, content)
  })
  editorRoutes(app, org)
  editRoutes(app, org)
}

/** Without what a refusal added. */
const pathOf = (url: string): string => url.split('?')[0] ?? '/'

const tabs = (org: Org, current: string, editor: Html): Html => {
  const mark = (name: string): Html | false => name === current && html` aria-current="page"`
  const shown = ['Contact', 'Lead', 'Account', 'Task', 'Opportunity', 'User'].map(name => typeOf(org, name))
  return html`<nav class="tabs"><a href="/"${mark('people')}>People</a>${shown.map(
    object =>
      html`<a href="/records/${object.name}"${mark(object.name)}>${object.plural} <span class="muted" data-live id="count-${object.name}">${org.records.live(object).length}</span></a>`,
  )}<a href="/fields"${mark('fields')}>Fields</a><a href="/_sandbox/log">Requests</a><span style="flex:1"></span>${editor}</nav>`
}
