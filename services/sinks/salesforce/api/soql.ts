import { longestEncodedQuery } from '../limits.ts'

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
}

/** A text as SOQL wants it: in single quotes, with what would end or change it escaped. */
export const literal = (text: string): string =>
  `'${text.replace(/[\\'\n\r\t\b\f]/g, found => escapes[found] ?? found)}'`

/**
 * Queries that together ask for all values, each short enough for a URL.
 * @param build makes the query around the list of an `IN (…)`
 */
export const queriesFor = (
  values: readonly string[],
  build: (list: string) => string,
): readonly { readonly soql: string; readonly values: readonly string[] }[] => {
  const room = longestEncodedQuery - encodeURIComponent(build('')).length
  const batches: { values: string[]; length: number }[] = []
  for (const value of new Set(values)) {
    const length = encodeURIComponent(`${literal(value)},`).length
    const last = batches.at(-1)
    if (last && last.length + length <= room) {
      last.values.push(value)
      last.length += length
    } else batches.push({ values: [value], length })
  }
  return batches.map(batch => ({ soql: build(batch.values.map(literal).join(',')), values: batch.values }))
}
