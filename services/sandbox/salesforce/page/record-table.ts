import { type Html, html } from '../../page.ts'
import type { Org } from '../org.ts'
import type { SObjectType } from '../schema/objects.ts'
import { cell, latestFirst, matches, search, titleOf } from './cells.ts'

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

/** The records of an object that are not deleted. */
export const recordTable = (org: Org, object: SObjectType, q: string | undefined): Html => {
  const names = [...(COLUMNS[object.name] ?? []), 'SystemModstamp']
  const columns = names.flatMap(name => org.schema.field(object, name) ?? [])
  const rows = org.records.live(object).filter(matches(q)).sort(latestFirst)
  return html`<div class="bar">${search(q, object.plural.toLowerCase())}</div>
<div class="card" data-live id="records"><table>
<thead><tr><th>${object.label}</th>${columns.map(({ label, name }) => html`<th title="${name}">${label}</th>`)}<th>Id</th></tr></thead>
<tbody>${rows.slice(0, SHOWN).map(
    row =>
      html`<tr id="record-${row.Id}"><td><a href="/records/${object.name}/${row.Id}">${titleOf(row)}</a></td>${columns.map(field => html`<td class="clip">${cell(org, field, row[field.name])}</td>`)}<td class="muted">${row.Id}</td></tr>
`,
  )}</tbody>
</table>${rows.length === 0 && html`<p class="empty">${q ? 'Nothing matches the search.' : `No ${object.plural.toLowerCase()} yet. They appear here as they are written.`}</p>`}</div>
<p class="muted">${rows.length} in all${rows.length > SHOWN && html`, the first ${SHOWN} shown`}; the latest change first; times in UTC.</p>`
}
