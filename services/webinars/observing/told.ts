/** Whether a value was told after the known one; of one moment, the greater value, so that the order of arrival does not matter. */
export const isLater = (at: number, value: string, knownAt: number | null, known: string | null): boolean =>
  knownAt === null || at > knownAt || (at === knownAt && value >= (known ?? ''))

/** Ids are Zoom's: one may be called like something that every object has. */
export const ownEntry = <Value>(entries: Readonly<Record<string, Value>>, id: string): Value | undefined =>
  Object.hasOwn(entries, id) ? entries[id] : undefined
