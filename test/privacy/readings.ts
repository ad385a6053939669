/** Longer than the ids that are encoded by chance into something readable. */
const ENCODED = /[A-Za-z0-9+/_-]{12,}={0,2}/g
const HEX = /\b(?:[0-9a-f]{2}){8,}\b/gi
const MOST_ENCODINGS = 3

/**
 * The text and what it says when what is encoded in it is read: percent-encoding, escapes of JSON strings, base64 (also of URLs) and hexadecimal digits,
 * each also within the other.
 */
export const readingsOf = (text: string): readonly string[] => {
  const readings = [text]
  for (let depth = 0, last = text; depth < MOST_ENCODINGS; depth++) {
    const next = [unescaped(last), ...hidden(last)].filter(reading => !readings.includes(reading))
    if (next.length === 0) break
    last = next.join('\n')
    readings.push(last)
  }
  return readings
}

const unescaped = (text: string): string =>
  text
    .replace(/(?:%[0-9a-f]{2})+/gi, encoded => {
      try {
        return decodeURIComponent(encoded)
      } catch {
        return encoded
      }
    })
    .replace(/\\u([0-9a-f]{4})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replace(/&#(\d{2,6});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)))

const hidden = (text: string): readonly string[] =>
  [
    ...(text.match(ENCODED) ?? []).map(word => Buffer.from(word, 'base64')),
    ...(text.match(HEX) ?? []).map(word => Buffer.from(word, 'hex')),
  ]
    .map(bytes => bytes.toString('utf8'))
    .filter(isReadable)

/** Nobody writes with control characters or half characters: it was no encoded text. */
const isReadable = (text: string): boolean =>
  text.length >= 8 && !/[\p{Cc}\p{Cn}\ufffd]/u.test(text.replace(/[\r\n\t]/g, ' '))
