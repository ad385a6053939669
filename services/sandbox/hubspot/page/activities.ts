import { type Html, html } from '../../page.ts'
import type { Account } from '../account.ts'
import { typeBetween } from '../associations/association-types.ts'
import type { End } from '../associations/associations.ts'
import type { ObjectType } from '../objects/object-types.ts'
import type { CrmRecord } from '../objects/records.ts'
import type { PortalObjects } from '../portal.ts'
import { badge, ownerName, TITLE_PROPERTIES, time, titleOf } from './parts.ts'

/** A column of a table of records. */
export interface TableColumn {
  readonly heading: string
  readonly hint: string
  /** A class of the cells. */
  readonly alignment: string
  cell(record: CrmRecord): Html | string | undefined
}

/** What a person wants to know of an activity at a glance. */
export const activityColumns = (account: Account, type: ObjectType): TableColumn[] => [
  ...(type.name === 'tasks' ? TASK_COLUMNS : []),
  column(type.name === 'tasks' ? 'Due (UTC)' : 'When (UTC)', ({ properties }) => moment(properties['hs_timestamp'])),
  column('Owner', ({ properties }) => ownerName(properties['hubspot_owner_id'])),
  column('On', ({ id }) => html`${links(account, { type: type.name, id })}`),
]

const column = (heading: string, cell: TableColumn['cell']): TableColumn => ({
  heading,
  hint: '',
  alignment: '',
  cell,
})

const TASK_COLUMNS = [
  column('Status', ({ properties }) => badge(properties['hs_task_status'] ?? '')),
  column('Priority', ({ properties }) => badge(properties['hs_task_priority'] ?? '')),
]

const moment = (iso: string | undefined): Html | undefined => (iso ? time(iso) : undefined)

/** What a record of the portal is associated with, from the point of view of one of them. */
const associatedWith = ({ portal }: Account, from: End): { type: ObjectType; record: CrmRecord }[] =>
  portal
    .all()
    .filter(({ type }) => typeBetween(from.type, type.name))
    .flatMap(({ type, records }) =>
      portal.associations.of(from, type.name).flatMap(id => {
        const record = records.get(id)
        return record ? [{ type, record }] : []
      }),
    )

const links = (account: Account, from: End): Html[] =>
  associatedWith(account, from).map(
    ({ type, record }, index) =>
      html`${index > 0 && ', '}<a href="/records/${type.name}/${record.id}">${titleOf(record)}</a>`,
  )

const CONTACTS_TO_CHOOSE = 200

/** The form that makes an activity. @param on the contact that it is on; without one the person may name one */
export const activityForm = ({ portal }: Account, { name, singular }: ObjectType, on?: string): Html => {
  const title = TITLE_PROPERTIES[name] ?? ''
  const contacts = on === undefined ? portal.objects('contacts').records.live().slice(-CONTACTS_TO_CHOOSE) : []
  const contact = html`<input name="contact" list="contacts" placeholder="Contact: address or record ID" aria-label="Contact" size="28"><datalist id="contacts">${contacts.map(one => html`<option value="${one.properties['email'] ?? one.id}">${titleOf(one)}</option>`)}</datalist>`
  return html`<form method="post" action="/records/${name}" class="bar" style="margin:0">
<input name="${title}" placeholder="What?" aria-label="${title}" required>
${on === undefined ? contact : html`<input type="hidden" name="contact" value="${on}">`}
<input type="datetime-local" name="hs_timestamp" title="In UTC; in three days unless you say so" aria-label="Due, in UTC">
<button>Create ${singular.toLowerCase()}</button></form>`
}

/** On the page of a contact, company or deal: its activities, the latest first, and the form that makes a task for a contact. */
export const activitiesOf = (account: Account, end: End): Html => {
  const all = associatedWith(account, end).toSorted((a, b) => dueOf(b.record) - dueOf(a.record))
  const tasks = account.portal.objects('tasks').type
  return html`<h2>Activities</h2>
${end.type === 'contacts' && activityForm(account, tasks, end.id)}
<div class="card" data-live id="activities">${
    all.length === 0
      ? html`<p class="empty">No activity yet.</p>`
      : html`<table><thead><tr><th>Activity</th><th>Type</th><th>Status</th><th>When (UTC)</th><th>Owner</th></tr></thead>
<tbody>${all.map(activityRow)}</tbody></table>`
  }</div>`
}

const dueOf = ({ properties }: CrmRecord): number => Date.parse(properties['hs_timestamp'] ?? '') || 0

const activityRow = ({ type, record }: { type: ObjectType; record: CrmRecord }): Html => {
  const { hs_task_status: status, hs_timestamp: at, hubspot_owner_id: owner } = record.properties
  return html`<tr id="activity-${record.id}"><td><a href="/records/${type.name}/${record.id}">${titleOf(record)}</a></td><td>${type.singular}</td><td>${status && badge(status)}</td><td>${moment(at)}</td><td>${ownerName(owner)}</td></tr>
`
}

/** On the page of an activity: what it is on, and what can be done about that; a task can be completed here. */
export const belongings = (account: Account, { type }: PortalObjects, record: CrmRecord): Html => {
  const action = `/records/${type.name}/${record.id}`
  const all = associatedWith(account, { type: type.name, id: record.id })
  const others = account.portal.all().filter(other => typeBetween(type.name, other.type.name))
  const [step, label] =
    record.properties['hs_task_status'] === 'COMPLETED' ? ['reopen', 'Reopen'] : ['complete', 'Complete']
  return html`${type.name === 'tasks' && html`<form method="post" action="${action}/${step}" class="bar"><button class="primary">${label} this task</button></form>`}
<h2 id="timeline">Belongs to</h2>
<form method="post" action="${action}/associate" class="bar"><select name="type" aria-label="Object type">${others.map(other => html`<option>${other.type.name}</option>`)}</select>
<input name="record" placeholder="Record ID, or a contact's address" aria-label="Record" size="32" required><button>Add</button></form>
<div class="card" data-live id="belongings">${
    all.length === 0
      ? html`<p class="empty">It is on no record.</p>`
      : html`<table><thead><tr><th>Record</th><th>Type</th><th></th></tr></thead>
<tbody>${all.map(other => belongingRow(action, other))}</tbody></table>`
  }</div>`
}

const belongingRow = (action: string, { type, record }: { type: ObjectType; record: CrmRecord }): Html =>
  html`<tr id="belonging-${record.id}"><td><a href="/records/${type.name}/${record.id}">${titleOf(record)}</a> <span class="muted">${record.properties['email']}</span></td><td>${type.singular}</td><td><form method="post" action="${action}/dissociate"><button name="record" value="${type.name} ${record.id}">Remove</button></form></td></tr>
`
