import { type Html, html } from '../../page.ts'
import type { Org } from '../org.ts'
import type { Row } from '../records/records.ts'
import { type Choice, options, owners, PEOPLE_LIST, peopleSuggestions, plain } from './choices.ts'

/** A form that makes a task: of this person when one is given, else of whom the form asks for. */
export const taskForm = (org: Org, who?: Row): Html => {
  const select = (name: string, label: string, choices: readonly Choice[], chosen = ''): Html =>
    html`<select name="${name}" aria-label="${label}">${options(choices, chosen)}</select>`
  return html`<form method="post" action="/records/Task" class="bar">
<input name="Subject" placeholder="Subject" aria-label="Subject" maxlength="255" size="22" required>
${who ? html`<input type="hidden" name="WhoId" value="${who.Id}">` : person(org)}
${select('Status', 'Status', picks(org, 'Status'))}${select('Priority', 'Priority', picks(org, 'Priority'), 'Normal')}
${select('Type', 'Type', [['', 'No type'], ...picks(org, 'Type')])}
<input type="date" name="ActivityDate" aria-label="Due date">
${select('OwnerId', 'Assigned to', [['', 'Assigned to me'], ...owners(org)])}
<input name="Description" placeholder="Comments" aria-label="Comments" size="18">
<button class="primary">Add task</button></form>`
}

const person = (org: Org): Html =>
  html`<input name="WhoId" list="${PEOPLE_LIST}" placeholder="Person: address or Id" aria-label="Person" size="22">${peopleSuggestions(org)}`

const picks = ({ schema }: Org, name: string): readonly Choice[] => {
  const task = schema.object('Task')
  return plain((task && schema.field(task, name)?.values) ?? [])
}
