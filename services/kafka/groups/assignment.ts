/** A member of a group and the partition numbers it owned before. */
export interface Claimant {
  readonly member: string
  readonly owned: readonly number[]
}

/**
 * Shares partition numbers 0 … count-1 among members: counts differ by one at most, and members keep what they own as far as that allows.
 * The result depends on the claims only, not on their order.
 */
export const assignPartitions = (
  claimants: readonly Claimant[],
  count: number,
): ReadonlyMap<string, readonly number[]> => {
  const members = claimants.toSorted((a, b) => b.owned.length - a.owned.length || (a.member < b.member ? -1 : 1))
  const least = Math.floor(count / members.length)
  const withOneMore = count % members.length
  const taken = new Set<number>()
  const shares = members.map(({ member, owned }, index) => {
    const quota = least + (index < withOneMore ? 1 : 0)
    const kept = owned.filter(partition => partition < count && !taken.has(partition)).slice(0, quota)
    for (const partition of kept) taken.add(partition)
    return { member, quota, partitions: kept }
  })
  const free = Array.from({ length: count }, (_, partition) => partition).filter(partition => !taken.has(partition))
  for (const share of shares) share.partitions.push(...free.splice(0, share.quota - share.partitions.length))
  return new Map(shares.map(({ member, partitions }) => [member, partitions.toSorted((a, b) => a - b)]))
}
