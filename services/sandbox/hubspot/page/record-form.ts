import { type Html, html } from '../../page.ts'
import type { CrmRecord } from '../objects/records.ts'
import { OWNERS } from '../owners/owners.ts'
import type { PortalObjects } from '../portal.ts'
import type { PropertyDefinition } from '../properties/predefined.ts'
import { notice, ownerName, titleOf } from './parts.ts'

/**
 * The page of one record: a form of every property that has a value or can be given one, by group, those with values first; what happened to the record;
 * and what else can be done with it.
 */
export const recordForm = (
  { type, properties }: PortalObjects,
  record: CrmRecord,
  { problem, happened }: { problem: string | undefined; happened: Html },
): Html => {
  const title = titleOf(record)
  const action = `/records/${type.name}/${record.id}`
  const groups = properties.groups().toReversed()
  return html`<h1>${title} <span class="muted">${type.singular.toLowerCase()} ${record.id}</span></h1>
${notice(problem)}
<form method="post" action="${action}" data-edits>
<div class="bar"><button class="primary">Save</button><span class="muted">Only what you edited is written. An empty value clears.</span><span class="grow"></span><a href="#timeline">${type.isActivity ? 'Belongs to' : 'Timeline'}</a></div>
<div data-live id="properties">${groups.map(group => {
    const rows = properties.list().filter(one => one.groupName === group.name && isWorthARow(one, record))
    return rows.length > 0 && groupTable(group.label, rows.sort(valuesFirst(record)), record)
  })}</div>
</form>
${happened}
${
  type.canMerge &&
  html`<h2>Merge</h2>
<form method="post" action="${action}/merge" class="bar"><input name="other" placeholder="Record ID" aria-label="Record ID of the other" inputmode="numeric" required><button>Merge it into this one</button></form>`
}
<h2>Delete</h2>
<div class="bar"><form method="post" action="${action}/delete"><button class="danger">Delete this ${type.singular.toLowerCase()}</button></form>${
    type.gdprDelete &&
    html`
<form method="post" action="${action}/privacy-delete"><button class="danger">Delete for privacy, for good</button></form>`
  }</div>`
}

const isWorthARow = (property: PropertyDefinition, record: CrmRecord): boolean =>
  record.properties[property.name] !== undefined || !property.modificationMetadata.readOnlyValue

/** What a person may change first, then what HubSpot computed, then what is empty. */
const valuesFirst = ({ properties }: CrmRecord): ((a: PropertyDefinition, b: PropertyDefinition) => number) => {
  const rank = ({ name, modificationMetadata }: PropertyDefinition): number =>
    properties[name] === undefined ? 2 : Number(modificationMetadata.readOnlyValue)
  return (a, b) => rank(a) - rank(b)
}

const groupTable = (
  label: string,
  rows: readonly PropertyDefinition[],
  record: CrmRecord,
): Html => html`<h2>${label}</h2>
<div class="card"><table>${rows.map(
  property => html`<tr id="property-${property.name}"><td style="width:34%"><label for="${property.name}">${property.label}</label><br><code>${property.name}</code></td><td>${field(property, record.properties[property.name] ?? '')}</td></tr>
`,
)}</table></div>`

/** What activities say. */
const LONG_TEXT = /^hs_.*_(body|notes|html|text)$/

const ownerOptions = OWNERS.filter(({ archived }) => !archived).map(({ id }) => ({ label: ownerName(id), value: id }))

const field = ({ name, options, fieldType, modificationMetadata }: PropertyDefinition, value: string): Html => {
  if (modificationMetadata.readOnlyValue) return html`<input id="${name}" name="${name}" value="${value}" readonly>`
  if (LONG_TEXT.test(name)) return html`<textarea id="${name}" name="${name}" rows="4" cols="60">${value}</textarea>`
  const listed = name === 'hubspot_owner_id' ? ownerOptions : options
  if (listed.length === 0 || fieldType === 'checkbox') return html`<input id="${name}" name="${name}" value="${value}">`
  const choices = [{ label: '', value: '' }, ...listed]
  return html`<select id="${name}" name="${name}">${choices.map(
    option =>
      html`<option value="${option.value}"${option.value === value ? html` selected` : ''}>${option.label}</option>`,
  )}</select>`
}
