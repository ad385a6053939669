import { type Html, html } from '../../page.ts'
import type { Account } from '../account.ts'
import type { MarketingEvent } from '../marketing/marketing-events.ts'
import { currentCounters, type Participation } from '../marketing/participations.ts'
import { statusOf } from '../marketing/presentation.ts'
import { badge, tabs, time, titleOf } from './parts.ts'

/** All marketing events, the latest start first. */
export const marketingEventTable = (account: Account): Html => {
  const { events, participations } = account.marketing
  const byEvent = Map.groupBy(participations.list(), ({ event }) => event.objectId)
  const all = events.list().toSorted((a, b) => (b.startDateTime ?? '').localeCompare(a.startDateTime ?? ''))
  return html`${tabs(account, 'marketing-events')}
<div class="card" data-live id="marketing-events"><table>
<thead><tr><th>Marketing event</th><th>Status</th><th>Start</th><th>End</th><th class="number">Registered</th><th class="number">Attended</th><th class="number">Cancelled</th><th class="number">Did not come</th><th class="number">Record ID</th></tr></thead>
<tbody>${all.map(event => eventRow(account, event, byEvent.get(event.objectId) ?? []))}</tbody></table>${
    all.length === 0 && html`<p class="empty">No marketing events yet. They appear here as they are written.</p>`
  }</div>
<p class="muted">Registered counts everyone who registered and has not cancelled since, also those who attended.</p>`
}

const eventRow = ({ portal }: Account, event: MarketingEvent, all: readonly Participation[]): Html => {
  const { attended, cancelled, noShows } = currentCounters(all)
  const registered = all.filter(
    ({ state, interactions }) => state !== 'CANCELLED' && interactions.some(one => one.state === 'REGISTERED'),
  ).length
  const status = statusOf(event, Date.parse(portal.now()))
  return html`<tr id="marketing-event-${event.objectId}"><td><a href="/marketing-events/${event.objectId}">${event.eventName}</a><br><span class="muted">${event.externalEventId} of ${event.externalAccountId}</span></td><td>${badge(status)}</td><td>${event.startDateTime && time(event.startDateTime)}</td><td>${event.endDateTime && time(event.endDateTime)}</td><td class="number">${registered}</td><td class="number">${attended}</td><td class="number">${cancelled}</td><td class="number">${noShows}</td><td class="number muted">${event.objectId}</td></tr>
`
}

/** One marketing event and who took part in it. */
export const marketingEventPage = (account: Account, event: MarketingEvent | undefined): Html => {
  if (!event) return html`${tabs(account, 'marketing-events')}<p class="empty">There is no such marketing event.</p>`
  const all = account.marketing.of(event).sort((a, b) => b.latest.at - a.latest.at)
  const status = statusOf(event, Date.parse(account.portal.now()))
  return html`${tabs(account, 'marketing-events')}
<h1>${event.eventName} <span class="muted">marketing event ${event.objectId}</span></h1>
<p data-live id="marketing-event">${badge(status)} ${event.startDateTime && time(event.startDateTime)} ${event.endDateTime && html`to ${time(event.endDateTime)}`} <span class="muted">by ${event.eventOrganizer}; external id ${event.externalEventId} of account ${event.externalAccountId}</span></p>
<div class="card" data-live id="participants"><table>
<thead><tr><th>Contact</th><th>State</th><th>When</th></tr></thead>
<tbody>${all.map(one => participantRow(account, one))}</tbody></table>${
    all.length === 0 && html`<p class="empty">Nobody took part yet.</p>`
  }</div>
<p class="muted">${all.length} in all, the latest first; times in UTC.</p>`
}

const participantRow = ({ portal }: Account, { id, contactId, state, latest }: Participation): Html => {
  const contact = portal.objects('contacts').records.get(contactId)
  return html`<tr id="participant-${id}"><td><a href="/records/contacts/${contactId}">${contact ? titleOf(contact) : contactId}</a><br><span class="muted">${contact?.properties['email']}</span></td><td>${badge(state)}</td><td>${time(new Date(latest.at).toISOString())}</td></tr>
`
}
