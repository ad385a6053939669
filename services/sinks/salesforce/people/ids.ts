import type { RecordRef } from '../../../delivery/destination.ts'
import { aliasOf } from '../../../identity/aliases.ts'

/** Objects that people are, in the order of preference, with what their ids begin with. */
export const personObjects = {
  contact: { type: 'Contact', prefix: '003' },
  lead: { type: 'Lead', prefix: '00Q' },
} as const
export type PersonObject = keyof typeof personObjects

/** A record of a person. The id has 18 characters, as in aliases, however Salesforce spelled it. Throws `ALIAS_MALFORMED` for what is no id. */
export const recordRef = (object: PersonObject, id: string): RecordRef => ({
  object,
  id: aliasOf(`salesforce:${object}`, id).slice(`salesforce:${object}:`.length),
})

/** The same for an id that an answer holds; undefined for what is none. */
export const recordRefIn = (object: PersonObject, id: unknown): RecordRef | undefined => {
  try {
    return typeof id === 'string' ? recordRef(object, id) : undefined
  } catch {
    return undefined
  }
}

/** An id of any object with 18 characters. Throws `ALIAS_MALFORMED` for what is no id. */
export const longId = (id: string): string => recordRef('contact', id).id

/** The same for an id that an answer holds; undefined for what is none. */
export const longIdIn = (id: unknown): string | undefined => recordRefIn('contact', id)?.id
