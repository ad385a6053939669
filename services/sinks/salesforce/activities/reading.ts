import type { FieldValue } from '../../../../topology/define.ts'
import { accountId, companyNames, joinedNames } from '../../../companies/names.ts'
import type { Problem, ReadResult } from '../../../delivery/destination.ts'
import type { Row, SalesforceClient } from '../api/client.ts'
import { longIdIn } from '../people/ids.ts'
import { taskKeyField } from '../tasks/fields.ts'
import { columnOf, findTasks } from '../tasks/finding.ts'
import { externalId } from '../tasks/rows.ts'
import { ownTaskOf } from './attempts.ts'
import { addressesOf } from './owners.ts'
import { otherPeople, othersOf } from './sharing.ts'

/** What the tasks of keys hold, as it is written: the owner by address, null for the integration user; an account by its name. */
export const readActivities = async (
  client: SalesforceClient,
  keys: readonly string[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<readonly ReadResult[]> => {
  const ids = keys.flatMap(key => ownTaskOf(key) ?? [])
  const columns = fields.map(name => (name === otherPeople ? 'WhoId' : name))
  const byId = await findTasks(client, { operation: 'activities.read', by: 'Id', values: ids, columns }, signal)
  if (byId.kind !== 'tasks') return keys.map(() => byId)
  const others = keys.filter(key => !byId.get(ownTaskOf(key) ?? '')).map(externalId)
  const sought = { operation: 'activities.read', by: taskKeyField.name, values: others, columns }
  const byKey = await findTasks(client, sought, signal)
  if (byKey.kind !== 'tasks') return keys.map(() => byKey)
  const rows = keys.map(key => byId.get(ownTaskOf(key) ?? '') ?? byKey.get(externalId(key)))
  const shown = await ownersShown(client, fields.includes('OwnerId') ? rows : [], signal)
  if (shown.kind !== 'owners') return keys.map(() => shown)
  const there = fields.includes(otherPeople) ? rows.filter(row => row !== undefined) : []
  const sharing = await othersOf(client, there, signal)
  if (sharing.kind !== 'others') return keys.map(() => sharing)
  const { status, correlationId } = byKey.status === null ? byId : byKey
  return rows.map(row => {
    if (!row) return { kind: 'missing', status, correlationId }
    const othersIn = ({ Id }: Row): FieldValue => sharing.of.get(longIdIn(Id) ?? '') ?? null
    const held = fields.map(name => [name, name === otherPeople ? othersIn(row) : heldIn(row, name, shown)])
    return { kind: 'held', fields: Object.fromEntries(held), status, correlationId }
  })
}

const heldIn = (row: Row, name: string, owners: ShownOwners): FieldValue => {
  if (name === 'OwnerId') return owners.of(row)
  const account = name === 'WhatId' ? accountId(row[name]) : undefined
  return account === undefined ? columnOf(row, name) : joinedNames(companyNames({ account, website: null }))
}

interface ShownOwners {
  readonly kind: 'owners'
  of(row: Row): string | null
}

const ownersShown = async (
  client: SalesforceClient,
  rows: readonly (Row | undefined)[],
  signal: AbortSignal,
): Promise<ShownOwners | Problem> => {
  const users = rows.flatMap(row => longIdIn(row?.['OwnerId']) ?? [])
  if (users.length === 0) return { kind: 'owners', of: () => null }
  const self = await client.user(signal)
  if (self.kind !== 'user') return self
  const others = users.filter(user => user !== self.id)
  const found = await addressesOf(client, others, signal)
  if (found.kind !== 'addresses') return found
  return { kind: 'owners', of: row => found.addresses.get(longIdIn(row['OwnerId']) ?? '') ?? null }
}
