import type { Clock } from '../../../runtime/clock.ts'
import { invalidFields, invalidPageToken } from './problems.ts'
import { issueToken, readToken } from './tokens.ts'

export type Query = Readonly<Record<string, string | undefined>>

export interface Page<Item> {
  readonly items: readonly Item[]
  /** The keys with which Zoom frames a list; `next_page_token` is empty on the last page. */
  readonly frame: {
    readonly next_page_token: string
    readonly page_count: number
    readonly page_size: number
    readonly total_records: number
  }
  readonly number: number
}

/** Facts/zoom.md §5: at most 300 a page, 30 when not said; a token lives 15 minutes and belongs to the same filters. */
const LARGEST_PAGE = 300
const DEFAULT_PAGE = 30
const TOKEN_LIFE_MS = 15 * 60_000
const PURPOSE = 'page'

/** Cuts one page out of all items. `scope` names the list with its filters. Throws Zoom's refusals. */
export const pageOf = <Item>(items: readonly Item[], query: Query, scope: string, clock: Clock): Page<Item> => {
  const size = pageSize(query)
  const filters = `${scope} ${size}`
  const start = query['next_page_token']
    ? startOfToken(query['next_page_token'], filters, clock)
    : (pageNumber(query) - 1) * size
  const end = start + size
  const next_page_token =
    end < items.length ? issueToken(PURPOSE, { filters, start: end }, clock.now() + TOKEN_LIFE_MS) : ''
  return {
    items: items.slice(start, end),
    number: Math.floor(start / size) + 1,
    frame: {
      next_page_token,
      page_count: Math.max(1, Math.ceil(items.length / size)),
      page_size: size,
      total_records: items.length,
    },
  }
}

const pageSize = ({ page_size }: Query): number => {
  const size = page_size === undefined ? DEFAULT_PAGE : Number(page_size)
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) throw invalidFields('page_size')
  return size
}

const pageNumber = ({ page_number }: Query): number => {
  const number = page_number === undefined ? 1 : Number(page_number)
  if (!Number.isInteger(number) || number < 1) throw invalidFields('page_number')
  return number
}

const startOfToken = (token: string, filters: string, clock: Clock): number => {
  const content = readToken(PURPOSE, token)
  if (!content || content['filters'] !== filters || content.expires <= clock.now()) throw invalidPageToken()
  return Number(content['start'])
}
