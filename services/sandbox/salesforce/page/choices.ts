import { type Html, html } from '../../page.ts'
import type { Org } from '../org.ts'
import type { Row } from '../records/records.ts'
import { latestFirst, shownText, titleOf } from './cells.ts'

/** The value of a choice and what it is called. */
export type Choice = readonly [value: string, label: string]

/** The choices as the options of a `select`. */
export const options = (choices: readonly Choice[], chosen: string): readonly Html[] =>
  choices.map(
    ([value, label]) => html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>`,
  )

/** Values that are called what they are. */
export const plain = (values: readonly string[]): readonly Choice[] => values.map(value => [value, value])

/** Those to whom a record can be given: active users, and the one who has it now. */
export const owners = (org: Org, current?: string): readonly Choice[] => {
  const users = org.schema.object('User')
  const all = users ? org.records.live(users) : []
  return all
    .filter(row => row['IsActive'] === true || row.Id === current)
    .map(row => [row.Id, `${titleOf(row)}${row['IsActive'] === true ? '' : ' (inactive)'}`])
}

const SUGGESTED = 200

/** What an input asks for people with, that stands on a page with `peopleSuggestions`. */
export const PEOPLE_LIST = 'suggested-people'

/** Contacts and open leads, those who changed last, for the inputs whose `list` is `PEOPLE_LIST`. */
export const peopleSuggestions = (org: Org): Html => {
  const people = ['Contact', 'Lead']
    .flatMap(name => org.schema.object(name) ?? [])
    .flatMap(object => org.records.live(object))
    .filter(row => row['IsConverted'] !== true)
    .sort(latestFirst)
  const shown = (row: Row): string =>
    `${titleOf(row)} ${shownText(row['Email'])}${row.Id.startsWith('00Q') ? ' (lead)' : ''}`
  return html`<datalist id="${PEOPLE_LIST}">${options(
    people.slice(0, SUGGESTED).map(row => [row.Id, shown(row)]),
    '',
  )}</datalist>`
}
