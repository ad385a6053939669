import type { FastifyInstance } from 'fastify'
import { type Html, html } from '../../page.ts'
import type { Account } from '../account.ts'
import { HubSpotRefusal } from '../errors.ts'
import { ACTIVITY_TYPES } from '../objects/activity-types.ts'
import type { Delivery } from '../webhooks/ledger.ts'
import { SUBSCRIPTION_TYPES, type Subscription } from '../webhooks/subscriptions.ts'
import { problemText } from './edits.ts'
import { notice, tabs, time } from './parts.ts'

/** What the app is told, and what became of the latest webhooks. */
export const webhooksPage = (account: Account, problem: string | undefined): Html => {
  const { subscriptions, recent, totals } = account.webhooks
  const { sent, delivered, failed } = totals()
  return html`${tabs(account, 'webhooks')}
${notice(problem)}
<div class="card" data-live id="webhooks"><table>
<thead><tr><th>Time (UTC)</th><th>Events</th><th>About</th><th>Outcome</th><th class="number">Attempts</th><th>Body</th></tr></thead>
<tbody>${recent().map(deliveryRow)}</tbody></table>${
    recent().length === 0 &&
    html`<p class="empty">No webhooks yet. They are sent as records change, of what is subscribed to below.</p>`
  }</div>
<p class="muted" data-live id="webhook-totals">${sent} events sent, ${delivered} delivered, ${failed} lost; the latest request first.</p>
<h2>Subscriptions</h2>
<form method="post" action="/webhooks/subscriptions" class="bar"><select name="type" aria-label="Event">${SUBSCRIPTION_TYPES.map(type => html`<option>${type}</option>`)}</select>
<select name="objectTypeId" aria-label="Activity, for an object">${[['', 'of'] as const, ...ACTIVITY_TYPES.map(({ typeId, name }) => [typeId, name] as const)].map(([value, label]) => html`<option value="${value}">${label}</option>`)}</select>
<input name="propertyName" placeholder="Property, for a change of one" aria-label="Property" size="28"><button>Subscribe</button></form>
<div class="card" data-live id="subscriptions"><table>
<thead><tr><th>Event</th><th>Property</th><th>State</th><th></th><th class="number">Id</th></tr></thead>
<tbody>${subscriptions.list().map(subscriptionRow)}</tbody></table></div>`
}

const OUTCOMES = { sending: 'busy', retrying: 'busy', delivered: 'good', failed: 'bad' } as const

const deliveryRow = ({ id, at, events, state, attempts, status, problem }: Delivery): Html => {
  const types = [...new Set(events.map(({ subscriptionType }) => subscriptionType))]
  return html`<tr id="webhook-${id}"><td>${time(new Date(at).toISOString())}</td><td>${events.length}</td><td>${types.join(', ')}</td><td><span class="badge ${OUTCOMES[state]}">${state}${status !== null && html` ${status}`}</span> ${problem}</td><td class="number">${attempts}</td><td><details><summary>events</summary><pre>${JSON.stringify(events, null, 1)}</pre></details></td></tr>
`
}

const subscriptionRow = ({ id, type, objectTypeId, propertyName, active }: Subscription): Html => {
  const of = ACTIVITY_TYPES.find(({ typeId }) => typeId === objectTypeId)?.name
  const [badge, state, change] = active ? ['good', 'active', 'pause'] : ['', 'paused', 'activate']
  return html`<tr id="subscription-${id}"><td>${type} ${of && html`<span class="muted">${of}</span>`}</td><td>${propertyName && html`<code>${propertyName}</code>`}</td><td><span class="badge ${badge}">${state}</span></td><td><form method="post" action="/webhooks/subscriptions/${id}/${change}"><button>${change}</button></form></td><td class="number muted">${id}</td></tr>
`
}

interface SubscriptionForm {
  Params: { id: string; change: string }
  Body: Readonly<Record<string, string>> | undefined
}

/** What a person changes in the settings of the app. */
export const subscriptionRoutes = (app: FastifyInstance, { webhooks: { subscriptions } }: Account): void => {
  const back = (work: () => void): string => {
    try {
      work()
      return '/webhooks'
    } catch (error) {
      if (!(error instanceof HubSpotRefusal)) throw error
      return `/webhooks?problem=${encodeURIComponent(problemText(error))}`
    }
  }
  app.post<SubscriptionForm>('/webhooks/subscriptions', ({ body }, reply) => {
    const { type = '', objectTypeId, propertyName = '' } = body ?? {}
    return reply.redirect(
      back(() =>
        subscriptions.add({
          type,
          objectTypeId: objectTypeId || undefined,
          propertyName: propertyName.trim() || undefined,
        }),
      ),
      303,
    )
  })
  app.post<SubscriptionForm>('/webhooks/subscriptions/:id/:change', ({ params: { id, change } }, reply) =>
    reply.redirect(
      back(() => subscriptions.setActive(Number(id), change === 'activate')),
      303,
    ),
  )
}
