import type { Task } from '../../../schemas/generated.ts'
import { tasks } from '../../../topology/topics.ts'
import { accountId, companyNames } from '../../companies/names.ts'
import { aliasIfOne } from '../../identity/aliases.ts'
import type { Row } from '../../sinks/salesforce/api/client.ts'
import { longIdIn } from '../../sinks/salesforce/people/ids.ts'
import { taskKeyField } from '../../sinks/salesforce/tasks/fields.ts'
import { isObject } from '../input/json-body.ts'
import { happenedAt, instantOf } from '../input/times.ts'
import { canonical, hashOf } from '../sweep/hashes.ts'
import { eventIdOf, fieldsOf, ofSalesforce, ownColumns, type Reading, type Told } from './told.ts'

/** The column by which a task is linked with its copy. */
export const keyColumn = taskKeyField.name

/** Columns that are told as fields. */
const told = [
  ...['Subject', 'Description', 'Status', 'IsClosed', 'Priority', 'Type', 'ActivityDate'],
  ...['OwnerId', 'WhoId', 'WhatId'],
]

/** By what the account of a task is known elsewhere: the integration user need not see accounts. */
const accountColumns = ['AccountId', 'Account.Website']

/** All columns that are read of tasks. */
export const columns: readonly string[] = [
  ...[...ownColumns, ...told, ...accountColumns],
  ...['Owner.Email', 'LastModifiedById', keyColumn],
]

/** Columns, and parts of their names, without which tasks can be read. */
export const optional: readonly string[] = [keyColumn, 'AccountId', 'Account', 'Website']

/** A link of a task, which begins with the vendor whose record was there first. Other keys are of tasks that Tributary makes of what is none, as webinars. */
const link = /^(?:hubspot|salesforce):[a-z]+:/

/** What a task's row becomes; undefined for a task that is no business of the sync, and for what has no id. */
export const taskTold = (row: Row, reading: Reading): Told | undefined => {
  const id = longIdIn(row['Id'])
  const linkedBy = linkOf(row, id)
  if (id === undefined || linkedBy === undefined) return undefined
  const { receivedAt, userId } = reading
  const isDeleted = row['IsDeleted'] === true
  const fields = fieldsOf(row, told)
  const owner = ownerOf(row, userId)
  // With the time: a value that comes back over one that was written meanwhile, between two readings, is a change.
  const modified = fieldsOf(row, ['LastModifiedDate'])
  const content = hashOf(canonical({ ...fields, ...modified, owner, link: linkedBy, isDeleted }))
  const person = personIn(row['WhoId'])
  const related = relatedIn(row)
  const changedBy = longIdIn(row['LastModifiedById']) ?? null
  const { at: occurredAt } = happenedAt(row[isDeleted ? 'SystemModstamp' : 'LastModifiedDate'], undefined, receivedAt)
  const value: Task = {
    ...{ eventId: eventIdOf('task', id, row, content), source: ofSalesforce, occurredAt, receivedAt },
    ...{ system: 'SALESFORCE', record: id, activity: 'TASK', link: linkedBy, fields, changedBy, owner, person },
    change: isDeleted ? 'DELETED' : changeOf(row, reading.isGone(id)),
    people: person === null ? [] : [person],
    createdAt: instantOf(row['CreatedDate']),
    ours: userId !== null && changedBy === userId,
    ...{ relatedTo: related?.[0]?.alias ?? null, related, others: null, recordOwner: null, changes: {} },
  }
  return { id, content, isGone: isDeleted, claims: [], records: [{ stream: tasks, value }] }
}

/** Of a task without a key itself; undefined when its key is none that links. */
const linkOf = (row: Row, id: string | undefined): string | undefined => {
  const key = row[keyColumn]
  if (typeof key !== 'string' || key === '') return `salesforce:task:${id}`
  return link.test(key) ? key : undefined
}

/** Nothing in a row says that it came out of the recycle bin. */
const changeOf = (row: Row, wasGone: boolean): Task['change'] => {
  if (wasGone) return 'RESTORED'
  return row['CreatedDate'] === row['SystemModstamp'] ? 'CREATED' : 'UPDATED'
}

/** What ids of users, contacts and leads begin with. */
const userPrefix = '005'
const personPrefixes = { '003': 'salesforce:contact', '00Q': 'salesforce:lead' } as const

/** Neither a queue is somebody, nor the integration user. */
const ownerOf = (row: Row, userId: string | null): string | null => {
  const ownerId = longIdIn(row['OwnerId'])
  const email = isObject(row['Owner']) ? row['Owner']['Email'] : undefined
  if (!ownerId?.startsWith(userPrefix) || ownerId === userId || typeof email !== 'string') return null
  return aliasIfOne('email', email) ?? null
}

/** Nothing is told of what is no account, and of a lead's task, which cannot relate to anything. A task's account is what it relates to, or else that of its contact. */
const relatedIn = (row: Row): Task['related'] => {
  const what = longIdIn(row['WhatId'])
  if (what === undefined) return personIn(row['WhoId'])?.startsWith(personPrefixes['00Q']) ? null : []
  const account = accountId(what)
  if (account === undefined) return null
  const isItsAccount = longIdIn(row['AccountId']) === what && isObject(row['Account'])
  const website = isItsAccount ? (row['Account'] as Row)['Website'] : undefined
  return [{ alias: `salesforce:account:${account}`, names: [...companyNames({ account, website })] }]
}

const personIn = (id: unknown): string | null => {
  if (typeof id !== 'string') return null
  for (const [prefix, kind] of Object.entries(personPrefixes))
    if (id.startsWith(prefix)) return aliasIfOne(kind, id) ?? null
  return null
}
