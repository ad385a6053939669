import { type Html, html } from '../../page.ts'
import type { Account } from '../account.ts'
import type { ObjectType } from '../objects/object-types.ts'
import type { CrmRecord } from '../objects/records.ts'
import type { PortalObjects } from '../portal.ts'
import type { PropertyDefinition } from '../properties/predefined.ts'
import type { PropertyType } from '../properties/row.ts'
import { activityColumns, activityForm, type TableColumn } from './activities.ts'
import { badge, notice, tabs, time, titleOf } from './parts.ts'

const ROWS_PER_PAGE = 200

/** What the address of a table says. */
export interface TableQuery {
  readonly q?: string
  readonly page?: string
  readonly problem?: string
}

/** The live records of one object type, the latest change first, with a form that makes another one. */
export const recordTable = (
  account: Account,
  objectType: string,
  { q = '', page = '1', problem }: TableQuery,
): Html => {
  const objects = account.portal.objects(objectType)
  const { type, records } = objects
  const matching = records.live().filter(matches(q)).sort(latestFirst)
  const start = (Math.max(1, Math.floor(Number(page)) || 1) - 1) * ROWS_PER_PAGE
  const columns = [...(type.isActivity ? activityColumns(account, type) : []), ...customColumns(objects)]
  return html`${tabs(account, type.name)}
${notice(problem)}
<div class="bar">
<form data-search role="search"><input type="search" name="q" value="${q}" placeholder="Search" aria-label="Search ${type.name}" size="32"></form>
<span class="grow"></span>
${type.isActivity ? activityForm(account, type) : createForm(type)}
</div>
<div class="card" data-live id="records"><table>
<thead><tr><th>${type.singular}</th><th>Changed</th>${columns.map(({ heading, hint, alignment }) => html`<th class="${alignment}" title="${hint}">${heading}</th>`)}<th class="number">Record ID</th></tr></thead>
<tbody>${matching.slice(start, start + ROWS_PER_PAGE).map(record => tableRow(type.name, record, columns))}</tbody>
</table>${matching.length === 0 && html`<p class="empty">${q ? 'Nothing matches the search.' : `No ${type.name} yet. They appear here as they are written.`}</p>`}</div>
<p class="muted">${pager(matching.length, start, q)} <a href="/deleted/${type.name}">${records.archived().length} deleted</a></p>`
}

const createForm = ({ name, singular, createNeedsOneOf }: ObjectType): Html =>
  html`<form method="post" action="/records/${name}" class="bar" style="margin:0">
${createNeedsOneOf.slice(0, 2).map((property, index) => html`<input name="${property}" placeholder="${property}" aria-label="${property}"${index === 0 ? html` required` : ''}>`)}
<button>Create ${singular.toLowerCase()}</button></form>`

/** The records that were deleted and can be restored, the latest first. */
export const deletedTable = (account: Account, { type, records }: PortalObjects, problem: string | undefined): Html => {
  const all = records.archived().sort((a, b) => (b.archivedAt ?? 0) - (a.archivedAt ?? 0))
  return html`${tabs(account, type.name)}
<h1>Deleted ${type.name}</h1>
${notice(problem)}
<div class="card" data-live id="deleted"><table>
<thead><tr><th>${type.singular}</th><th>Deleted</th><th class="number">Record ID</th><th></th></tr></thead>
<tbody>${all.slice(0, ROWS_PER_PAGE).map(
    record =>
      html`<tr id="deleted-${record.id}"><td>${titleOf(record)}</td><td class="muted">${time(new Date(record.archivedAt ?? 0).toISOString())}</td><td class="number muted">${record.id}</td><td><form method="post" action="/records/${type.name}/${record.id}/restore"><button>Restore</button></form></td></tr>
`,
  )}</tbody>
</table>${all.length === 0 && html`<p class="empty">No deleted ${type.name}.</p>`}</div>`
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
const customColumns = ({ properties }: PortalObjects): TableColumn[] => {
  const custom = properties.list().filter(property => !property.hubspotDefined && !property.hidden)
  const rank = ({ type }: PropertyDefinition): number => COLUMN_ORDER.indexOf(type)
  return custom
    .toSorted((a, b) => rank(a) - rank(b))
    .map(property => {
      const words = property.name.split('_')
      const peers = custom.map(({ name }) => name.split('_')).filter(([first]) => first === words[0])
      const shared = peers.length < 2 ? 0 : words.findIndex((word, index) => peers.some(other => other[index] !== word))
      return {
        heading: words.slice(Math.max(0, shared)).join(' '),
        hint: `${property.name}: ${property.label}`,
        alignment: property.type === 'number' ? 'number' : 'clip',
        cell: record => shown(property, record.properties[property.name]),
      }
    })
}

const tableRow = (objectType: string, record: CrmRecord, columns: readonly TableColumn[]): Html => {
  const { email, domain, hs_additional_emails: additional } = record.properties
  const title = titleOf(record)
  const details = [email ?? domain, ...(additional ?? '').split(';')].filter(one => one && one !== title)
  return html`<tr id="record-${record.id}"><td><a href="/records/${objectType}/${record.id}">${title}</a><br><span class="muted">${details.join(', ')}</span></td><td class="muted">${time(new Date(record.updatedAt).toISOString())}</td>${columns.map(({ alignment, cell }) => html`<td class="${alignment}">${cell(record)}</td>`)}<td class="number muted">${record.id}</td></tr>
`
}

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
