import { type Html, html } from '../../page.ts'
import type { Account } from '../account.ts'
import type { CrmRecord } from '../objects/records.ts'
import type { PortalObjects } from '../portal.ts'
import type { PropertyDefinition } from '../properties/predefined.ts'
import type { PropertyType } from '../properties/row.ts'
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
  const columns = customColumns(objects)
  const [first, second] = type.createNeedsOneOf
  return html`${tabs(account, type.name)}
${notice(problem)}
<div class="bar">
<form data-search role="search"><input type="search" name="q" value="${q}" placeholder="Search" aria-label="Search ${type.name}" size="32"></form>
<span class="grow"></span>
<form method="post" action="/records/${type.name}" class="bar" style="margin:0">
<input name="${first ?? ''}" placeholder="${first ?? ''}" aria-label="${first ?? ''}" required>
<input name="${second ?? ''}" placeholder="${second ?? ''}" aria-label="${second ?? ''}">
<button>Create ${type.singular.toLowerCase()}</button></form>
</div>
<div class="card" data-live id="records"><table>
<thead><tr><th>${type.singular}</th><th>Changed</th>${columns.map(({ property, heading }) => html`<th class="${alignment(property)}" title="${property.name}: ${property.label}">${heading}</th>`)}<th class="number">Record ID</th></tr></thead>
<tbody>${matching.slice(start, start + ROWS_PER_PAGE).map(record => tableRow(type.name, record, columns))}</tbody>
</table>${matching.length === 0 && html`<p class="empty">${q ? 'Nothing matches the search.' : `No ${type.name} yet. They appear here as they are written.`}</p>`}</div>
<p class="muted">${pager(matching.length, start, q)} <a href="/deleted/${type.name}">${records.archived().length} deleted</a></p>`
}

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

interface Column {
  readonly property: PropertyDefinition
  readonly heading: string
}

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
const customColumns = ({ properties }: PortalObjects): Column[] => {
  const custom = properties.list().filter(property => !property.hubspotDefined && !property.hidden)
  const rank = ({ type }: PropertyDefinition): number => COLUMN_ORDER.indexOf(type)
  return custom
    .toSorted((a, b) => rank(a) - rank(b))
    .map(property => {
      const words = property.name.split('_')
      const peers = custom.map(({ name }) => name.split('_')).filter(([first]) => first === words[0])
      const shared = peers.length < 2 ? 0 : words.findIndex((word, index) => peers.some(other => other[index] !== word))
      return { property, heading: words.slice(Math.max(0, shared)).join(' ') }
    })
}

const tableRow = (objectType: string, record: CrmRecord, columns: readonly Column[]): Html => {
  const { email, domain, hs_additional_emails: additional } = record.properties
  const title = titleOf(record)
  const details = [email ?? domain, ...(additional ?? '').split(';')].filter(one => one && one !== title)
  return html`<tr id="record-${record.id}"><td><a href="/records/${objectType}/${record.id}">${title}</a><br><span class="muted">${details.join(', ')}</span></td><td class="muted">${time(new Date(record.updatedAt).toISOString())}</td>${columns.map(({ property }) => html`<td class="${alignment(property)}">${shown(property, record.properties[property.name])}</td>`)}<td class="number muted">${record.id}</td></tr>
`
}

const alignment = ({ type }: PropertyDefinition): string => (type === 'number' ? 'number' : 'clip')

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
