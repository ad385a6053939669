import { type Html, html } from '../../page.ts'
import type { Account } from '../account.ts'
import type { EventDefinition } from '../events/definitions.ts'
import type { Occurrence } from '../events/occurrences.ts'
import { tabs, time } from './parts.ts'

/** The definitions of custom events and how often each occurred. */
export const customEventTable = (account: Account): Html => {
  const { definitions, occurrences } = account.events
  const all = occurrences.entries().map(([, occurrence]) => occurrence)
  const byEvent = Map.groupBy(all, ({ eventName }) => eventName)
  const list = definitions.list()
  return html`${tabs(account, 'custom-events')}
<div class="card" data-live id="custom-events"><table>
<thead><tr><th>Custom event</th><th>Of</th><th>Properties</th><th class="number">Occurrences</th><th class="number">On no record</th><th>Latest</th></tr></thead>
<tbody>${list.map(definition => row(definition, byEvent.get(definition.fullyQualifiedName) ?? []))}</tbody></table>${
    list.length === 0 && html`<p class="empty">No custom events yet. They appear here as they are defined.</p>`
  }</div>`
}

const row = (definition: EventDefinition, occurrences: readonly Occurrence[]): Html => {
  const { id, label, fullyQualifiedName, primaryObject, customProperties, hasDefaultProperties } = definition
  const latest = occurrences.reduce((newest, { occurredAt }) => Math.max(newest, occurredAt), 0)
  const names = customProperties.map(({ name }) => name).join(', ')
  return html`<tr id="definition-${id}"><td>${label}<br><code>${fullyQualifiedName}</code></td><td>${primaryObject.toLowerCase()}</td><td>${names}${hasDefaultProperties && html` <span class="muted">and HubSpot's own</span>`}</td><td class="number">${occurrences.length}</td><td class="number">${occurrences.filter(({ objectId }) => objectId === null).length}</td><td>${latest > 0 && time(new Date(latest).toISOString())}</td></tr>
`
}
