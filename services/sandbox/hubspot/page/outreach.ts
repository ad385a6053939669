import { type Html, html } from '../../page.ts'
import type { Account } from '../account.ts'
import type { Campaign, EmailEvent } from '../outreach/emails.ts'
import { FORMS, type FormSubmission } from '../outreach/forms.ts'
import { notice, tabs, time } from './parts.ts'

const SHOWN = 200

/** What was submitted and sent, and the forms by which a person does what visitors and recipients do. */
export const outreachPage = (account: Account, problem: string | undefined): Html => {
  const { forms, emails } = account.outreach
  const [submissions, events] = [forms.all(), emails.events()]
  const bySentMessage = Map.groupBy(events, ({ campaign }) => campaign)
  return html`${tabs(account, 'outreach')}
${notice(problem)}
<h2>Forms</h2>
<form method="post" action="/outreach/submissions" class="bar"><select name="form" aria-label="Form">${FORMS.map(({ name }) => html`<option>${name}</option>`)}</select>
<input name="email" type="email" placeholder="Address of who submits it" aria-label="Address" size="32" required><button>Submit</button></form>
<div class="card" data-live id="submissions"><table><thead><tr><th>Form</th><th>By</th><th>When (UTC)</th></tr></thead>
<tbody>${submissions.slice(0, SHOWN).map(submissionRow)}</tbody></table>${submissions.length === 0 && html`<p class="empty">Nothing was submitted yet.</p>`}</div>
<h2>Marketing e-mails</h2>
<form method="post" action="/outreach/emails" class="bar"><input name="subject" placeholder="Subject" aria-label="Subject" size="32" required>
<input name="to" placeholder="Addresses" aria-label="Addresses" size="40" required><button>Send</button></form>
<div class="card" data-live id="emails"><table><thead><tr><th>E-mail</th><th>To</th><th>Opened</th><th>Clicked</th><th></th><th>Sent (UTC)</th></tr></thead>
<tbody>${emails
    .campaigns()
    .slice(0, SHOWN)
    .flatMap(campaign =>
      emailRows(campaign, bySentMessage.get(campaign.id) ?? []),
    )}</tbody></table>${emails.campaigns().length === 0 && html`<p class="empty">No e-mail was sent yet.</p>`}</div>`
}

const submissionRow = ({ id, form, values, submittedAt }: FormSubmission): Html =>
  html`<tr id="submission-${id}"><td>${FORMS.find(one => one.id === form)?.name}</td><td>${values.find(({ name }) => name === 'email')?.value}</td><td>${time(new Date(submittedAt).toISOString())}</td></tr>
`

/** A row for each recipient. */
const emailRows = ({ id, subject, sentAt }: Campaign, events: readonly EmailEvent[]): readonly Html[] =>
  events
    .filter(({ type }) => type === 'SENT')
    .slice(0, SHOWN)
    .map(sent => {
      const count = (type: EmailEvent['type']): number =>
        events.filter(event => event.type === type && event.sentBy?.id === sent.id).length
      return html`<tr id="message-${sent.id}"><td>${subject}</td><td>${sent.recipient}</td><td>${count('OPEN')}</td><td>${count('CLICK')}</td><td><form method="post" action="/outreach/email-events"><input type="hidden" name="campaign" value="${id}"><input type="hidden" name="recipient" value="${sent.recipient}"><button name="type" value="OPEN">Open</button> <button name="type" value="CLICK">Click</button></form></td><td>${time(new Date(sentAt).toISOString())}</td></tr>
`
    })
