import { aliasIfOne } from '../../identity/aliases.ts'
import { idText } from '../input/id-text.ts'

/** What the browser agent calls somebody who is not logged in begins so (facts/pendo.md §6). */
const anonymousPrefix = '_PENDO_T_'
/** What the installation snippet holds where an id belongs: Pendo takes it for no id. */
const placeholder = /^(?:visitor|account)-unique-id$/i

/** Whether nobody knows who it is; Pendo itself may say so later, and gives what they did another visitor id then. */
export const isAnonymous = (visitorId: unknown): boolean => idText(visitorId)?.startsWith(anonymousPrefix) === true

/**
 * The aliases of a visitor, strongest first: the id (of somebody anonymous a weak one), the id again when it is an e-mail address, and the address that metadata
 * tells. None for a placeholder.
 */
export const aliasesOf = (visitorId: unknown, address: unknown = null): readonly string[] => {
  const id = idText(visitorId)
  if (id === null) return []
  const own = aliasIfOne(id.startsWith(anonymousPrefix) ? 'anonymous' : 'user', id)
  if (own === undefined) return []
  const addresses = [id, idText(address)].flatMap(text => (text === null ? [] : (aliasIfOne('email', text) ?? [])))
  return [...new Set([own, ...addresses])]
}

/** The id of an account; null for none and for a placeholder. */
export const accountOf = (value: unknown): string | null => {
  const id = idText(value)
  return id === null || placeholder.test(id) ? null : id
}
