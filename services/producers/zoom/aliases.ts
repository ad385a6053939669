import { type AliasKindName, aliasOf } from '../../identity/aliases.ts'
import { TributaryError } from '../../runtime/errors.ts'

/** The aliases by which Zoom knows a person, strongest first: registration, address, Zoom user (weak: accounts and devices are shared). */
export const zoomAliases = (known: {
  readonly registrantId: string | null
  readonly email: string | null
  readonly userId: string | null
}): readonly string[] => [
  ...aliasIfOne('zoom:registrant', known.registrantId),
  ...aliasIfOne('email', known.email),
  ...aliasIfOne('zoom:user', known.userId),
]

/** Zoom puts other texts there too, for example a telephone number or a placeholder; they say nothing of who it is. */
const aliasIfOne = (kind: AliasKindName, value: string | null): readonly string[] => {
  if (value === null) return []
  try {
    return [aliasOf(kind, value)]
  } catch (error) {
    if (error instanceof TributaryError && error.code === 'ALIAS_MALFORMED') return []
    throw error
  }
}
