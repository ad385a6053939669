import type { IdentityClaim } from '../../../schemas/generated.ts'
import { idText } from '../input/id-text.ts'
import { isObject } from '../input/json-body.ts'

/** Where Segment's reserved traits hold what is known of a person by our names, the better place first. */
const places: Readonly<Record<string, readonly (readonly string[])[]>> = {
  firstName: [['firstName'], ['first_name']],
  lastName: [['lastName'], ['last_name']],
  company: [['company', 'name'], ['company']],
  jobTitle: [['title']],
  industry: [['industry'], ['company', 'industry']],
  phone: [['phone']],
  address: [['address', 'street'], ['address']],
  city: [['address', 'city'], ['city']],
  state: [['address', 'state'], ['state']],
  zip: [['address', 'postalCode'], ['zip']],
  country: [['address', 'country'], ['country']],
}

/** A longer one is no name, and no claim may hold it (services/identity/claims.ts). */
const longestAttribute = 1_000

/** What the traits of an identify say of the person beyond this product; only what is there, so that a shorter call does not clear what a fuller one told. */
export const attributesOf = (traits: unknown): IdentityClaim['attributes'] => {
  const attributes: Record<string, string> = {}
  if (!isObject(traits)) return attributes
  for (const name of Object.keys(places)) {
    const value = firstText(traits, places[name] ?? [])
    if (value !== null) attributes[name] = value
  }
  return attributes
}

const firstText = (traits: unknown, paths: readonly (readonly string[])[]): string | null => {
  for (const path of paths) {
    const text = idText(path.reduce<unknown>((value, step) => (isObject(value) ? value[step] : undefined), traits))
    if (text !== null && text.length <= longestAttribute) return text
  }
  return null
}
