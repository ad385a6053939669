import { aliasIfOne, hubspotContact } from '../../../identity/aliases.ts'
import type { IdentityDirectory } from '../../../identity/directory.ts'
import type { OwnerAlias, Owners } from '../activities/owners.ts'
import type { FoundContact, HubSpotMarketingReader } from '../rest/marketing.ts'
import { isHubSpotError } from '../rest/problems.ts'
import type { KnownAs, MarketingEvent } from './told.ts'

export interface PeopleParts {
  readonly reader: Pick<HubSpotMarketingReader, 'contacts'>
  readonly owners: Owners
  /** Loaded. */
  readonly directory: Pick<IdentityDirectory, 'find'>
}

/** Who is behind an address; why nobody may be told of otherwise. */
export type Known = KnownAs | 'nobody' | 'erased'

/**
 * Who did what some events tell, by address: the contact, where HubSpot has one with that address, so that what lies in Kafka is its id; else the address itself, for a contact that is
 * yet to come. Of the erased nothing is told. Rejects with a `HubSpotError`.
 * @param events at most 100
 */
export const knownPeople = async (
  { reader, owners, directory }: PeopleParts,
  events: readonly MarketingEvent[],
  signal: AbortSignal,
): Promise<(event: MarketingEvent) => Known> => {
  const isErased = (alias: string, at: number | null): boolean =>
    directory.find(alias, at ?? undefined).status === 'erased'
  const wanted = events.flatMap(({ email, at }) => {
    const alias = aliasIfOne('email', email)
    return alias === undefined || isErased(alias, at) ? [] : [alias.slice('email:'.length)]
  })
  const contacts = await contactsOf(reader, [...new Set(wanted)], signal)
  const ownerAlias: OwnerAlias = await owners.of(
    [...contacts.values()].map(({ owner }) => owner),
    signal,
  )
  return ({ email, at }) => {
    const alias = aliasIfOne('email', email)
    if (alias === undefined) return 'nobody'
    if (isErased(alias, at)) return 'erased'
    const contact = contacts.get(alias.slice('email:'.length))
    if (!contact) return { person: alias, recordOwner: null }
    const person = hubspotContact(contact.id)
    return isErased(person, at) ? 'erased' : { person, recordOwner: ownerAlias(contact.owner) }
  }
}

/** None when HubSpot refuses these addresses. */
const contactsOf = async (
  reader: Pick<HubSpotMarketingReader, 'contacts'>,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FoundContact>> => {
  if (addresses.length === 0) return new Map()
  try {
    return await reader.contacts(addresses, signal)
  } catch (error) {
    if (!isHubSpotError(error, 'HUBSPOT_REQUEST_REFUSED')) throw error
    return new Map()
  }
}
