import { hashesOf } from '../input/hash.ts'
import type { Scalars } from '../input/scalars.ts'

/** 52 bits of a hash, as a number: as large as whole numbers are written (services/runtime/avro-bounds.ts). They lie in Kafka (`pendo-sweeps`, `hubspot-sweeps`), so the function is a format. */
export const hashOf = (text: string): number => {
  const [high = 0, low = 0] = hashesOf([text])
  return high * 2 ** 20 + (low >>> 12)
}

/** One text for the same values, whatever their order. */
export const canonical = (values: Scalars): string =>
  JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : Number(a > b))))
