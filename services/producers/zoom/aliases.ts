import { type AliasKindName, aliasIfOne } from '../../identity/aliases.ts'

/** The aliases by which Zoom knows a person, strongest first: registration, address, Zoom user (weak: accounts and devices are shared). */
export const zoomAliases = (known: {
  readonly registrantId: string | null
  readonly email: string | null
  readonly userId: string | null
}): readonly string[] => [
  ...ifAny('zoom:registrant', known.registrantId),
  ...ifAny('email', known.email),
  ...ifAny('zoom:user', known.userId),
]

/** Zoom puts other texts there too, for example a telephone number or a placeholder; they say nothing of who it is. */
const ifAny = (kind: AliasKindName, value: string | null): readonly string[] => {
  const alias = value === null ? undefined : aliasIfOne(kind, value)
  return alias === undefined ? [] : [alias]
}
