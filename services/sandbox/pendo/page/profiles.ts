import { type Html, html } from '../../page.ts'
import type { Field, Group, Kind, Value } from '../model/fields.ts'
import type { Profile } from '../model/profiles.ts'
import { input, matches, moment, type PageParts, SHOWN, search, shown, table } from './parts.ts'
import { usageTable } from './usage.ts'

/** Where the form of a profile is. */
export const profilePath = (kind: Kind, id: string): string => `/profiles/${kind}/${encodeURIComponent(id)}`

/** Where all of a kind are. */
export const profilesPath = (kind: Kind): string => (kind === 'visitor' ? '/' : '/accounts')

const WORDS = {
  visitor: { plural: 'visitors', add: 'Add visitor', example: 'Visitor id' },
  account: { plural: 'accounts', add: 'Add account', example: 'Account id' },
} as const

/** The visitors or accounts, the latest change first, and a form to add one. */
export const profileTable = (parts: PageParts, kind: Kind, q: string | undefined): Html => {
  const { plural, add, example } = WORDS[kind]
  const rows = parts.subscription.profiles.all(kind).filter(profile => matches(q, profile))
  rows.sort((a, b) => Number(b.metadata.auto['lastupdated']) - Number(a.metadata.auto['lastupdated']))
  return html`<div class="bar">${search(q, plural)}<span class="grow"></span>${rateForm(parts)}<form method="post" action="/profiles/${kind}" class="bar" style="margin:0">${input('id', example)}<button>${add}</button></form></div>
${table(
  plural,
  ['Id', 'From the browser', 'By the API', 'Account', 'First seen', 'Last seen', 'Changed'],
  rows.slice(0, SHOWN).map(profile => row(kind, profile)),
  `No ${plural} yet. Start live traffic, add one above, or send some to the API.`,
)}
<p class="muted">${rows.length} in all${rows.length > SHOWN && html`, the first ${SHOWN} shown`}; the latest change first; times in UTC.</p>`
}

const row = (kind: Kind, { id, metadata }: Profile): Html => {
  const said = (group: Group): string =>
    Object.entries(metadata[group])
      .map(([name, value]) => `${name}: ${shown(value)}`)
      .join(', ')
  const { accountid, firstvisit, lastvisit, lastupdated } = metadata.auto
  const account = typeof accountid === 'string' && html`<a href="${profilePath('account', accountid)}">${accountid}</a>`
  return html`<tr id="${kind}-${id}"><td><a href="${profilePath(kind, id)}">${id}</a></td><td class="clip">${said('agent')}</td><td class="clip">${said('custom')}</td><td>${account}</td><td>${moment(firstvisit)}</td><td>${moment(lastvisit)}</td><td class="muted">${moment(lastupdated)}</td></tr>
`
}

const rateForm = ({ traffic }: PageParts): Html =>
  html`<form method="post" action="/traffic" class="bar" style="margin:0"><label>Live traffic <input name="rate" type="number" min="0" max="1000" step="any" value="${traffic.rate()}" style="width:5em"> a second</label><button>Set</button></form>`

/** The form of one profile: what can be written, what Pendo says, and what was done. */
export const profileForm = (parts: PageParts, kind: Kind, profile: Profile): Html => {
  const { id, metadata } = profile
  const action = profilePath(kind, id)
  const fields = parts.subscription.fields.of(kind)
  const written = fields.filter(({ group }) => group !== 'auto')
  return html`<h1>${id} <span class="muted">${kind}</span></h1>
<form method="post" action="${action}" data-edits>
<div class="bar"><button class="primary">Save</button><span class="muted">Only what you edited is written. An empty value clears.</span></div>
<div class="card" data-live id="fields"><table>${written.map(field => fieldRow(field, metadata[field.group][field.name]))}</table></div>
</form>
<h2>Set by Pendo</h2>
<div class="card" data-live id="auto"><table>${Object.entries(metadata.auto).map(([name, value]) => html`<tr id="auto-${name}"><td style="width:34%"><code>${name}</code></td><td>${/visit|updated/.test(name) ? moment(value) : shown(value)}</td></tr>`)}</table></div>
<h2>Events</h2>
${usageTable(parts, one => one[`${kind}Id`] === id)}
<h2>Delete</h2><form method="post" action="${action}/delete"><button class="danger">Delete this ${kind}</button></form>`
}

const fieldRow = ({ group, name, type }: Field, value: Value | undefined): Html => {
  const key = `${group}.${name}`
  return html`<tr id="field-${key}"><td style="width:34%"><label for="${key}">${name}</label><br><code>${group}</code> <span class="muted">${type}</span></td><td><input id="${key}" name="${key}" value="${shown(value)}"></td></tr>
`
}
