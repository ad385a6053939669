import type { OutgoingRecord } from './kafka.ts'

/** Room for a record's or a header's own lengths and flags: more than they ever take. */
const framingBytes = 64

/**
 * The most bytes, as `bytesOf` counts them, of a record that a topic takes unless it is told otherwise: max.message.bytes is 1,048,588 by default, and the head of a
 * batch has to fit in as well.
 */
export const largestRecordBytes = 1_048_500

/** A little more than the bytes that a record takes in a batch. */
export const bytesOf = ({ key, value, headers }: Pick<OutgoingRecord, 'key' | 'value' | 'headers'>): number => {
  let size = framingBytes + (key ? Buffer.byteLength(key) : 0) + (value?.length ?? 0)
  for (const name in headers) size += framingBytes + Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '')
  return size
}
