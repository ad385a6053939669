import type { Registration } from '../../schemas/generated.ts'

/** Neither cancelled nor denied. */
export const stands = ({ status }: Registration): boolean => status === 'APPROVED' || status === 'PENDING'

/** When it was first approved or pending; null when only its end was seen. Those from before that was kept tell no time. */
export const stoodAt = (registration: Registration): number | null =>
  registration.stoodAt ?? (stands(registration) ? registration.registeredAt : null)
