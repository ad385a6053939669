import { type Html, html } from '../../page.ts'
import type { Delivery } from '../webhooks/courier.ts'
import { moment, type PageParts, table } from './parts.ts'

const KINDS = { waiting: 'busy', delivered: 'good', failed: 'bad' } as const

/** The latest webhooks and what became of them. */
export const webhooksPage = ({ courier }: PageParts): Html => {
  const { sent, delivered, failed } = courier.totals()
  return html`${table(
    'webhooks',
    ['Time (UTC)', 'Event', 'Visitor', 'Account', 'Outcome', 'Body'],
    courier.recent().map(row),
    'No webhooks yet. They are sent as people use the product.',
  )}
<p class="muted">${sent} sent, ${delivered} delivered, ${failed} lost; the latest first. Each is sent once: of retries by Pendo nothing is known.</p>`
}

const row = ({ at, webhook, state, status }: Delivery): Html =>
  html`<tr id="webhook-${webhook.uniqueId}"><td>${moment(at)}</td><td>${webhook.event}</td><td>${webhook.visitorId}</td><td>${webhook.accountId}</td><td><span class="badge ${KINDS[state]}">${state}${status !== null && html` ${status}`}</span></td><td><details><summary>${webhook.uniqueId.slice(0, 8)}</summary><pre>${JSON.stringify(webhook, null, 1)}</pre></details></td></tr>
`
