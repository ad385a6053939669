import { readFileSync } from 'node:fs'
import { type Html, html } from '../../page.ts'
import type { Delivery } from '../delivery/courier.ts'
import { runningInstance, type WebinarRow } from '../model.ts'
import { recordingNames } from '../recording.ts'
import type { Traffic } from '../traffic.ts'
import { type PersonLine, peopleOf, type Whereabouts } from './people.ts'

export const ZOOM_BLUE = '#2d6cf6'

const SHOWN_PEOPLE = 250
const SHOWN_DELIVERIES = 25
const HIGHEST_RATE = 100

const asset = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')
const STYLE: Html = { markup: `<style>${asset('./page.css')}</style>` }
const SCRIPT: Html = { markup: `<script>${asset('./page.js')}</script>` }

/** The whole page below its head line: traffic, webinars, the people of the chosen one, and the latest deliveries. */
export const zoomPage = (traffic: Traffic, { webinar, q = '' }: { webinar?: string; q?: string }): Html => {
  const rows = traffic.model.webinars()
  const chosen = rows.find(row => row.id === webinar) ?? rows[0]
  return html`${STYLE}${player(traffic)}
<p class="notice" id="problem" role="alert" hidden></p>
<div class="columns">
<section class="webinars"><h2>Webinars</h2>
<div data-live id="webinars">${rows.map(row => webinarCard(traffic, row, row === chosen))}${rows.length === 0 && html`<p class="empty card">No webinar yet. Play the recording, switch live traffic on, or schedule one.</p>`}</div>
<form class="schedule" data-action="schedule"><input name="topic" placeholder="Topic" aria-label="Topic of a new webinar"><button>Schedule a webinar</button></form>
</section>
<section>${webinarDetail(traffic, chosen, q)}
<h2>Latest deliveries</h2>${deliveries(traffic)}</section>
</div>${SCRIPT}`
}

const player = (traffic: Traffic): Html => {
  const { rate } = traffic.status()
  return html`<div class="bar card player">
${recordingNames().map(name => html`<button class="primary" data-play="${name}">▶ Play ${name.replaceAll('-', ' ')}</button>`)}
<label class="rate">Live traffic <input type="range" min="0" max="${HIGHEST_RATE}" value="${Math.min(HIGHEST_RATE, rate)}" data-rate aria-label="Live webhooks per second"><output data-rate-shown>${rate === 0 ? 'off' : `${rate}/s`}</output></label>
<span class="grow"></span><span data-live id="traffic">${trafficLine(traffic)}</span></div>`
}

const trafficLine = (traffic: Traffic): Html => {
  const { recordings, problem, total, rate } = traffic.status()
  return html`<span id="traffic-line">${recordings.map(name => html`<span class="badge busy">playing ${name}</span> `)}${rate > 0 && html`<span class="badge busy">live ${rate}/s</span> `}${problem && html`<span class="badge bad">${problem}</span> `}<b>${total.sent}</b> sent, <b>${total.delivered}</b> delivered, <b class="${total.failed > 0 ? 'failed' : ''}">${total.failed}</b> failed</span>`
}

const webinarCard = (traffic: Traffic, row: WebinarRow, chosen: boolean): Html => {
  const registered = [...traffic.model.registrants(row.id).values()].filter(
    ({ status }) => status === 'approved',
  ).length
  return html`<a class="card webinar" id="webinar-${row.id}" href="/?webinar=${row.id}"${chosen && html` aria-current="page"`}>
<b>${row.topic}</b>${webinarBadge(row)}<span class="muted">${row.start_time.slice(0, 16).replace('T', ' ')} UTC · ${registered} registered</span></a>`
}

const webinarBadge = (row: WebinarRow): Html => {
  if (runningInstance(row)) return html`<span class="badge good">running</span>`
  return row.instances.length > 0
    ? html`<span class="badge">ended</span>`
    : html`<span class="badge busy">planned</span>`
}

/** Forms stand outside what follows the state, so that nobody's typing is replaced; they are about the webinar that `#detail-head` names. */
const webinarDetail = (traffic: Traffic, row: WebinarRow | undefined, q: string): Html =>
  html`<div data-live id="detail">${row ? detailHead(row, peopleOf(traffic.model, row)) : html`<h1 id="detail-head">No webinar yet</h1>`}</div>
<div class="bar"><form data-action="register"><input name="name" placeholder="Name" aria-label="Name"><input name="email" type="email" placeholder="Address" aria-label="Address" required><button>Register someone</button></form>
<form data-action="join"><input name="email" type="email" placeholder="Address, or none" aria-label="Address of who joins"><button>Join unregistered</button></form>
<span class="grow"></span><form data-search role="search"><input type="search" name="q" value="${q}" placeholder="Search" aria-label="Search people"></form></div>
<div class="card people" data-live id="people">${row && peopleTable(row, peopleOf(traffic.model, row), q)}</div>`

const detailHead = (row: WebinarRow, people: readonly PersonLine[]): Html => {
  const times = row.instances.map(
    one => `${clockTime(one.start_time)}–${one.end_time ? clockTime(one.end_time) : 'now'}`,
  )
  const [action, text] = runningInstance(row) ? ['end', 'End'] : ['start', times.length > 0 ? 'Start again' : 'Start']
  return html`<div id="detail-head" data-webinar="${row.id}"><h1>${row.topic} ${webinarBadge(row)} <button class="small" data-action="${action}" data-webinar="${row.id}">${text}</button></h1>
<p class="muted">${row.id} · ${counts(people)} · ${times.length > 0 ? `ran ${times.join(', ')} UTC` : 'not started'}</p></div>`
}

const peopleTable = (row: WebinarRow, people: readonly PersonLine[], q: string): Html => {
  const found = people.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(q.toLowerCase()))
  return html`<table>
<thead><tr><th>Person</th><th>Address</th><th>Registration</th><th>Room</th><th>First join</th><th>Last leave</th><th class="number">Joins</th><th></th></tr></thead>
<tbody>${found.slice(0, SHOWN_PEOPLE).map(person => personRow(row, person))}</tbody></table>
${found.length === 0 && html`<p class="empty">${q ? 'Nobody matches the search.' : 'Nobody has registered yet.'}</p>`}
${found.length > SHOWN_PEOPLE && html`<p class="empty">and ${found.length - SHOWN_PEOPLE} more: search for them</p>`}`
}

const counts = (people: readonly PersonLine[]): string => {
  const inside = people.filter(({ whereabouts }) => whereabouts === 'in the room').length
  const came = people.filter(({ whereabouts }) => whereabouts !== 'not here').length
  const registered = people.filter(({ registration }) => registration === 'approved').length
  return `${registered} registered, ${inside} in the room, ${came} came`
}

const ROOM_CLASS: Readonly<Record<Whereabouts, string>> = { 'in the room': 'good', left: '', 'not here': 'faint' }

const personRow = (row: WebinarRow, person: PersonLine): Html => {
  const button = (action: string, text: string, more: Html): Html =>
    html`<button class="small" data-action="${action}" data-webinar="${row.id}"${more}>${text}</button> `
  const registrant = html` data-registrant="${person.registrantId}"`
  const comer = html`${registrant} data-email="${person.email}" data-name="${person.name}"`
  return html`<tr id="person-${person.key}"><td>${person.name}</td><td>${person.email || html`<span class="muted">not shown</span>`}</td>
<td>${person.registration === 'none' ? html`<span class="muted">none</span>` : html`<span class="badge ${person.registration === 'approved' ? '' : 'bad'}">${person.registration}</span>`}</td>
<td><span class="badge ${ROOM_CLASS[person.whereabouts]}">${person.whereabouts}</span></td>
<td>${clockTime(person.joined)}</td><td>${clockTime(person.left)}</td><td class="number">${person.presences || ''}</td>
<td class="actions">${person.open.length > 0 ? button('leave', 'Leave', html` data-presences="${person.open.join(',')}"`) : runningInstance(row) && button('join', 'Join', comer)}${person.registration === 'approved' && button('cancel', 'Cancel', registrant)}${person.registration === 'pending' && button('approve', 'Approve', registrant)}</td></tr>`
}

const clockTime = (iso: string): string => iso.slice(11, 19)

const STATE_CLASS: Readonly<Record<Delivery['state'], string>> = {
  sending: 'busy',
  retrying: 'busy',
  delivered: 'good',
  failed: 'bad',
  abandoned: '',
}

const deliveries = (traffic: Traffic): Html => {
  const rows = traffic.deliveries().slice(0, SHOWN_DELIVERIES)
  return html`<p class="muted">to <code>${traffic.url}</code></p><div class="card" data-live id="deliveries"><table>
<thead><tr><th>Sent</th><th>Webhook</th><th>About</th><th>State</th><th class="number">Attempts</th><th class="number">Status</th></tr></thead>
<tbody>${rows.map(
    ({
      id,
      at,
      webhook,
      state,
      attempts,
      status,
      problem,
    }) => html`<tr id="delivery-${id}"><td>${clockTime(new Date(at).toISOString())}</td>
<td>${webhook.event}</td><td>${subject(webhook)}</td><td><span class="badge ${STATE_CLASS[state]}" title="${problem ?? ''}">${state}</span></td>
<td class="number">${attempts}</td><td class="number">${status ?? ''}</td></tr>`,
  )}</tbody></table>${rows.length === 0 && html`<p class="empty">Nothing sent yet.</p>`}</div>`
}

const subject = ({ payload: { object } }: Delivery['webhook']): string => {
  const { participant, registrant, topic } = object as {
    participant?: { user_name: string }
    registrant?: { first_name: string; last_name: string }
    topic: string
  }
  return participant?.user_name ?? (registrant ? `${registrant.first_name} ${registrant.last_name}` : topic)
}
