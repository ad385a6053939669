import { type MemoryDestination, memoryDestination } from '../../services/delivery/memory.ts'
import type { DeliverySettings } from '../../services/delivery/settings.ts'
import { delivering } from '../delivery/delivering.ts'

/** A started sink over a destination in memory. */
export const started = async (settings: Partial<DeliverySettings> = {}, batchSize = 10) => {
  const harness = await delivering(clock => memoryDestination({ clock, batchSize }), { settings })
  const running = await harness.start()
  return { ...harness, running }
}

/** The fields of the record with this address. */
export const fieldsOf = (destination: MemoryDestination, address: string) =>
  [...destination.records.values()].find(({ addresses }) => addresses.includes(address))?.fields
