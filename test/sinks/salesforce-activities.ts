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

const columns = 'Id, Subject, Status, Priority, Type, ActivityDate, Description, WhatId, Tributary_Id__c'

/** The tasks that are there. */
export const tasksIn = async (org: Org) =>
  (await org.query(`SELECT ${columns} FROM Task WHERE IsDeleted = false`)).map(({ attributes: _, ...task }) => task)

export const onlyTaskIn = async (org: Org) => {
  const tasks = await tasksIn(org)
  assert.equal(tasks.length, 1)
  return tasks[0] ?? {}
}

/** A task that somebody made in Salesforce, and the key of its link. */
export const madeBySales = async (org: Org) => {
  const id = await org.add('Task', { Subject: 'Send the offer', Description: 'by hand' })
  return { id, key: `salesforce:task:${id}` }
}
