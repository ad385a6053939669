import { createHmac } from 'node:crypto'
import type { Identity, IdentityClaim } from '../../schemas/generated.ts'
import { isWeak } from './aliases.ts'
import type { Lookup } from './directory.ts'

const prefix = 'erased:'

/** How what must be recognised and not be kept is written down: as an HMAC-SHA256 with the pipeline's secret. */
export interface Erasures {
  /** HMAC of a text, 64 hex digits. */
  token(text: string): string
  /** Key of the row that remains of an alias or of `person:<id>`. */
  keyOf(alias: string): string
}

/** @param secret changing it forgets every erasure and every APART: nothing would be recognised any more */
export const createErasures = (secret: string): Erasures => {
  const token = (text: string): string => createHmac('sha256', secret).update(text).digest('hex')
  return { token, keyOf: alias => prefix + token(alias) }
}

export const isErasedKey = (key: string): boolean => key.startsWith(prefix)

/** Whether an ERASED row says that its alias is forgotten now. A weak alias is, too, while it points to somebody forgotten. */
export const isErased = (row: Identity): boolean =>
  row.kind === 'ERASED' && (row.lifted === null || row.pointer !== null)

/**
 * What an ERASE claim names so that the person whom `alias` leads to now is forgotten. A weak alias alone would forget the device only,
 * because whom it points to depends on when one asks.
 */
export const aliasesToErase = (alias: string, lookup: Lookup): readonly string[] =>
  lookup.status === 'known'
    ? [alias, ...lookup.person.aliases.filter(other => other !== alias && !isWeak(other))]
    : [alias]

/** A claim that forgets the people behind what somebody removed by hand. */
export const erasureClaim = (
  aliases: readonly string[],
  key: string,
  time: number,
  erasures: Erasures,
): IdentityClaim => ({
  id: `removed:${erasures.token(key)}:${time}`,
  time,
  kind: 'ERASE',
  aliases,
  attributes: {},
  source: 'operator',
})
