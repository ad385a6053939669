import { type Html, html } from '../../page.ts'
import type { Org } from '../org.ts'
import { prefixOf } from '../records/ids.ts'
import type { Row } from '../records/records.ts'
import type { Field, Value } from '../schema/fields.ts'

const BADGES: Readonly<Record<string, string>> = { Completed: 'good', 'In Progress': 'busy', Deferred: 'bad' }

export const shownText = (value: Value | undefined): string =>
  value === null || value === undefined ? '' : String(value)

/** What a person knows a record by. */
export const titleOf = (row: Row): string => shownText(row['Name'] ?? row['Subject'] ?? row.Id)

/** Subject and state of a task as a link to it. */
export const taskLink = (task: Row): Html =>
  html`<a href="/records/Task/${task.Id}">${shownText(task['Subject']) || '(no subject)'}</a> ${badge(String(task['Status'] ?? ''))}`

export const badge = (text: string): Html => html`<span class="badge ${BADGES[text] ?? ''}">${text}</span>`

/** A record's name as a link to it; its id when the record is not there. */
export const recordLink = ({ records, schema }: Org, id: Value | undefined): Html | undefined => {
  if (typeof id !== 'string') return undefined
  const object = schema.objectOfPrefix(prefixOf(id))?.name ?? ''
  const row = records.get(id)
  return html`<a href="/records/${object}/${id}">${row ? titleOf(row) : id}</a>`
}

/** A time without its year, in UTC. */
export const moment = (value: Value | undefined): Html | undefined =>
  typeof value === 'string'
    ? html`<time datetime="${value}" title="${value}">${value.slice(5, 10)} ${value.slice(11, 19)}</time>`
    : undefined

export const cell = (org: Org, { name, type }: Field, value: Value | undefined): Html | string | undefined => {
  if (type === 'reference') return recordLink(org, value)
  if (type === 'datetime') return moment(value)
  if (name === 'Status' && typeof value === 'string') return badge(value)
  if (type === 'boolean') return value === true ? 'yes' : 'no'
  return shownText(value)
}

/** Whether the values of a record contain every word. */
export const matches = (q: string | undefined): ((row: Row) => boolean) => {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return () => true
  return row => {
    const text = Object.values(row).join('\n').toLowerCase()
    return words.every(word => text.includes(word))
  }
}

/** The latest change first. */
export const latestFirst = (a: Row, b: Row): number =>
  String(b['SystemModstamp']).localeCompare(String(a['SystemModstamp'])) || (a.Id < b.Id ? 1 : -1)

export const search = (q: string | undefined, what: string): Html =>
  html`<form data-search role="search"><input type="search" name="q" value="${q ?? ''}" placeholder="Search" aria-label="Search ${what}" size="22"></form>`
