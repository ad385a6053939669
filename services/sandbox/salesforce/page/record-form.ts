import { type Html, html } from '../../page.ts'
import type { Org } from '../org.ts'
import { isLive, type Row } from '../records/records.ts'
import type { Field, Value } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'
import { cell, latestFirst, recordLink, shownText, taskLink, titleOf } from './cells.ts'
import { type Choice, options, owners, PEOPLE_LIST, peopleSuggestions, plain } from './choices.ts'
import { taskForm } from './task-form.ts'

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
${open && html`${object.name === 'Task' && peopleSuggestions(org)}<div class="bar"><button class="primary">Save</button><span class="muted">Only what you edited is written. An empty value clears.</span></div>`}
<div class="card" data-live id="fields"><table>${[...editable].sort(inFormOrder(object, row)).map(field => fieldRow(field, input(org, field, row[field.name] ?? null, open)))}</table></div>
</form>
<h2>Set by Salesforce</h2>
<div class="card" data-live id="computed"><table>${shown.map(field => fieldRow(field, cell(org, field, row[field.name])))}</table></div>
${tasksOf(org, object, row, open)}
${open && actions(object, row, action)}
${!isLive(row) && html`<form method="post" action="${action}/restore"><button>Restore this ${object.label.toLowerCase()}</button></form>`}`
}

/** What people look for first, by object. */
const FIRST: Readonly<Record<string, readonly string[]>> = {
  Task: ['Subject', 'WhoId', 'Status', 'Priority', 'Type', 'ActivityDate', 'OwnerId', 'Description'],
}

/** Those first, then fields that have a value. */
const inFormOrder = (object: SObjectType, row: Row): ((a: Field, b: Field) => number) => {
  const first = FIRST[object.name] ?? []
  const rank = ({ name }: Field): number => {
    if (first.includes(name)) return first.indexOf(name)
    return first.length + Number((row[name] ?? null) === null)
  }
  return (a, b) => rank(a) - rank(b)
}

const fieldRow = ({ name, label }: Field, content: Html | string | undefined): Html =>
  html`<tr id="field-${name}"><td style="width:34%"><label for="${name}">${label}</label><br><code>${name}</code></td><td>${content}</td></tr>
`

const input = (org: Org, field: Field, value: Value, open: boolean): Html => {
  const { name, type, values } = field
  const text = shownText(value)
  if (!open) return html`<input id="${name}" name="${name}" value="${text}" readonly>`
  if (type === 'textarea')
    return html`<textarea id="${name}" name="${name}" rows="2" style="width:100%">${text}</textarea>`
  const choices = choicesOf(org, field, value)
  if (choices) return html`<select id="${name}" name="${name}">${options(choices, text)}</select>`
  if (type === 'date') return html`<input id="${name}" name="${name}" type="date" value="${text}">`
  const list = name === 'WhoId' ? PEOPLE_LIST : `choices-of-${name}`
  return html`<input id="${name}" name="${name}" value="${text}" list="${list}"> ${recordLink(org, type === 'reference' ? value : null)}${values.length > 0 && html`<datalist id="${list}">${options(plain(values), '')}</datalist>`}`
}

/** All values that the field can have; undefined when they are not to be listed. */
const choicesOf = (
  org: Org,
  { name, type, values, restricted }: Field,
  value: Value,
): readonly Choice[] | undefined => {
  if (name === 'OwnerId') return owners(org, shownText(value))
  if (type === 'boolean') return plain(['true', 'false'])
  return restricted ? plain([...(value === null ? [''] : []), ...values]) : undefined
}

const tasksOf = (org: Org, object: SObjectType, row: Row, open: boolean): Html | undefined => {
  const task = org.schema.object('Task')
  if (!task || object === task) return undefined
  const tasks = org.records
    .live(task)
    .filter(one => one['WhoId'] === row.Id || one['WhatId'] === row.Id)
    .sort(latestFirst)
  const canHave = open && (object.name === 'Contact' || object.name === 'Lead')
  return html`<h2>Tasks</h2>${canHave && taskForm(org, row)}<div class="card" data-live id="tasks"><table>${tasks.map(one => html`<tr id="task-${one.Id}"><td>${taskLink(one)}</td><td class="muted">${shownText(one['ActivityDate'])}</td></tr>`)}</table>${tasks.length === 0 && html`<p class="empty">No tasks.</p>`}</div>`
}

const actions = ({ name, label, mergeable, deletable }: SObjectType, row: Row, action: string): Html => html`
${name === 'Task' && row['IsClosed'] !== true && html`<h2>Complete</h2><form method="post" action="${action}/complete"><button>Complete this task</button></form>`}
${name === 'Lead' && html`<h2>Convert</h2><form method="post" action="${action}/convert" class="bar"><input name="contact" placeholder="Contact Id (empty: a new contact)" aria-label="Contact Id" size="30"><button>Convert this lead</button></form>`}
${mergeable && html`<h2>Merge</h2><form method="post" action="${action}/merge" class="bar"><input name="other" placeholder="Id" aria-label="Id of the other" required><button>Merge it into this one</button></form>`}
${deletable && html`<h2>Delete</h2><form method="post" action="${action}/delete"><button class="danger">Delete this ${label.toLowerCase()}</button></form>`}`
