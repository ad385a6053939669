import { hash } from 'node:crypto'
import type { WriteVersion } from '../../../schemas/generated.ts'
import type { FieldValue } from '../../../topology/define.ts'

/**
 * Negative when `a` is older than `b`, positive when newer, 0 when they are the same. Revisions of a state row decide when both have one,
 * else the time at the source, then the event id.
 */
export const compareVersions = (a: WriteVersion, b: WriteVersion): number => {
  if (a.revision !== null && b.revision !== null) return a.revision - b.revision
  if (a.time !== b.time) return a.time - b.time
  return a.eventId === b.eventId ? 0 : a.eventId < b.eventId ? -1 : 1
}

/** A short stable hash of a value with its type: `1` and `'1'` differ. 64 bits: a record has few fields, each compared with its own last value. */
export const hashOf = (value: FieldValue): string =>
  hash('sha256', `${value === null ? 'null' : typeof value}:${value}`, 'base64url').slice(0, 11)

/** The hash of a value that is not known: it equals none, so whatever comes next is sent. */
export const unknownHash = ''
