import { type Html, html } from '../../page.ts'
import type { Org } from '../org.ts'
import { isLive, type Row } from '../records/records.ts'
import type { SObjectType } from '../schema/objects.ts'
import { cell, latestFirst, matches, search, titleOf } from './cells.ts'
import { taskForm } from './task-form.ts'

const SHOWN = 200

/** What the table of an object shows beside the record's name. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  Account: ['Type', 'Industry', 'Website'],
  Contact: ['Email', 'AccountId', 'Title', 'Phone'],
  Lead: ['Email', 'Company', 'Status', 'IsConverted', 'ConvertedContactId'],
  Opportunity: ['AccountId', 'StageName', 'CloseDate', 'Amount'],
  Task: ['WhoId', 'WhatId', 'Status', 'Priority', 'ActivityDate', 'OwnerId', 'Tributary_Id__c'],
  User: ['Username', 'Email', 'IsActive'],
}

/** The records of an object that are not deleted, with a form that makes a task above those of tasks. */
export const recordTable = (org: Org, object: SObjectType, q: string | undefined): Html => {
  const rows = org.records.live(object)
  const deleted = [...org.records.all(object)].length - rows.length
  const empty = q ? 'Nothing matches the search.' : `No ${plural(object)} yet. They appear here as they are written.`
  return html`<div class="bar">${search(q, plural(object))}</div>
${object.name === 'Task' && taskForm(org)}
${table(org, object, { rows: rows.filter(matches(q)), empty })}
<p class="muted"><a href="/deleted/${object.name}">${deleted} deleted</a></p>`
}

/** The records of an object that were deleted, each with what brings it back. */
export const deletedTable = (org: Org, object: SObjectType, q: string | undefined): Html => {
  const rows = [...org.records.all(object)].filter(row => !isLive(row)).filter(matches(q))
  const restore = ({ Id }: Row): Html =>
    html`<form method="post" action="/records/${object.name}/${Id}/restore"><button>Restore</button></form>`
  return html`<h1>Deleted ${plural(object)}</h1>
<div class="bar">${search(q, `deleted ${plural(object)}`)}</div>
${table(org, object, { rows, empty: `No deleted ${plural(object)}.`, action: restore })}`
}

const plural = (object: SObjectType): string => object.plural.toLowerCase()

interface TableContent {
  readonly rows: readonly Row[]
  /** What is said when there are none. */
  readonly empty: string
  /** What can be done with each. */
  readonly action?: (row: Row) => Html
}

const table = (org: Org, object: SObjectType, { rows, empty, action }: TableContent): Html => {
  const names = [...(COLUMNS[object.name] ?? []), 'SystemModstamp']
  const columns = names.flatMap(name => org.schema.field(object, name) ?? [])
  const shown = [...rows].sort(latestFirst).slice(0, SHOWN)
  const cells = (row: Row): Html[] =>
    columns.map(field => html`<td class="clip">${cell(org, field, row[field.name])}</td>`)
  return html`<div class="card" data-live id="records"><table>
<thead><tr><th>${object.label}</th>${columns.map(({ label, name }) => html`<th title="${name}">${label}</th>`)}<th>Id</th>${action && html`<th></th>`}</tr></thead>
<tbody>${shown.map(
    row =>
      html`<tr id="record-${row.Id}"><td><a href="/records/${object.name}/${row.Id}">${titleOf(row)}</a></td>${cells(row)}<td class="muted">${row.Id}</td>${action && html`<td>${action(row)}</td>`}</tr>
`,
  )}</tbody>
</table>${rows.length === 0 && html`<p class="empty">${empty}</p>`}</div>
<p class="muted">${rows.length} in all${rows.length > SHOWN && html`, the first ${SHOWN} shown`}; the latest change first; times in UTC.</p>`
}
