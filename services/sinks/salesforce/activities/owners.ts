import type { NeedsPerson, Problem, Retry } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { queryRefused } from '../answers.ts'
import type { Row, SalesforceClient } from '../api/client.ts'
import { queriesFor } from '../api/soql.ts'
import { ownersForMs } from '../limits.ts'
import { longIdIn } from '../people/ids.ts'

/** Active users of the org by their addresses; who has an address, or that nobody has it, is believed for `ownersForMs`. */
export interface Owners {
  /** Asks for the addresses that are not known yet; undefined when all are known now. */
  learn(addresses: readonly string[], signal: AbortSignal): Promise<Retry | NeedsPerson | undefined>
  /** Id of the user who has the address; null when nobody has. */
  userOf(address: string): string | null
  /** Salesforce says that this user is not active any more. */
  forget(userId: string): void
}

interface Known {
  readonly user: string | null
  readonly until: number
}

export const createOwners = (client: SalesforceClient, clock: Clock): Owners => {
  const known = new Map<string, Known>()
  const dropOld = (now: number): void => {
    for (const [address, { until }] of known) if (until <= now) known.delete(address)
  }
  return {
    learn: async (addresses, signal) => {
      dropOld(clock.now())
      const asked = [...new Set(addresses.map(folded))].filter(address => !known.has(address))
      for (const { soql, values } of queriesFor(asked, usersQuery)) {
        const answer = await client.query('users.look-up', soql, 'live', signal)
        if (answer.kind !== 'success') return queryRefused(answer.problem)
        const until = clock.now() + ownersForMs
        for (const address of values) known.set(address, { user: chosen(address, answer.data), until })
      }
      return undefined
    },
    userOf: address => known.get(folded(address))?.user ?? null,
    forget: userId => {
      for (const [address, { user }] of known) if (user === userId) known.delete(address)
    },
  }
}

const usersQuery = (list: string): string =>
  `SELECT Id, Email, Username, CreatedDate FROM User WHERE IsActive = true AND Email IN (${list})`

const folded = (text: unknown): string => String(text).toLowerCase()

/** Of several users with the address: whose name it is, else who was there first. */
const chosen = (address: string, users: readonly Row[]): string | null => {
  const [first] = users
    .filter(({ Email }) => folded(Email) === address)
    .toSorted((a, b) => rank(a, address) - rank(b, address) || createdAt(a) - createdAt(b) || byId(a, b))
  return longIdIn(first?.['Id']) ?? null
}

const rank = ({ Username }: Row, address: string): number => (folded(Username) === address ? 0 : 1)
const createdAt = ({ CreatedDate }: Row): number => Date.parse(String(CreatedDate)) || 0
const byId = ({ Id: a }: Row, { Id: b }: Row): number => (String(a) < String(b) ? -1 : 1)

/** Addresses of users by their ids, for those that the org tells. */
export const addressesOf = async (
  client: SalesforceClient,
  users: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly kind: 'addresses'; readonly addresses: ReadonlyMap<string, string> } | Problem> => {
  const addresses = new Map<string, string>()
  for (const { soql } of queriesFor(users, list => `SELECT Id, Email FROM User WHERE Id IN (${list})`)) {
    const answer = await client.query('users.addresses', soql, 'live', signal)
    if (answer.kind !== 'success') return queryRefused(answer.problem)
    for (const { Id, Email } of answer.data) {
      const id = longIdIn(Id)
      if (id !== undefined && typeof Email === 'string') addresses.set(id, Email)
    }
  }
  return { kind: 'addresses', addresses }
}
