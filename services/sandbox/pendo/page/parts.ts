import { type Html, html } from '../../page.ts'
import type { LiveTraffic } from '../live/traffic.ts'
import type { Subscription } from '../model/subscription.ts'
import type { Courier } from '../webhooks/courier.ts'

/** What the pages show and change. */
export interface PageParts {
  readonly subscription: Subscription
  readonly courier: Courier
  readonly traffic: LiveTraffic
  /** The time in epoch milliseconds. */
  readonly now: () => number
}

/** How many rows a table shows. */
export const SHOWN = 200

/** The links to all tables, the current one marked. */
export const tabs = ({ subscription: { profiles, catalog, usage }, courier }: PageParts, current: string): Html => {
  const items = catalog.all('Page').length + catalog.all('Feature').length + catalog.all('TrackType').length
  const all = [
    ['/', 'Visitors', profiles.all('visitor').length],
    ['/accounts', 'Accounts', profiles.all('account').length],
    ['/events', 'Events', usage.read(Number.POSITIVE_INFINITY).reduce((sum, row) => sum + row.numEvents, 0)],
    ['/product', 'Product', items],
    ['/webhooks', 'Webhooks', courier.totals().sent],
  ] as const
  return html`<nav class="tabs">${all.map(([href, label, count]) => {
    const mark = href === current && html` aria-current="page"`
    return html`<a href="${href}"${mark}>${label} <span class="muted" data-live id="count-${label}">${count}</span></a>`
  })}<a href="/_sandbox/log">Requests</a></nav>`
}

/** A moment in UTC, to the second. @param at epoch milliseconds */
export const moment = (at: unknown): Html | undefined => {
  if (typeof at !== 'number') return undefined
  const iso = new Date(at).toISOString()
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(5, 10)} ${iso.slice(11, 19)}</time>`
}

export const shown = (value: unknown): string => {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Whether a row's text contains every word. */
export const matches = (q: string | undefined, row: object): boolean => {
  const text = JSON.stringify(row).toLowerCase()
  return (q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}

export const search = (q: string | undefined, what: string): Html =>
  html`<form data-search role="search"><input type="search" name="q" value="${q ?? ''}" placeholder="Search" aria-label="Search ${what}" size="22"></form>`

export const input = (name: string, label: string, value = ''): Html =>
  html`<input name="${name}" placeholder="${label}" aria-label="${label}" value="${value}" size="15">`

/** A table that follows the state, and what to say when it has no rows. */
export const table = (id: string, columns: readonly string[], rows: readonly Html[], empty: string): Html =>
  html`<div class="card" data-live id="${id}"><table>
<thead><tr>${columns.map(column => html`<th>${column}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table>${rows.length === 0 && html`<p class="empty">${empty}</p>`}</div>`
