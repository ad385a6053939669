import type { Track } from '../../schemas/generated.ts'
import type { Person } from '../../topology/define.ts'
import { aliasIfOne, recordIds } from '../identity/aliases.ts'

/** Whether the person's contact in HubSpot is known, by its record id. */
export const hasContact = (person: Person): boolean => recordIds(person, 'hubspot:contact').length > 0

/** Whether the product knows the visitor by an e-mail address: only then may a contact be made for them. */
export const isKnownByAddress = ({ person, aliases }: Pick<Track, 'person' | 'aliases'>): boolean =>
  [person, ...aliases].some(alias => alias.startsWith(userPrefix) && isAddress(alias.slice(userPrefix.length)))

const userPrefix = 'user:'
const isAddress = (text: string): boolean => aliasIfOne('email', text) !== undefined
