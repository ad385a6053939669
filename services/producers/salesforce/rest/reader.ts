import { z } from 'zod'
import { createSalesforceClient, type Row, type SalesforceClientOptions } from '../../../sinks/salesforce/api/client.ts'
import type { Session } from '../../../sinks/salesforce/api/session.ts'
import { pace } from './limits.ts'
import { refusalOf, unreadable } from './problems.ts'

/** Requests of the org in rolling 24 hours, those of everybody, as the last answer told them. */
export interface Usage {
  readonly used: number
  readonly limit: number
}

/** Some records that a query found, in its order. */
export interface Page {
  readonly rows: readonly Row[]
  /** Of all pages. */
  readonly total: number
  /** Where the next one is; undefined when this is the last. */
  readonly next: string | undefined
  /** The integration user, who reads and writes for Tributary, in 18 characters; null when the login did not tell. */
  readonly userId: string | null
  /** Undefined when the answer did not tell. */
  readonly usage: Usage | undefined
}

/** The first page of a query, or one that a page named. */
export type PageAddress = { readonly soql: string } | { readonly next: string }

/** Reads Salesforce by queries. */
export interface SalesforceReader {
  /** One page: one request. Deleted, merged and archived records are in it. Throws `SalesforceError`. @param operation its name in the metrics */
  page(operation: string, address: PageAddress, signal: AbortSignal): Promise<Page>
}

/** The session by which Salesforce is read, for its other APIs. */
export interface SalesforceSessions {
  /** Throws `SalesforceError`. @param refused one that was refused there: it is renewed once, whoever asks */
  session(signal: AbortSignal, refused?: Session): Promise<Session>
}

export const createSalesforceReader = (options: SalesforceClientOptions): SalesforceReader & SalesforceSessions => {
  const client = createSalesforceClient({ pace, ...options })
  return {
    page: async (operation, address, signal) => {
      const url = 'next' in address ? address.next : `/queryAll?q=${encodeURIComponent(address.soql)}`
      const answer = await client.call(
        operation,
        async connection => {
          const body: unknown = await connection.request(url)
          return { body, usage: connection.limitInfo.apiUsage }
        },
        signal,
      )
      if (answer.kind !== 'success') throw refusalOf(answer)
      const { success, data: page } = pageShape.safeParse(answer.data.body)
      if (!success || (!page.done && page.nextRecordsUrl === undefined)) throw unreadable('a page of records')
      const user = await client.user(signal)
      return {
        rows: page.records,
        total: page.totalSize,
        next: page.done ? undefined : page.nextRecordsUrl,
        userId: user.kind === 'user' ? user.id : null,
        usage: answer.data.usage,
      }
    },
    session: async (signal, refused) => {
      const session = await client.session(signal, refused)
      if (session.kind !== 'session') throw refusalOf({ kind: 'refused', problem: session, failure: undefined })
      return session
    },
  }
}

/** The next page is of the same org: its address is a path. */
const pageShape = z.object({
  records: z.array(z.record(z.string(), z.unknown())),
  totalSize: z.number().nonnegative(),
  done: z.boolean().default(true),
  nextRecordsUrl: z.string().startsWith('/').optional(),
})
