import { happenedAt, instantOf } from '../../input/times.ts'
import { hashOf } from '../../sweep/hashes.ts'
import { type Notice, noticeOf } from '../activities/notices.ts'
import type { ActivityType } from '../activities/types.ts'
import { recordIdOf } from '../object-types.ts'
import type { Found, FoundDeleted } from '../rest/client.ts'
import { modifiedAt } from './modified.ts'

/** That an activity which was found modified is to be read, and a hash of what is said of it, by which a repetition is known. */
export interface FoundNotice {
  readonly id: string
  readonly content: number
  readonly record: Notice
  readonly claims: readonly []
}

/** Undefined for what has no id of a record. Pure. */
export const noticeOfFound = (found: Found, type: ActivityType, receivedAt: number): FoundNotice | undefined => {
  const id = recordIdOf(found.id)
  if (id === null) return undefined
  const modified = modifiedAt(found, type)
  const { at: occurredAt } = happenedAt(modified, undefined, receivedAt)
  const eventId = `hubspot:${type.name}:${id}:${modified ?? ''}`
  const record = noticeOf(type, id, { eventId, occurredAt, receivedAt, gone: false })
  return { id, content: hashOf(String(modified)), record, claims: [] }
}

/** The same of one that was found deleted. Undefined also for what was deleted before that time. @param since in milliseconds. Pure. */
export const noticeOfDeleted = (
  found: FoundDeleted,
  type: ActivityType,
  { since, receivedAt }: { readonly since: number; readonly receivedAt: number },
): FoundNotice | undefined => {
  const id = recordIdOf(found.id)
  const deletedAt = instantOf(found.archivedAt)
  if (id === null || (deletedAt !== null && deletedAt < since)) return undefined
  const { at: occurredAt } = happenedAt(deletedAt, undefined, receivedAt)
  const eventId = `hubspot:${type.name}:${id}:deleted:${deletedAt ?? ''}`
  const record = noticeOf(type, id, { eventId, occurredAt, receivedAt, gone: true })
  return { id, content: hashOf(`deleted ${deletedAt}`), record, claims: [] }
}
