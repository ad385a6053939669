import { createHash } from 'node:crypto'
import type { FieldValue } from '../../../../topology/define.ts'
import type { PutInput } from '../../../delivery/destination.ts'
import { eventDecimals, eventTextLength } from '../limits.ts'

/** An occurrence of a custom event, as the official client sends it. */
export interface Occurrence {
  readonly eventName: string
  readonly objectId: string
  readonly occurredAt?: Date
  readonly uuid: string
  readonly properties: Record<string, string>
}

/**
 * @param object the event's name in writes: with the once key it makes the `uuid`
 * @param eventName the event's full name in the account
 */
export const occurrenceOf = (object: string, eventName: string, { key, of, at, fields }: PutInput): Occurrence => ({
  eventName,
  objectId: of.id,
  ...(at === null ? {} : { occurredAt: new Date(at) }),
  uuid: uuidOf(`${object}:${key}`),
  properties: Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, spelled(name, value)]])),
  ),
})

/** Made once at random for Tributary; changing it would make every occurrence a second time. */
const namespace = Buffer.from('6f0d7c8e4a3b4d52b1c90f2e57a86d13', 'hex')

/**
 * A version 5 UUID (RFC 9562, section 5.5): the same name has the same id in every process and at every attempt. HubSpot takes the first occurrence of an id
 * within a year and drops the others without a word, so a repeated request makes no second one.
 */
export const uuidOf = (name: string): string => {
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** What is longer than HubSpot takes is cut: it would fail the request, and the start of a title tells enough. */
const spelled = (name: string, value: Exclude<FieldValue, null>): string => {
  if (typeof value === 'number') return String(Number(value.toFixed(eventDecimals)))
  return cut(String(value), eventTextLength(name))
}

/** Never between the two halves of a character. */
const cut = (text: string, length: number): string =>
  text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
