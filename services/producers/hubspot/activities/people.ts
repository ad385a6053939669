import { hubspotContact, recordIds } from '../../../identity/aliases.ts'
import type { IdentityDirectory } from '../../../identity/directory.ts'
import { instantOf } from '../../input/times.ts'
import { recordIdOf } from '../object-types.ts'
import type { Found } from '../rest/client.ts'

/** Gives those of some aliases of contacts whose person is in Salesforce too, with the alias that they have there: of a contact before that of a lead. */
export type Synced = (aliases: readonly string[]) => ReadonlyMap<string, string>

/** By what is known of who is who; it must have been loaded. */
export const syncedWithSalesforce =
  (directory: Pick<IdentityDirectory, 'find'>): Synced =>
  aliases =>
    new Map(
      aliases.flatMap(alias => {
        const found = directory.find(alias)
        if (found.status !== 'known') return []
        const [there] = (['salesforce:contact', 'salesforce:lead'] as const).flatMap(kind =>
          recordIds(found.person, kind).map(id => `${kind}:${id}`),
        )
        return there === undefined ? [] : [[alias, there] as const]
      }),
    )

/** What is read of a contact that an activity is on. */
export const contactProperties = ['createdate', 'hubspot_owner_id'] as const

/** A contact that an activity is on. */
export interface ActivityContact {
  readonly id: string
  readonly alias: string
  /** In milliseconds; null when it is not known, as of one that was deleted meanwhile. */
  readonly createdAt: number | null
  /** Id of its owner in HubSpot; null for none. */
  readonly owner: string | null
}

/** @param found what was read of it; undefined when it is not there */
export const activityContact = (id: string, found: Found | undefined): ActivityContact => ({
  ...{ id, alias: hubspotContact(id) },
  createdAt: instantOf(found?.properties['createdate']),
  owner: recordIdOf(found?.properties['hubspot_owner_id']),
})

/**
 * T5: those who are synced with Salesforce first, of them the one that was made last, of those made at the same time the one with the largest record id; then the others in
 * the same order.
 */
export const inOrderOfChoice = (
  contacts: readonly ActivityContact[],
  synced: Pick<ReadonlySet<string>, 'has'>,
): readonly ActivityContact[] =>
  contacts.toSorted(
    (a, b) =>
      Number(synced.has(b.alias)) - Number(synced.has(a.alias)) ||
      latestFirst(a.createdAt ?? 0, b.createdAt ?? 0) ||
      latestFirst(BigInt(a.id), BigInt(b.id)),
  )

const latestFirst = (a: number | bigint, b: number | bigint): number => {
  if (a === b) return 0
  return a < b ? 1 : -1
}
