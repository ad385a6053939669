const SUFFIX_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BLOCK = 5
const SHORT = 15
const PREFIX = 3

/** The 18 characters of an id of 15: one check character for each block of five, which tells the capital letters. */
export const withSuffix = (id: string): string => {
  let suffix = ''
  for (let start = 0; start < SHORT; start += BLOCK) {
    let bits = 0
    for (let index = 0; index < BLOCK; index += 1) if (/[A-Z]/.test(id.charAt(start + index))) bits |= 1 << index
    suffix += SUFFIX_CHARACTERS.charAt(bits)
  }
  return id + suffix
}

/** The id in 18 characters; undefined when it has neither 15 nor the right 18. */
export const normalizedId = (value: string): string | undefined => {
  if (!/^(?:[0-9A-Za-z]{15}|[0-9A-Za-z]{18})$/.test(value)) return undefined
  const whole = withSuffix(value.slice(0, SHORT))
  return value.length === SHORT || value === whole ? whole : undefined
}

export const prefixOf = (id: string): string => id.slice(0, PREFIX)

/** The id of the n-th record made, as an org on instance `5g` counts them. */
export const mintedId = (prefix: string, n: number): string => {
  let digits = ''
  for (let left = n; left > 0; left = Math.floor(left / DIGITS.length))
    digits = DIGITS.charAt(left % DIGITS.length) + digits
  return withSuffix(`${prefix}5g0000${digits.padStart(6, '0')}`)
}
