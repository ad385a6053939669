import type { Task } from '../../../../schemas/generated.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { recordIdOf } from '../object-types.ts'
import type { FoundActivity, HubSpotActivityReader } from '../rest/activities.ts'
import type { Found } from '../rest/client.ts'
import { isHubSpotError } from '../rest/problems.ts'
import { companiesOf, type RelatedCompanies } from './companies.ts'
import type { Owners } from './owners.ts'
import { type ActivityContact, activityContact, contactProperties, inOrderOfChoice, type Synced } from './people.ts'
import { activityTold, deletionTold } from './told.ts'
import { type ActivityType, linkProperty } from './types.ts'

/** What notices say of one record. */
export interface NoticedRecord {
  /** Of digits. */
  readonly id: string
  /** When the latest says that something became of it, in milliseconds. */
  readonly at: number
  /** Whether one says that it was deleted. */
  readonly gone: boolean
}

export interface ReadingParts {
  readonly reader: HubSpotActivityReader
  readonly owners: Owners
  readonly synced: Synced
  readonly clock: Clock
  /** HUBSPOT_APP_ID; null when it is not set. */
  readonly appId: string | null
}

/** What became of the records that were to be read. */
export interface Reading {
  readonly told: readonly Task[]
  /** Records that are nowhere, and of which no notice says that they were deleted: they were removed for good meanwhile, or the app may not see them. */
  readonly missing: number
  /** Records that HubSpot refuses to give by themselves, whatever else is asked for. */
  readonly refused: number
}

/**
 * Reads at most 50 records of a type, each once. What cannot be answered for several is asked for in halves, so one record keeps no other back. Rejects with a `HubSpotError` that
 * is about none of them.
 */
export const readActivities = async (
  parts: ReadingParts,
  type: ActivityType,
  records: readonly NoticedRecord[],
  signal: AbortSignal,
): Promise<Reading> => {
  if (records.length === 0) return nothing
  try {
    return await readTogether(parts, type, records, signal)
  } catch (error) {
    if (!isAboutRecords(error)) throw error
    if (records.length === 1) return { ...nothing, refused: 1 }
    const half = Math.ceil(records.length / 2)
    const first = await readActivities(parts, type, records.slice(0, half), signal)
    const second = await readActivities(parts, type, records.slice(half), signal)
    return {
      told: [...first.told, ...second.told],
      missing: first.missing + second.missing,
      refused: first.refused + second.refused,
    }
  }
}

/** Any other refusal would come for whatever records, and lose them all. */
const isAboutRecords = (error: unknown): boolean =>
  isHubSpotError(error, 'HUBSPOT_ANSWER_TOO_LARGE') ||
  (isHubSpotError(error, 'HUBSPOT_REQUEST_REFUSED') && error.status === 400)

const nothing: Reading = { told: [], missing: 0, refused: 0 }

const readTogether = async (
  parts: ReadingParts,
  type: ActivityType,
  records: readonly NoticedRecord[],
  signal: AbortSignal,
): Promise<Reading> => {
  const { reader, clock } = parts
  const ids = records.map(({ id }) => id)
  const [found, on, related] = await Promise.all([
    reader.activities(type, ids, signal),
    reader.contactsOf(type, ids, signal),
    companiesOf(reader, type, ids, signal),
  ])
  const live = byId(found)
  const lacking = ids.filter(id => !live.has(id))
  const deleted =
    lacking.length === 0
      ? new Map<string, FoundActivity>()
      : byId(await reader.deleted(type, lacking, linkProperty, signal))
  const liveTold = await tellLive(parts, type, { live, on, related, records }, signal)
  const isTold = ({ id, gone }: NoticedRecord): boolean => live.has(id) || deleted.has(id) || gone
  const deletions = records
    .filter(record => !live.has(record.id) && isTold(record))
    .map(({ id, at }) => deletionTold(id, deleted.get(id), { type, noticedAt: at, receivedAt: clock.now() }))
  const missing = records.filter(record => !isTold(record)).length
  return { told: [...liveTold, ...deletions], missing, refused: 0 }
}

interface Live {
  readonly live: ReadonlyMap<string, FoundActivity>
  /** Ids of the contacts that each is on. */
  readonly on: ReadonlyMap<string, readonly string[]>
  /** The companies that each is on; null when they may not be seen. */
  readonly related: RelatedCompanies | null
  readonly records: readonly NoticedRecord[]
}

const tellLive = async (
  { reader, owners, synced, clock, appId }: ReadingParts,
  type: ActivityType,
  { live, on, related, records }: Live,
  signal: AbortSignal,
): Promise<readonly Task[]> => {
  const contacts = await contactsOf(reader, on, signal)
  const isSynced = synced([...contacts.values()].map(({ alias }) => alias))
  const named = [...live.values()].map(({ properties }) => recordIdOf(properties['hubspot_owner_id']))
  const ownerAlias = await owners.of([...named, ...[...contacts.values()].map(({ owner }) => owner)], signal)
  return records.flatMap(({ id, at }) => {
    const record = live.get(id)
    const ofRecord = (on.get(id) ?? []).flatMap(contact => contacts.get(contact) ?? [])
    const people = inOrderOfChoice(ofRecord, isSynced)
    const companies = related && [...(related.get(id) ?? [])]
    const about = {
      type,
      noticedAt: at,
      receivedAt: clock.now(),
      people,
      synced: isSynced,
      ownerAlias,
      companies,
      appId,
    }
    return (record && activityTold(record, about)) ?? []
  })
}

const contactsOf = async (
  reader: HubSpotActivityReader,
  on: Live['on'],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ActivityContact>> => {
  const ids = [...new Set([...on.values()].flat())]
  const found = byId(ids.length === 0 ? [] : await reader.contacts(ids, contactProperties, signal))
  return new Map(ids.map(id => [id, activityContact(id, found.get(id))]))
}

const byId = <Record extends Found>(records: readonly Record[]): ReadonlyMap<string, Record> =>
  new Map(
    records.flatMap(record => {
      const id = recordIdOf(record.id)
      return id === null ? [] : [[id, record]]
    }),
  )
