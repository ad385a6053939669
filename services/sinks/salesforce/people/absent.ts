import type { Clock } from '../../../runtime/clock.ts'
import { absentForMs, mostAbsent } from '../limits.ts'

/** Addresses that none of some objects held when the org was last asked; believed for `absentForMs`. */
export interface AbsentAddresses {
  has(objects: readonly string[], address: string): boolean
  add(objects: readonly string[], address: string): void
}

export const absentAddresses = (clock: Clock): AbsentAddresses => {
  /** Until when each is believed, the oldest first. */
  const untils = new Map<string, number>()
  const dropOld = (now: number): void => {
    for (const [key, until] of untils) {
      if (until > now && untils.size <= mostAbsent) return
      untils.delete(key)
    }
  }
  return {
    has: (objects, address) => (untils.get(keyOf(objects, address)) ?? 0) > clock.now(),
    add: (objects, address) => {
      const key = keyOf(objects, address)
      const now = clock.now()
      untils.delete(key)
      untils.set(key, now + absentForMs)
      dropOld(now)
    },
  }
}

const keyOf = (objects: readonly string[], address: string): string => `${objects.join()} ${address.toLowerCase()}`
