import type { SalesforceClient } from '../sinks/salesforce/api/client.ts'
import type { Finding } from './finding.ts'

const selection = "SELECT SelectedEntity FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents'"

/**
 * Whether an administrator selected these objects under Change Data Capture: of others Salesforce tells no changes, and says so nowhere. Nothing is found while Salesforce cannot be
 * asked; the setup tells that. Needs the permission View Setup and Configuration:
 * https://developer.salesforce.com/docs/platform/change-data-capture/guide/cdc-filter-list-channels.html
 */
export const examineChangeEvents = async (
  client: Pick<SalesforceClient, 'query'>,
  objects: readonly string[],
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const answer = await client.query('change-events.selection', selection, 'tooling', signal)
  if (answer.kind !== 'success') return hiddenBy.has(answer.problem.code) ? [hidden(objects)] : []
  const selected = new Set(answer.data.map(row => row['SelectedEntity']))
  const missing = objects.filter(object => !selected.has(`${object}ChangeEvent`))
  return [missing.length === 0 ? complete(objects) : incomplete(missing)]
}

/** Codes of refusals by want of a permission. */
const hiddenBy: ReadonlySet<string> = new Set([
  ...['INVALID_TYPE', 'INSUFFICIENT_ACCESS', 'INSUFFICIENT_ACCESS_OR_READONLY', 'NOT_FOUND'],
  ...['SALESFORCE_FORBIDDEN', 'SALESFORCE_API_MISSING'],
])

const area = 'salesforce'
const hidden = (objects: readonly string[]): Finding => ({
  ...{ area, level: 'warning', code: 'CHANGE_EVENTS_UNSEEN' },
  message: `Expected to see what is selected under Change Data Capture, but salesforce does not show it to SALESFORCE_USERNAME. Give the user the permission View Setup and Configuration, or look there whether ${listed(objects)} are selected.`,
})
const complete = (objects: readonly string[]): Finding => ({
  ...{ area, level: 'fine', code: 'CHANGE_EVENTS_SELECTED' },
  message: `salesforce tells changes of ${listed(objects)} by events.`,
})
const incomplete = (missing: readonly string[]): Finding => ({
  ...{ area, level: 'warning', code: 'CHANGE_EVENTS_NOT_SELECTED' },
  message: `Expected ${listed(missing)} to be selected under Change Data Capture. Changes of what is not wait for the next sweep (SALESFORCE_SWEEP_EVERY). An admin selects objects in Setup; or set SALESFORCE_CHANGE_EVENTS=off.`,
})

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
