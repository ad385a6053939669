import { type Html, html } from '../../page.ts'
import type { Account } from '../account.ts'
import { propertiesOf } from '../events/definitions.ts'
import type { Occurrence } from '../events/occurrences.ts'
import type { Participation } from '../marketing/participations.ts'
import type { CrmRecord } from '../objects/records.ts'
import type { PortalObjects } from '../portal.ts'
import type { PropertyDefinition } from '../properties/predefined.ts'
import { activitiesOf } from './activities.ts'
import { badge, time } from './parts.ts'

/** What happened to a record: its activities, the marketing events that a contact took part in, and its custom events, newest first. */
export const timeline = (account: Account, { type, records }: PortalObjects, { id }: CrmRecord): Html => {
  const current = records.resolve(id)?.id ?? id
  return html`${activitiesOf(account, { type: type.name, id: current })}${type.name === 'contacts' && participations(account, current)}${occurrences(account, type.name, current)}`
}

const participations = ({ marketing }: Account, contactId: string): Html => {
  const all = marketing.participations.list().filter(one => one.contactId === contactId)
  return html`<h2>Marketing events</h2>
<div class="card" data-live id="participations">${
    all.length === 0
      ? html`<p class="empty">The contact took part in no marketing event.</p>`
      : html`<table><thead><tr><th>Marketing event</th><th>State</th><th>When</th><th>Joined</th><th>Left</th></tr></thead>
<tbody>${all.toSorted((a, b) => b.latest.at - a.latest.at).map(participationRow)}</tbody></table>`
  }</div>`
}

const participationRow = ({ id, event, state, latest, interactions }: Participation): Html => {
  const stay = interactions.findLast(one => one.joinedAt !== undefined)
  return html`<tr id="participation-${id}"><td><a href="/marketing-events/${event.objectId}">${event.eventName}</a></td><td>${badge(state)}</td><td>${moment(latest.at)}</td><td>${moment(stay?.joinedAt)}</td><td>${moment(stay?.leftAt)}</td></tr>
`
}

const moment = (ms: number | undefined): Html | undefined =>
  ms === undefined ? undefined : time(new Date(ms).toISOString())

const occurrences = ({ portal, events }: Account, objectType: string, recordId: string): Html => {
  const mine = events.occurrences
    .entries()
    .filter(
      ([, one]) =>
        events.occurrences.recordOf(one) === recordId && portal.objects(one.objectType).type.name === objectType,
    )
    .sort(([keyA, a], [keyB, b]) => b.occurredAt - a.occurredAt || Number(keyB) - Number(keyA))
  return html`<h2>Timeline</h2>
<div class="card" data-live id="timeline">${
    mine.length === 0
      ? html`<p class="empty">No custom event yet.</p>`
      : html`<table><thead><tr><th>Time (UTC)</th><th>Event</th><th>Properties</th></tr></thead>
<tbody>${mine.map(([key, one]) => occurrenceRow(events, key, one))}</tbody></table>`
  }</div>`
}

const occurrenceRow = ({ definitions }: Account['events'], key: string, one: Occurrence): Html => {
  const definition = definitions.find(one.eventName)
  const known = new Map((definition ? propertiesOf(definition) : []).map(property => [property.name, property]))
  const names = [...known.keys(), ...Object.keys(one.properties).filter(name => !known.has(name))]
  const facts = names.flatMap(name => {
    const value = one.properties[name]
    const property = known.get(name)
    if (value === undefined) return []
    return html`<span class="muted">${property?.label ?? name}</span> ${shown(property, value)}<br>`
  })
  return html`<tr id="occurrence-${key}"><td>${moment(one.occurredAt)}</td><td>${definition?.label ?? one.eventName}<br><code>${one.eventName}</code></td><td>${facts}</td></tr>
`
}

const shown = (property: PropertyDefinition | undefined, value: string): Html | string =>
  property?.type === 'datetime' && value !== '' ? time(value) : value
