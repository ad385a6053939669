import { type Html, html } from '../../page.ts'
import type { Item } from '../model/catalog.ts'
import { input, moment, type PageParts, table } from './parts.ts'

/** Pages, features and track types; which of them are Core Events can be changed. */
export const productPage = ({ subscription: { catalog } }: PageParts): Html => {
  const items = (['Page', 'Feature', 'TrackType'] as const).flatMap(kind => catalog.all(kind))
  return html`<div class="bar"><span class="grow"></span><form method="post" action="/product" class="bar" style="margin:0"><select name="kind" aria-label="Kind"><option>Page</option><option>Feature</option><option>TrackType</option></select>${input('name', 'Name')}<button>Add</button></form></div>
${table('product', ['Name', 'Kind', 'Core Event', 'Since', 'Changed', 'Id'], items.map(row), 'Nothing is tagged.')}`
}

const row = ({ id, name, kind, isCoreEvent, createdAt, lastUpdatedAt }: Item): Html =>
  html`<tr id="item-${id}"><td>${name}</td><td>${kind}</td><td><form method="post" action="/product/${id}/core" class="bar" style="margin:0">${isCoreEvent && html`<span class="badge good">core</span>`}<button>${isCoreEvent ? 'Make it an ordinary one' : 'Make it a Core Event'}</button></form></td><td>${moment(createdAt)}</td><td>${moment(lastUpdatedAt)}</td><td class="muted">${id}</td></tr>
`
