/** An id as text; numbers are ids too, whole ones. Null for anything else and for a blank one. */
export const idText = (value: unknown): string | null => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null
  return typeof value === 'string' ? value.toWellFormed().trim() || null : null
}
