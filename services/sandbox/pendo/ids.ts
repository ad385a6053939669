import { createHash } from 'node:crypto'

/** Ids in the shapes that Pendo uses, derived from a seed so that the same thing has the same id again. */

/** 20 bytes in base64url: pages, features, track types, guides, steps. */
export const objectId = (seed: string): string => digest(seed).toString('base64url')

/** 40 hexadecimal digits: one webhook. */
export const uniqueId = (seed: string): string => digest(seed).toString('hex')

/** A whole number under 2^31, as `idhash` is one. */
export const hashOf = (seed: string): number => digest(seed).readUInt32BE() >>> 1

const digest = (seed: string): Buffer => createHash('sha1').update(seed).digest()

const ANONYMOUS = '_PENDO_T_'

/** The id that the browser agent gives somebody who is not logged in. */
export const anonymousId = (seed: string): string => `${ANONYMOUS}${objectId(seed).slice(0, 11)}`

export const isAnonymous = (visitorId: string): boolean => visitorId.startsWith(ANONYMOUS)

/** Placeholders of the installation snippet that somebody forgot to replace: Pendo takes them for no id (facts/pendo.md §6). */
const PLACEHOLDERS: readonly string[] = ['VISITOR-UNIQUE-ID', 'ACCOUNT-UNIQUE-ID']

/** Whether a text can name a visitor or an account. */
export const isId = (id: string): boolean => id !== '' && !PLACEHOLDERS.includes(id)
