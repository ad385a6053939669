import { createHash } from 'node:crypto'
import { propertyNameLength } from './limits.ts'

/** Whether Pendo takes a name: letters, digits and `_`, beginning with no digit, not of the form `__x__`. Of a property of a track event also at most 32 characters. */
export const isName = (name: string, longest = Number.POSITIVE_INFINITY): boolean =>
  /^[A-Za-z_]\w*$/.test(name) && name.length <= longest && !/^__.*__$/.test(name)

export const isPropertyName = (name: string): boolean => isName(name, propertyNameLength)

/** The nearest name that Pendo takes, of any length: what it does not take becomes `_`. */
export const asName = (name: string): string => {
  const spelled = name.replace(/[^A-Za-z0-9_]/gu, '_')
  const begun = /^[A-Za-z_]/.test(spelled) ? spelled : `_${spelled}`
  return /^__.*__$/.test(begun) ? `x${begun}` : begun
}

/** The same for a property: one that is too long ends with a hash of it, so that two long names stay two. */
export const asPropertyName = (name: string): string => {
  const spelled = asName(name)
  return spelled.length <= propertyNameLength ? spelled : hashedName(name)
}

/** Another name for a property whose own is taken: `_` and six digits of its hash end it, as in the names of events in HubSpot. */
export const hashedName = (name: string): string => {
  const digits = createHash('sha256').update(name).digest('hex').slice(0, 6)
  return `${asName(name).slice(0, propertyNameLength - 7)}_${digits}`
}
