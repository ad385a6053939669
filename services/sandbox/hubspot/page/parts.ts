import { type Html, html } from '../../page.ts'
import type { Account } from '../account.ts'
import type { CrmRecord } from '../objects/records.ts'
import { OWNERS } from '../owners/owners.ts'

/** The links to all tables, the current one marked. @param current the name of an object type, `marketing-events`, `outreach`, `custom-events` or `webhooks` */
export const tabs = ({ portal, events, marketing, outreach, webhooks }: Account, current: string): Html => {
  const records = portal.all().map(({ type, records: { live } }) => ({
    name: type.name,
    href: type.name === 'contacts' ? '/' : `/records/${type.name}`,
    label: type.singular === 'Company' ? 'Companies' : `${type.singular}s`,
    count: live().length,
  }))
  const all = [
    ...records,
    {
      name: 'marketing-events',
      href: '/marketing-events',
      label: 'Marketing events',
      count: marketing.events.list().length,
    },
    { name: 'outreach', href: '/outreach', label: 'Forms and e-mails', count: outreach.count() },
    { name: 'custom-events', href: '/custom-events', label: 'Custom events', count: events.definitions.list().length },
    { name: 'webhooks', href: '/webhooks', label: 'Webhooks', count: webhooks.totals().sent },
  ]
  return html`<nav class="tabs">${all.map(({ name, href, label, count }) => {
    const mark = name === current ? html` aria-current="page"` : ''
    return html`<a href="${href}"${mark}>${label} <span class="muted" data-live id="count-${name}">${count}</span></a>`
  })}<a href="/_sandbox/log">Requests</a></nav>`
}

/** Why something was not done. */
export const notice = (problem: string | undefined): Html | undefined =>
  problem === undefined ? undefined : html`<p class="notice" role="alert">${problem}</p>`

/** The property by which a person knows an activity or a deal, by object type. */
export const TITLE_PROPERTIES: Readonly<Record<string, string>> = {
  tasks: 'hs_task_subject',
  calls: 'hs_call_title',
  notes: 'hs_note_body',
  meetings: 'hs_meeting_title',
  emails: 'hs_email_subject',
  deals: 'dealname',
}
const TITLE_CHARACTERS = 80

/** What a person calls a record. */
export const titleOf = ({ id, properties }: CrmRecord): string => {
  const { firstname = '', lastname = '', email, name } = properties
  const title = Object.values(TITLE_PROPERTIES)
    .map(property => (property === 'hs_note_body' ? withoutTags(properties[property]) : properties[property]))
    .find(Boolean)
    ?.slice(0, TITLE_CHARACTERS)
  return [firstname, lastname].join(' ').trim() || name || email || title || id
}

const withoutTags = (text: string | undefined): string | undefined => text?.replace(/<[^>]*>/g, ' ').trim()

/** The name of an owner; of one whom the account does not have, the id. */
export const ownerName = (id: string | undefined): string => {
  const owner = OWNERS.find(one => one.id === id)
  return owner ? `${owner.firstName} ${owner.lastName}` : (id ?? '')
}

/** A moment in UTC, to the second. @param iso ISO 8601 */
export const time = (iso: string): Html =>
  html`<time datetime="${iso}" title="${iso}">${iso.slice(5, 10)} ${iso.slice(11, 19)}</time>`

const KINDS: Readonly<Record<string, string>> = {
  attended: 'good',
  completed: 'good',
  attending: 'busy',
  ongoing: 'busy',
  registered: 'busy',
  missed: 'bad',
  cancelled: 'bad',
  no_show: 'bad',
  in_progress: 'busy',
  waiting: 'busy',
  high: 'bad',
}

/** A state, in the colour of what it means. */
export const badge = (state: string): Html =>
  html`<span class="badge ${KINDS[state.toLowerCase()] ?? ''}">${state.toLowerCase().replaceAll('_', ' ')}</span>`
