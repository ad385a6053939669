import assert from 'node:assert/strict'
import type { ReadResult, StandaloneResult } from '../../services/delivery/destination.ts'
import { activityIn, type Org, signal } from './salesforce-org.ts'

/** The key of a task that was made in HubSpot. */
export const copy = 'hubspot:task:5012'

export const kinds = (results: readonly StandaloneResult[]): readonly string[] => results.map(({ kind }) => kind)

/** Of each what was not written as it was asked for; its kind when it was not put at all. */
export const adjustmentsOf = (results: readonly StandaloneResult[]) =>
  results.map(result => (result.kind === 'put' ? (result.adjustments ?? []) : result.kind))

/** Reads shared tasks as a dry run does. */
export const readActivities = (
  org: Org,
  keys: readonly string[],
  fields: readonly string[],
): Promise<readonly ReadResult[]> => {
  const activity = activityIn(org)
  assert.ok(activity.read)
  return activity.read(keys, fields, signal)
}
