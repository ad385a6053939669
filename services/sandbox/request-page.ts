import type { FastifyInstance } from 'fastify'
import { html, renderPage } from './page.ts'
import type { LoggedRequest, RequestLog } from './request-log.ts'

const SHOWN = 200
const BODY_CHARACTERS = 2000

/** `GET /_sandbox/log`: the latest requests of the vendor's API, for a person to read. */
export const requestPage = (app: FastifyInstance, requests: RequestLog, title: string, accent: string): void => {
  app.get('/_sandbox/log', (_, reply) => {
    const latest = requests.read(SHOWN).toReversed()
    const content = html`<nav class="tabs"><a href="/">${title}</a><a href="/_sandbox/log" aria-current="page">Requests</a></nav>
<div class="card" data-live id="requests"><table>
<thead><tr><th>Time (UTC)</th><th>Method</th><th>Path</th><th>Status</th><th>Body</th></tr></thead>
<tbody>${latest.map(row)}</tbody></table>${latest.length === 0 && html`<p class="empty">No request yet.</p>`}</div>
<p class="muted">The latest ${SHOWN}, newest first. All that are kept: <a href="/_sandbox/requests">requests</a>, <a href="/_sandbox/writes">writes that took effect</a>, <a href="/_sandbox/state">state</a>.</p>`
    return reply.type('text/html').send(renderPage({ title, subtitle: 'requests to the API', accent, content }))
  })
}

const row = ({ at, method, path, status, body }: LoggedRequest): ReturnType<typeof html> => {
  const kind = status === null ? 'busy' : status < 400 ? 'good' : 'bad'
  const text = body === null ? '' : JSON.stringify(body, null, 1)
  const excerpt = text.length > BODY_CHARACTERS ? `${text.slice(0, BODY_CHARACTERS)} …` : text
  return html`<tr><td class="muted">${new Date(at).toISOString().slice(11, 23)}</td><td>${method}</td><td>${path}</td><td><span class="badge ${kind}">${status ?? 'none'}</span></td><td>${excerpt && html`<details><summary>${text.length} characters</summary><pre>${excerpt}</pre></details>`}</td></tr>
`
}
