import { type Html, html } from '../../page.ts'
import type { Item } from '../model/catalog.ts'
import type { UsageRow, UsageSource } from '../model/usage.ts'
import { input, matches, moment, type PageParts, SHOWN, search, shown, table } from './parts.ts'

const WORDS: Readonly<Record<UsageSource, string>> = {
  pageEvents: 'page',
  featureEvents: 'feature',
  trackEvents: 'track event',
}

/** Everybody's events, what Pendo did not process, and a form to make one happen. */
export const usagePage = (parts: PageParts, q: string | undefined): Html => {
  const { catalog, unprocessed } = parts.subscription
  const items = (['Page', 'Feature', 'TrackType'] as const).flatMap(kind => catalog.all(kind))
  const swallowed = unprocessed.all()
  return html`<div class="bar">${search(q, 'events')}<span class="grow"></span>${useForm(items)}</div>
${usageTable(parts, row => matches(q, { ...row, name: catalog.get(row.itemId)?.name }))}
<h2>Taken and not processed</h2>
${table(
  'unprocessed',
  ['Reason', 'How often', 'Latest'],
  swallowed.map(
    ({ reason, count, latest }) =>
      html`<tr id="reason-${reason}"><td>${reason}</td><td class="number">${count}</td><td>${moment(latest)}</td></tr>`,
  ),
  'Nothing. Pendo answers 200 to what it does not process; here it would be counted.',
)}`
}

/** One row an hour, visitor and thing, as aggregations have them. */
export const usageTable = (parts: PageParts, wanted: (row: UsageRow) => boolean): Html => {
  const { catalog, usage } = parts.subscription
  const processed = new Map(usage.read().map(row => [row.id, row.numEvents]))
  const rows = usage
    .read(Number.POSITIVE_INFINITY)
    .filter(wanted)
    .sort((a, b) => b.hour - a.hour || (a.id < b.id ? -1 : 1))
  const shownRows = rows.slice(0, SHOWN).map(row => usageRow(row, catalog.get(row.itemId), processed.get(row.id) ?? 0))
  return html`${table(
    'usage',
    ['Hour (UTC)', 'What', 'Visitor', 'Account', 'Properties', 'Events', 'Processed', 'Minutes'],
    shownRows,
    'No events yet.',
  )}
<p class="muted">${rows.length} rows${rows.length > SHOWN && html`, the first ${SHOWN} shown`}. Aggregations show an event some time after it came; the column Processed says how many they show now.</p>`
}

const usageRow = (row: UsageRow, item: Item | undefined, processed: number): Html =>
  html`<tr id="usage-${row.id}"><td>${moment(row.hour)}</td><td>${item?.name ?? row.itemId} <span class="muted">${WORDS[row.source]}</span>${item?.isCoreEvent && html` <span class="badge good">core</span>`}</td><td>${row.visitorId}</td><td>${row.accountId}</td><td class="clip">${shown(row.properties)}</td><td class="number">${row.numEvents}</td><td class="number">${processed}</td><td class="number">${row.minutes.length}</td></tr>
`

const useForm = (items: readonly Item[]): Html =>
  html`<form method="post" action="/events" class="bar" style="margin:0">${input('visitorId', 'Visitor id')}${input('accountId', 'Account id')}<select name="item" aria-label="What is used">${items.map(({ id, name, kind }) => html`<option value="${id}">${name} (${kind})</option>`)}</select>${input('properties', 'Properties (JSON)')}<button>Use it</button></form>`
