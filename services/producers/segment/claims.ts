import type { IdentityClaim } from '../../../schemas/generated.ts'

/**
 * The claims that tell as much as all of these: of those that only say again which aliases are one person, the earliest (by which a person's id is made) and
 * the latest (by which a weak alias points). Someone's hundred events in one batch are two claims, not a hundred.
 */
export const fewestClaims = (claims: readonly IdentityClaim[]): readonly IdentityClaim[] => {
  const fewest: IdentityClaim[] = []
  const repeated = new Map<string, { earliest: IdentityClaim; latest: IdentityClaim }>()
  for (const claim of claims) {
    if (claim.kind !== 'SEEN' || Object.keys(claim.attributes).length > 0) {
      fewest.push(claim)
      continue
    }
    const key = claim.aliases.join('\n')
    const known = repeated.get(key)
    if (!known) repeated.set(key, { earliest: claim, latest: claim })
    else if (claim.time < known.earliest.time) known.earliest = claim
    else if (claim.time >= known.latest.time) known.latest = claim
  }
  for (const { earliest, latest } of repeated.values()) {
    fewest.push(earliest)
    if (latest !== earliest) fewest.push(latest)
  }
  return fewest
}
