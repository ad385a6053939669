import type { SalesforceClient } from '../api/client.ts'
import { type Attempt, type Step, settledAll } from './attempts.ts'
import type { Owners } from './owners.ts'

export interface Assigning {
  readonly client: SalesforceClient
  readonly owners: Owners
}

/**
 * Puts the id of a user in place of the owner's addresses: of the first that an active user has. Without such a user the field is left out, which leaves a new task to the integration
 * user. No address at all means the integration user, also of a task that is somebody's.
 */
export const assigned = async (
  { client, owners }: Assigning,
  attempts: readonly Attempt[],
  signal: AbortSignal,
): Promise<readonly Step[]> => {
  const concerned = attempts.filter(namesOwner)
  const others = attempts.filter(attempt => !namesOwner(attempt))
  if (concerned.length === 0) return others
  const problem = await owners.learn(concerned.flatMap(addressesIn), signal)
  if (problem) return [...others, ...settledAll(concerned, problem)]
  const user = await client.user(signal)
  if (user.kind !== 'user') return [...others, ...settledAll(concerned, user)]
  return [...others, ...concerned.map(attempt => ownedBy(attempt, owners, user.id))]
}

const namesOwner = ({ input }: Attempt): boolean => input.fields['OwnerId'] !== undefined

const ownedBy = (attempt: Attempt, owners: Owners, integrationUser: string | null): Attempt => {
  const { OwnerId: _, ...fields } = attempt.fields
  const addresses = addressesIn(attempt)
  if (addresses.length === 0)
    return { ...attempt, fields: integrationUser === null ? fields : { ...fields, OwnerId: integrationUser } }
  for (const address of addresses) {
    const user = owners.userOf(address)
    if (user !== null) return { ...attempt, fields: { ...fields, OwnerId: user } }
  }
  return { ...attempt, fields, adjustments: [...attempt.adjustments, 'OWNER_UNKNOWN'] }
}

/** In the order of preference. */
const addressesIn = ({ input }: Attempt): readonly string[] =>
  String(input.fields['OwnerId'] ?? '')
    .split(/\s+/)
    .filter(address => address !== '')
