import type { AvroTopic, Codec } from './codec.ts'
import { TributaryError } from './errors.ts'

/** What a value in a topic says; undefined of a tombstone, and of bytes that cannot be read: they are for others to set aside. Throws what is about more than these bytes. */
export const decodedIfReadable = <Value>(
  codec: Pick<Codec, 'decode'>,
  topic: AvroTopic<Value>,
  value: Buffer | null,
): Value | undefined => {
  if (value === null) return undefined
  try {
    return codec.decode(topic, value)
  } catch (error) {
    if (error instanceof TributaryError && error.errorClass === 'rejected') return undefined
    throw error
  }
}
