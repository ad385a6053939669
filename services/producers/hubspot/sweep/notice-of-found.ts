import { happenedAt } from '../../input/times.ts'
import { hashOf } from '../../sweep/hashes.ts'
import { type Notice, noticeOf } from '../activities/notices.ts'
import type { ActivityType } from '../activities/types.ts'
import { recordIdOf } from '../object-types.ts'
import type { Found } from '../rest/client.ts'
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
