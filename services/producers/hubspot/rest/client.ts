import { z } from 'zod'
import type { Clock } from '../../../runtime/clock.ts'
import type { ObjectType } from '../object-types.ts'
import { paging, readAs } from './answers.ts'
import { createAsking, type HubSpotReaderOptions, type Pace } from './asking.ts'
import { pageDeleted, searchesPerSecond } from './limits.ts'

/** What is to be known of a type to search its records. */
export interface Searched extends Pick<ObjectType, 'modified' | 'scope'> {
  /** In paths of the API. */
  readonly path: string
}

/** A condition that a record must meet; times in milliseconds. */
export interface Filter {
  readonly propertyName: string
  readonly operator: 'GTE' | 'LTE' | 'GT'
  readonly value: string
}

/** Which records of a type are asked for, and what of them. */
export interface Search {
  readonly filters: readonly Filter[]
  /** The property by which they come, the least value first. */
  readonly sortedBy: string
  readonly properties: readonly string[]
  readonly limit: number
}

/** A record as HubSpot tells it: nothing of it is checked. */
export interface Found {
  readonly id: unknown
  readonly properties: Readonly<Record<string, unknown>>
}

/** The first records that were asked for. */
export interface FoundPage {
  readonly records: readonly Found[]
  /** How many there are. */
  readonly total: number
  /** Whether these are all of them. */
  readonly isAll: boolean
}

/** What is read of one account. Everything it rejects with is a `HubSpotError`. */
export interface HubSpotReader {
  /**
   * The first records that meet all conditions. It keeps to a part of the account's searches a second, and waits where HubSpot says that there were too many.
   * @param signal ends waits and requests: then it rejects with `HUBSPOT_INTERRUPTED`
   */
  search(type: Searched, search: Search, signal: AbortSignal): Promise<FoundPage>
}

/** A record that was deleted: nothing of it is checked. */
export interface FoundDeleted {
  readonly id?: unknown
  readonly archivedAt?: unknown
}

/** What was deleted of one account. Everything it rejects with is a `HubSpotError`. */
export interface HubSpotDeletions {
  /** At most 100 of the deleted records of a type, as long as HubSpot keeps them, in no order of time (`GET /crm/v3/objects/{type}?archived=true`, facts/hubspot.md §1.2). @param after where the page begins; null for the first */
  deleted(
    type: Pick<Searched, 'path' | 'scope'>,
    after: string | null,
    signal: AbortSignal,
  ): Promise<{ readonly records: readonly FoundDeleted[]; readonly next: string | null }>
}

/** All that a sweep reads. */
export type HubSpotSweepReader = HubSpotReader & HubSpotDeletions

const deletedShape = z.object({
  results: z.array(z.object({ id: z.unknown().optional(), archivedAt: z.unknown().optional() })),
  paging,
})

const answerShape = z.object({
  total: z.number().int().nonnegative(),
  results: z.array(z.object({ id: z.unknown(), properties: z.record(z.string(), z.unknown()).catch({}) })),
  paging: z
    .object({ next: z.object({}).nullish() })
    .nullish()
    .catch(null),
})

/** The body of a search. Everything that the specification asks for is there, although HubSpot itself is content with less. */
export const searchBody = ({ filters, sortedBy, properties, limit }: Search): string =>
  JSON.stringify({
    ...{ filterGroups: [{ filters }], sorts: [{ propertyName: sortedBy, direction: 'ASCENDING' }] },
    ...{ properties, limit, after: '0' },
  })

/**
 * Over our own exchange, not the official client that the sinks use: a sweep must end at once when its partition is another's, and that client can neither be
 * cancelled nor has a deadline or a bound for answers.
 */
export const createHubSpotReader = (options: HubSpotReaderOptions): HubSpotSweepReader => {
  const ask = createAsking(options, searchPace(options.clock))
  return {
    search: ({ path, scope }, search, signal) => {
      const question = { operation: `${path}.search`, path: `/crm/v3/objects/${path}/search`, scope, answers }
      const read = (text: string): FoundPage => pageIn(question.operation, text)
      return ask({ ...question, body: searchBody(search) }, read, signal)
    },
    deleted: ({ path, scope }, after, signal) => {
      const operation = `${path}.deleted`
      const query = new URLSearchParams({ archived: 'true', limit: String(pageDeleted), ...(after ? { after } : {}) })
      const question = { operation, path: `/crm/v3/objects/${path}?${query}`, scope, answers }
      const read = (text: string) => {
        const { results, paging: pages } = readAs(deletedShape, text, { operation, expected: 'records' })
        return { records: results, next: pages?.next?.after ?? null }
      }
      return ask(question, read, signal)
    },
  }
}

const answers: ReadonlySet<number> = new Set([200])

/** Evenly, below the searches a second that an account has. */
const searchPace = (clock: Clock): Pace => {
  let nextAt = 0
  return {
    myTurn: async signal => {
      const waitMs = nextAt - clock.now()
      nextAt = Math.max(nextAt, clock.now()) + Math.ceil(1_000 / searchesPerSecond)
      if (waitMs > 0) await clock.sleep(waitMs, signal)
    },
  }
}

const pageIn = (operation: string, text: string): FoundPage => {
  const { results: records, total, paging: pages } = readAs(answerShape, text, { operation, expected: 'records' })
  return { records, total, isAll: !pages?.next }
}
