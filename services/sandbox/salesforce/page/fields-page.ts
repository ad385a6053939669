import { type Html, html } from '../../page.ts'
import type { Org } from '../org.ts'
import { TRIBUTARY_ID } from '../schema/schema.ts'

/** The custom fields of the org, and the one that a Tributary needs, which can be taken away to see what is missing without it. */
export const fieldsPage = ({ schema }: Org): Html => {
  const custom = schema
    .objects()
    .flatMap(object => schema.fields(object).map(field => ({ object, field })))
    .filter(({ field }) => field.custom)
  const present = custom.some(({ object, field }) => object.name === 'Task' && field.name === TRIBUTARY_ID.name)
  return html`<h1>Custom fields</h1>
<div class="card" data-live id="custom-fields"><table><thead><tr><th>Object</th><th>Field</th><th>Type</th><th>Kind</th></tr></thead><tbody>${custom.map(
    ({ object, field }) =>
      html`<tr id="${object.name}-${field.name}"><td>${object.label}</td><td>${field.label}<br><code>${field.name}</code></td><td>Text(${field.length})</td><td>${[field.externalId && 'External ID', field.unique && 'Unique', field.caseSensitive ? 'Case Sensitive' : 'Case Insensitive'].filter(Boolean).join(', ')}</td></tr>`,
  )}</tbody></table>${custom.length === 0 && html`<p class="empty">No custom fields.</p>`}</div>
<h2>${TRIBUTARY_ID.name}</h2>
<form method="post" action="/fields/tributary" class="bar"><button class="${present ? 'danger' : 'primary'}">${present ? 'Delete this field of tasks' : 'Create this field of tasks'}</button><span class="muted">Tributary finds its own tasks by it.</span></form>`
}
