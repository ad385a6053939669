import { isObject } from './json-body.ts'

/** The web domain in a group's traits (`domain`, or that of `website`), in lower case and without `www.`; null when there is none. */
export const domainOf = (traits: unknown): string | null => {
  if (!isObject(traits)) return null
  return domain(traits['domain']) ?? domain(traits['website'])
}

/** No domain is longer (RFC 1035). */
const longestDomain = 253
const longestAddress = 2_000

const domain = (value: unknown): string | null => {
  if (typeof value !== 'string' || value.length > longestAddress) return null
  const address = value.trim()
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`)
  const name = url?.hostname.replace(/^www\./, '') ?? ''
  return /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+$/.test(name) && name.length <= longestDomain ? name : null
}
