import { type Html, html } from '../../page.ts'
import type { Org } from '../org.ts'
import type { Draft, Row } from '../records/records.ts'
import { badge, latestFirst, matches, moment, recordLink, search, shownText, taskLink } from './cells.ts'
import { fieldValues } from './form-values.ts'

const SHOWN = 200
const TASKS_SHOWN = 8

/** Leads and contacts, each with their tasks, and a form to add either. */
export const peopleTable = (org: Org, q: string | undefined): Html => {
  const tasks = tasksByWho(org)
  const people = ['Contact', 'Lead']
    .flatMap(name => org.schema.object(name) ?? [])
    .flatMap(object => org.records.live(object))
    .filter(matches(q))
  const latest = (row: Row): Row => tasks.get(row.Id)?.[0] ?? row
  people.sort((a, b) => latestFirst(latest(a), latest(b)))
  return html`<div class="bar">${search(q, 'people')}<span class="grow"></span>${addForm}</div>
<div class="card" data-live id="people"><table>
<thead><tr><th>Person</th><th>Company</th><th>Tasks</th><th>Changed</th></tr></thead>
<tbody>${people.slice(0, SHOWN).map(row => personRow(org, row, tasks.get(row.Id) ?? []))}</tbody>
</table>${people.length === 0 && html`<p class="empty">${q ? 'Nobody matches the search.' : 'No contacts and no leads yet. Add one above, or create them by the API.'}</p>`}</div>
<p class="muted">${people.length} in all${people.length > SHOWN && html`, the first ${SHOWN} shown`}; the latest task or change first; times in UTC.</p>`
}

/** Not deleted, the latest change first. */
const tasksByWho = (org: Org): Map<string, Row[]> => {
  const task = org.schema.object('Task')
  const all = task ? org.records.live(task).sort(latestFirst) : []
  return Map.groupBy(
    all.filter(row => typeof row['WhoId'] === 'string'),
    row => String(row['WhoId']),
  )
}

const personRow = (org: Org, row: Row, tasks: readonly Row[]): Html => {
  const contact = row.Id.startsWith('003')
  const kind = row['IsConverted'] === true ? 'Lead, converted' : contact ? 'Contact' : 'Lead'
  const company = contact ? recordLink(org, row['AccountId']) : shownText(row['Company'])
  const shown = tasks.slice(0, TASKS_SHOWN)
  return html`<tr id="person-${row.Id}"><td>${recordLink(org, row.Id)} ${badge(kind)}<br><span class="muted">${shownText(row['Email'])}</span></td><td>${company}</td><td>${shown.map(
    task => html`<div>${taskLink(task)} <span class="muted">${shownText(task['ActivityDate'])}</span></div>`,
  )}${tasks.length > shown.length && html`<div class="muted">and ${tasks.length - shown.length} more</div>`}</td><td class="muted">${moment((tasks[0] ?? row)['SystemModstamp'])}</td></tr>
`
}

const input = (name: string, label: string, required = false): Html =>
  html`<input name="${name}" placeholder="${label}" aria-label="${label}" size="13"${required && html` required`}>`

const addForm = html`<form method="post" action="/people" class="bar" style="margin:0">${input('FirstName', 'First name')}${input('LastName', 'Last name', true)}${input('Email', 'Email')}${input('Company', 'Company')}<button name="object" value="Contact">Add contact</button><button name="object" value="Lead">Add lead</button></form>`

/** Makes a contact, or a lead, of what the form says; the company of a contact becomes its account unless there is one of that name. */
export const addPerson = (org: Org, draft: Draft, { object, Company = '', ...values }: Record<string, string>): Row => {
  const [lead, contact, account] = ['Lead', 'Contact', 'Account'].flatMap(name => org.schema.object(name) ?? [])
  if (!lead || !contact || !account) throw new RangeError('The org lacks an object that every org has')
  const options = { allowDuplicates: true }
  if (object === 'Lead') return org.writing.create(draft, lead, fieldValues(org, lead, { ...values, Company }), options)
  const known = org.records.live(account).find(row => row['Name'] === Company)
  const of = Company === '' ? undefined : (known ?? org.writing.create(draft, account, { Name: Company }))
  return org.writing.create(
    draft,
    contact,
    { ...fieldValues(org, contact, values), ...(of ? { AccountId: of.Id } : {}) },
    options,
  )
}
