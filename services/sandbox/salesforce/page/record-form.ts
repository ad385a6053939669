import { type Html, html } from '../../page.ts'
import type { Org } from '../org.ts'
import { isLive, type Row } from '../records/records.ts'
import type { Field, Value } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'
import { cell, latestFirst, recordLink, shownText, taskLink, titleOf } from './cells.ts'

/** The form of one record: its fields, what hangs on it, and what can be done with it. */
export const recordForm = (org: Org, object: SObjectType, row: Row): Html => {
  const action = `/records/${object.name}/${row.Id}`
  const open = isLive(row) && row['IsConverted'] !== true
  const fields = org.schema.fields(object)
  const editable = fields.filter(({ access }) => access === 'write')
  const shown = fields.filter(({ access, name }) => access !== 'write' && (row[name] ?? null) !== null)
  return html`<h1>${titleOf(row)} <span class="muted">${object.label.toLowerCase()} ${row.Id}</span></h1>
${!isLive(row) && html`<p class="notice">Deleted. ${row['MasterRecordId'] && html`It was merged into ${recordLink(org, row['MasterRecordId'])}.`}</p>`}
<form method="post" action="${action}" data-edits>
${open && html`<div class="bar"><button class="primary">Save</button><span class="muted">Only what you edited is written. An empty value clears.</span></div>`}
<div class="card" data-live id="fields"><table>${[...editable].sort(valuesFirst(row)).map(field => fieldRow(field, input(field, row[field.name] ?? null, open)))}</table></div>
</form>
<h2>Set by Salesforce</h2>
<div class="card" data-live id="computed"><table>${shown.map(field => fieldRow(field, cell(org, field, row[field.name])))}</table></div>
${tasksOf(org, object, row)}
${open && actions(object, action)}`
}

const valuesFirst =
  (row: Row): ((a: Field, b: Field) => number) =>
  (a, b) =>
    Number((row[a.name] ?? null) === null) - Number((row[b.name] ?? null) === null)

const fieldRow = ({ name, label }: Field, content: Html | string | undefined): Html =>
  html`<tr id="field-${name}"><td style="width:34%"><label for="${name}">${label}</label><br><code>${name}</code></td><td>${content}</td></tr>
`

const input = ({ name, type, values, restricted }: Field, value: Value, open: boolean): Html => {
  const text = shownText(value)
  if (!open) return html`<input id="${name}" name="${name}" value="${text}" readonly>`
  if (type === 'textarea')
    return html`<textarea id="${name}" name="${name}" rows="2" style="width:100%">${text}</textarea>`
  if (type !== 'boolean' && !restricted) return html`<input id="${name}" name="${name}" value="${text}">`
  const choices = type === 'boolean' ? ['true', 'false'] : [...(value === null ? [''] : []), ...values]
  return html`<select id="${name}" name="${name}">${choices.map(
    choice => html`<option value="${choice}"${choice === text ? html` selected` : ''}>${choice}</option>`,
  )}</select>`
}

const tasksOf = (org: Org, object: SObjectType, row: Row): Html | undefined => {
  const task = org.schema.object('Task')
  if (!task || object === task) return undefined
  const tasks = org.records
    .live(task)
    .filter(one => one['WhoId'] === row.Id || one['WhatId'] === row.Id)
    .sort(latestFirst)
  return html`<h2>Tasks</h2><div class="card" data-live id="tasks"><table>${tasks.map(one => html`<tr id="task-${one.Id}"><td>${taskLink(one)}</td><td class="muted">${shownText(one['ActivityDate'])}</td></tr>`)}</table>${tasks.length === 0 && html`<p class="empty">No tasks.</p>`}</div>`
}

const actions = ({ name, label, mergeable, deletable }: SObjectType, action: string): Html => html`
${name === 'Lead' && html`<h2>Convert</h2><form method="post" action="${action}/convert" class="bar"><input name="contact" placeholder="Contact Id (empty: a new contact)" aria-label="Contact Id" size="30"><button>Convert this lead</button></form>`}
${mergeable && html`<h2>Merge</h2><form method="post" action="${action}/merge" class="bar"><input name="other" placeholder="Id" aria-label="Id of the other" required><button>Merge it into this one</button></form>`}
${deletable && html`<h2>Delete</h2><form method="post" action="${action}/delete"><button class="danger">Delete this ${label.toLowerCase()}</button></form>`}`
