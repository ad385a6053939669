import type { PendoClient, Row, Stage } from './client.ts'
import { mostPageRows, pageRows } from './limits.ts'
import { PendoError } from './problems.ts'

/** What is read page by page. */
export interface KeyedRead {
  /** Its name in metrics and messages. */
  readonly operation: string
  /** The source, and what comes before paging. */
  readonly stages: readonly Stage[]
  /** Paths of fields that make up the key of a group of rows, by which they are sorted. */
  readonly key: readonly string[]
}

export interface PagingOptions {
  readonly rows?: number
  readonly mostRows?: number
  /** Called when the rows of one key are more than can be asked for at once: they are passed over. */
  readonly onTooMany: () => void
}

type KeyPart = string | number

/**
 * All rows, group after group: the rows of one key come together and whole. Pendo has no pages, so rows are sorted by the key and each request asks for what is
 * beyond the last key that came whole (facts/pendo.md §4). At most one page is in memory. Throws a `PendoError`.
 */
export async function* groupsOf(
  client: PendoClient,
  { operation, stages, key }: KeyedRead,
  { rows: usual = pageRows, mostRows = mostPageRows, onTooMany }: PagingOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  let after: readonly KeyPart[] | undefined
  for (let limit = usual; ; ) {
    const beyond = after ? [{ filter: beyondKey(key, after) }] : []
    const page = await client.aggregate(operation, [...stages, ...beyond, { sort: key }, { limit }], signal)
    const groups = grouped(page, key)
    const isLast = page.length < limit
    const whole = isLast ? groups : groups.slice(0, -1)
    for (const { rows } of whole) yield rows
    if (isLast) return
    const reached = (whole.at(-1) ?? (limit >= mostRows ? groups[0] : undefined))?.key
    if (whole.length === 0 && reached) onTooMany()
    limit = reached ? usual : Math.min(mostRows, limit * 2)
    if (!reached) continue
    if (after && sameKey(after, reached)) throw goesInCircles(operation)
    after = reached
  }
}

const grouped = (page: readonly Row[], key: readonly string[]) => {
  const groups: { readonly key: readonly KeyPart[]; readonly rows: Row[] }[] = []
  for (const row of page) {
    const own = key.map(path => keyPart(row[path]))
    const last = groups.at(-1)
    if (last && sameKey(last.key, own)) last.rows.push(row)
    else groups.push({ key: own, rows: [row] })
  }
  return groups
}

const keyPart = (value: unknown): KeyPart => (typeof value === 'number' ? value : String(value ?? ''))

const sameKey = (a: readonly KeyPart[], b: readonly KeyPart[]): boolean => a.every((part, index) => part === b[index])

/** `(a > 1) || (a == 1 && b > "x")`: behind that key, in the order of Pendo's own comparison. */
const beyondKey = (paths: readonly string[], after: readonly KeyPart[]): string =>
  paths
    .map((path, index) => {
      const equal = paths.slice(0, index).map((before, at) => `${before} == ${JSON.stringify(after[at])}`)
      return `(${[...equal, `${path} > ${JSON.stringify(after[index])}`].join(' && ')})`
    })
    .join(' || ')

const goesInCircles = (operation: string): PendoError =>
  new PendoError('PENDO_ANSWER_UNREADABLE', `Pendo's answers to ${operation} lead back to rows that were read already.`)
