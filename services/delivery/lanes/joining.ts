import type { DeliveredField, SinkWrite } from '../../../schemas/generated.ts'
import type { FieldValue } from '../../../topology/define.ts'
import { compareVersions, hashOf, unknownHash } from './versions.ts'

export type DeliveredFields = Readonly<Record<string, DeliveredField>>

/** What the SETs of one record come to. */
export interface Joined {
  /** Values to send; empty when the record holds them all. */
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly fieldsOnCreate: Readonly<Record<string, FieldValue>>
  /** Delivered fields once this was accepted. The same object as before when nothing changes. */
  readonly delivered: DeliveredFields
  /** Outcome of each write once this was accepted, in their order. */
  readonly outcomes: readonly ('APPLIED' | 'UNCHANGED' | 'STALE')[]
}

interface Candidate {
  readonly value: FieldValue
  readonly field: DeliveredField
  /** Whether one of the writes, be it replaced by now, has another value than what stands. */
  readonly isOther: boolean
  /** Position of the write that it comes from. */
  readonly from: number
}

/**
 * Joins SETs of one record into one input: per field the highest version, and of equal versions the later write (a mapping was fixed). A field goes out unless
 * an equal value of the same or an older version, or a newer version, was delivered before; a newer version of an equal value only moves the version on. It goes
 * out too when any of the writes has another value: that one may have been sent before, and its answer lost or the process killed. And of fields that somebody else
 * sets too, a newer version goes out whatever was delivered.
 * @param writes in the order in which they came
 */
export const joinSets = (writes: readonly SinkWrite[], delivered: DeliveredFields): Joined => {
  const winners = newest(writes, write => write.fields, delivered)
  const onCreate = newest(writes, write => (write.createIfMissing ? write.fieldsOnCreate : {}), {})
  const sent = [...winners].filter(([, { isOther }]) => isOther)
  const fields = Object.fromEntries(sent.map(([name, { value }]) => [name, value]))
  const after =
    winners.size === 0
      ? delivered
      : { ...delivered, ...Object.fromEntries([...winners].map(([name, { field }]) => [name, field])) }
  return {
    fields,
    fieldsOnCreate: Object.fromEntries(
      [...onCreate].filter(([name]) => !(name in fields)).map(([name, { value }]) => [name, value]),
    ),
    delivered: after,
    outcomes: writes.map((write, index) => outcomeOf(write, index, after, winners, fields)),
  }
}

/**
 * The values of the writes that stand once they were delivered: not only what is news, but nothing that a newer version replaced. By the vendor's field name.
 * @param delivered as `joinSets` gives it for the same writes
 */
export const standingValues = (
  writes: readonly SinkWrite[],
  delivered: DeliveredFields,
): Readonly<Record<string, FieldValue>> => {
  const standing: Record<string, FieldValue> = {}
  for (const { fields, version } of writes) {
    for (const [name, value] of Object.entries(fields)) {
      const field = delivered[name]
      if (field && compareVersions(version, field) === 0 && hashOf(value) === field.hash) standing[name] = value
    }
  }
  return standing
}

/**
 * The delivered fields of two records that became one: the higher version per field. What the surviving record holds of the other's fields is the vendor's
 * choice, so their hashes are forgotten and the next write of such a field is sent.
 */
export const mergeDelivered = (survivor: DeliveredFields, other: DeliveredFields): DeliveredFields => {
  const merged: Record<string, DeliveredField> = { ...survivor }
  for (const [name, field] of Object.entries(other)) {
    const standing = merged[name]
    if (!standing || compareVersions(field, standing) > 0) merged[name] = { ...field, hash: unknownHash }
  }
  return merged
}

/** By field: the newest of the writes' values, where it is news to what stands. */
const newest = (
  writes: readonly SinkWrite[],
  fieldsOf: (write: SinkWrite) => Readonly<Record<string, FieldValue>>,
  standing: DeliveredFields,
): Map<string, Candidate> => {
  const winners = new Map<string, Candidate>()
  for (const [from, write] of writes.entries()) {
    for (const [name, value] of Object.entries(fieldsOf(write))) {
      const stood = standing[name]
      if (stood && compareVersions(write.version, stood) < 0) continue
      const [hash, winner] = [hashOf(value), winners.get(name)]
      const isContested = write.shared && stood !== undefined && compareVersions(write.version, stood) > 0
      const isOther = winner?.isOther || stood?.hash !== hash || isContested
      const before = winner?.field ?? stood
      const order = before ? compareVersions(write.version, before) : 1
      const isNewest = order > 0 || (order === 0 && before?.hash !== hash)
      if (isNewest) winners.set(name, { value, field: { ...write.version, hash }, from, isOther })
      else if (winner && isOther !== winner.isOther) winners.set(name, { ...winner, isOther })
    }
  }
  return winners
}

const outcomeOf = (
  write: SinkWrite,
  index: number,
  after: DeliveredFields,
  winners: ReadonlyMap<string, Candidate>,
  fields: Readonly<Record<string, FieldValue>>,
): 'APPLIED' | 'UNCHANGED' | 'STALE' => {
  const names = Object.keys(write.fields)
  if (names.some(name => name in fields && winners.get(name)?.from === index)) return 'APPLIED'
  const stands = (name: string): boolean => {
    const field = after[name]
    return field !== undefined && compareVersions(write.version, field) === 0
  }
  return names.length === 0 || names.some(stands) ? 'UNCHANGED' : 'STALE'
}
