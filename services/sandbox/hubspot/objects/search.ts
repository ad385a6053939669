import { z } from 'zod'
import type { Clock } from '../../../runtime/clock.ts'
import { invalid } from '../errors.ts'
import {
  SEARCH_FILTER_GROUPS,
  SEARCH_FILTERS,
  SEARCH_FILTERS_PER_GROUP,
  SEARCH_PAGE,
  SEARCH_RESULTS,
  SEARCH_SORTS,
} from '../limits.ts'
import type { Properties } from '../properties/definitions.ts'
import { type CrmRecord, isLive, type Records } from './records.ts'

const OPERATORS = [
  'EQ',
  'NEQ',
  'LT',
  'LTE',
  'GT',
  'GTE',
  'BETWEEN',
  'IN',
  'NOT_IN',
  'HAS_PROPERTY',
  'NOT_HAS_PROPERTY',
  'CONTAINS_TOKEN',
  'NOT_CONTAINS_TOKEN',
] as const

const filter = z.object({
  propertyName: z.string(),
  operator: z.enum(OPERATORS),
  value: z.string().optional(),
  highValue: z.string().optional(),
  values: z.array(z.string()).optional(),
})

/** The specification asks for all of these; HubSpot's own examples leave some out, and so may a caller. */
export const searchRequest = z.object({
  query: z.string().optional(),
  limit: z.number().int().default(10),
  after: z.union([z.string(), z.number()]).optional(),
  sorts: z
    .array(z.union([z.string(), z.object({ propertyName: z.string(), direction: z.string().default('ASCENDING') })]))
    .default([]),
  properties: z.array(z.string()).default([]),
  filterGroups: z.array(z.object({ filters: z.array(filter) })).default([]),
})

export type SearchRequest = z.infer<typeof searchRequest>
type Filter = z.infer<typeof filter>

export interface Found {
  readonly total: number
  readonly records: readonly CrmRecord[]
  /** Where the next page starts, when there is one. */
  readonly after: string | undefined
}

/** An index that sees a write only after a while, as HubSpot's does. */
export interface SearchIndex {
  search(request: SearchRequest): Found
  reset(): void
}

export const createSearchIndex = (
  records: Records,
  properties: Properties,
  clock: Clock,
  lagMs: number,
): SearchIndex => {
  const visible = new Map<string, CrmRecord>()
  let waiting: { at: number; id: string; record: CrmRecord | undefined }[] = []
  const reset = (): void => {
    visible.clear()
    waiting = []
    for (const record of records.live()) visible.set(record.id, record)
  }
  const catchUp = (): void => {
    const now = clock.now()
    const due = waiting.findIndex(({ at }) => at > now)
    const ready = due === -1 ? waiting : waiting.slice(0, due)
    waiting = due === -1 ? [] : waiting.slice(due)
    for (const { id, record } of ready) {
      if (record && isLive(record)) visible.set(id, record)
      else visible.delete(id)
    }
  }
  reset()
  records.observe((id, record) => {
    waiting.push({ at: clock.now() + lagMs, id, record })
    if (waiting.length > 10_000) catchUp()
  })
  return {
    search: request => {
      assertLimits(request, properties)
      catchUp()
      const matching = [...visible.values()].filter(matcher(request))
      const start = Number(request.after ?? 0)
      const end = start + request.limit
      const page = matching.sort(order(request.sorts[0])).slice(start, end)
      return { total: matching.length, records: page, after: end < matching.length ? String(end) : undefined }
    },
    reset,
  }
}

const assertLimits = (request: SearchRequest, properties: Properties): void => {
  const { filterGroups, limit, sorts, after = 0 } = request
  const filters = filterGroups.flatMap(group => group.filters)
  const excesses: readonly (readonly [boolean, string])[] = [
    [limit < 1 || limit > SEARCH_PAGE, `limit must be from 1 to ${SEARCH_PAGE}`],
    [filterGroups.length > SEARCH_FILTER_GROUPS, `at most ${SEARCH_FILTER_GROUPS} filterGroups are allowed`],
    [
      filterGroups.some(group => group.filters.length > SEARCH_FILTERS_PER_GROUP),
      `at most ${SEARCH_FILTERS_PER_GROUP} filters are allowed in a group`,
    ],
    [filters.length > SEARCH_FILTERS, `at most ${SEARCH_FILTERS} filters are allowed`],
    [sorts.length > SEARCH_SORTS, `at most ${SEARCH_SORTS} sort is allowed`],
    [!/^\d+$/.test(String(after)), 'after must be the value of an earlier answer'],
    [Number(after) + limit > SEARCH_RESULTS, `a search returns at most ${SEARCH_RESULTS} results`],
  ]
  const excess = excesses.find(([exceeded]) => exceeded)
  if (excess) throw invalid(`There was a problem with the request: ${excess[1]}`)
  for (const { propertyName, operator, value, values, highValue } of filters) {
    if (!properties.get(propertyName)) throw invalid(`Property "${propertyName}" does not exist`)
    const complete = operator.endsWith('HAS_PROPERTY') || (operator.endsWith('IN') ? values : value) !== undefined
    if (!complete || (operator === 'BETWEEN' && highValue === undefined))
      throw invalid(`Filter on "${propertyName}": operator ${operator} lacks its value`)
  }
}

const DEFAULT_SEARCHED = [
  'email',
  'firstname',
  'lastname',
  'phone',
  'company',
  'hs_additional_emails',
  'name',
  'domain',
  'dealname',
  'hs_task_subject',
  'hs_task_body',
  'hs_call_title',
  'hs_note_body',
  'hs_meeting_title',
  'hs_email_subject',
]

/** Groups are alternatives, the filters in one must all hold. */
const matcher = ({ filterGroups, query }: SearchRequest): ((record: CrmRecord) => boolean) => {
  const words = (query ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return ({ properties }) => {
    const text = DEFAULT_SEARCHED.map(name => properties[name] ?? '')
      .join(' ')
      .toLowerCase()
    if (!words.every(word => text.includes(word))) return false
    return (
      filterGroups.length === 0 ||
      filterGroups.some(({ filters }) => filters.every(one => holds(one, properties[one.propertyName])))
    )
  }
}

type Test = (value: string, filter: Filter) => boolean

const holds = (filter: Filter, value: string | undefined): boolean => {
  const { operator } = filter
  if (operator === 'NOT_HAS_PROPERTY') return value === undefined
  const negated = NEGATIONS[operator]
  if (negated) return value === undefined || !TESTS[negated]?.(value, filter)
  return value !== undefined && (TESTS[operator]?.(value, filter) ?? false)
}

const NEGATIONS: Readonly<Record<string, string>> = { NEQ: 'EQ', NOT_IN: 'IN', NOT_CONTAINS_TOKEN: 'CONTAINS_TOKEN' }

const TESTS: Readonly<Record<string, Test>> = {
  HAS_PROPERTY: () => true,
  EQ: (value, filter) => compare(value, filter.value ?? '') === 0,
  LT: (value, filter) => compare(value, filter.value ?? '') < 0,
  LTE: (value, filter) => compare(value, filter.value ?? '') <= 0,
  GT: (value, filter) => compare(value, filter.value ?? '') > 0,
  GTE: (value, filter) => compare(value, filter.value ?? '') >= 0,
  BETWEEN: (value, filter) => compare(value, filter.value ?? '') >= 0 && compare(value, filter.highValue ?? '') <= 0,
  IN: (value, filter) => (filter.values ?? []).some(one => compare(value, one) === 0),
  CONTAINS_TOKEN: (value, filter) => containsToken(value, filter.value ?? ''),
}

/** Numbers and times compare as such, all else as text without regard to case. */
const compare = (a: string, b: string): number => {
  const [left, right] = [magnitude(a), magnitude(b)]
  if (left !== undefined && right !== undefined) return left - right
  return a.toLowerCase().localeCompare(b.toLowerCase())
}

const magnitude = (value: string): number | undefined => {
  const isTime = /^\d{4}-\d{2}-\d{2}/.test(value)
  const found = isTime ? Date.parse(value) : value.trim() === '' ? Number.NaN : Number(value)
  return Number.isNaN(found) ? undefined : found
}

const containsToken = (value: string, token: string): boolean => {
  const escaped = token
    .toLowerCase()
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
  const whole = new RegExp(`^${escaped}$`)
  const lowered = value.toLowerCase()
  return [lowered, ...lowered.split(/[\s;,]+/), ...lowered.split(/[^a-z0-9]+/)].some(part => whole.test(part))
}

const order = (sort: SearchRequest['sorts'][number] | undefined): ((a: CrmRecord, b: CrmRecord) => number) => {
  if (sort === undefined) return (a, b) => a.createdAt - b.createdAt || Number(a.id) - Number(b.id)
  const text = typeof sort === 'string' ? sort : `${sort.direction.startsWith('DESC') ? '-' : ''}${sort.propertyName}`
  const sign = text.startsWith('-') ? -1 : 1
  const name = text.replace(/^-/, '')
  return (a, b) => {
    const [left, right] = [a.properties[name], b.properties[name]]
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined)
    return sign * compare(left, right) || Number(a.id) - Number(b.id)
  }
}
