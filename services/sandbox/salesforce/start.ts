import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../runtime/clock.ts'
import type { Answer } from '../answers.ts'
import { startVendorServer, type Vendor, type VendorServer, type VendorServerOptions } from '../vendor-server.ts'
import { type Allowance, createAllowance, ENTERPRISE_DAILY_CALLS } from './allowance.ts'
import { notFound } from './errors.ts'
import { orgInspectionRoutes } from './inspection.ts'
import { createSessions, oauthRoutes, type Sessions } from './oauth.ts'
import { createOrg, type Org } from './org.ts'
import { pageRoutes, SALESFORCE_BLUE } from './page/page.ts'
import { collectionRoutes } from './rest/collections.ts'
import { isVersion, organizationRoutes } from './rest/organization.ts'
import { queryRoutes } from './rest/queries.ts'
import { recordRoutes } from './rest/records.ts'
import { replicationRoutes } from './rest/replication.ts'

export interface SalesforceSandboxOptions extends VendorServerOptions {
  /** Calls within 24 rolling hours; those of an Enterprise org when not given. */
  readonly dailyCalls?: number
  /** How long a session lasts, in milliseconds. */
  readonly sessionMs?: number
  /** Records of one page of a query's results. */
  readonly queryPageSize?: number
  /** Whether a new org has the field `Tributary_Id__c` of tasks, as an administrator makes it. */
  readonly tributaryField?: boolean
  /** Whether the org refuses contacts and leads that have the address of another one. */
  readonly duplicateRules?: boolean
  /** Whether the org has shared activities, which its administrator switches on. */
  readonly sharedActivities?: boolean
}

const DEFAULTS = {
  dailyCalls: ENTERPRISE_DAILY_CALLS,
  sessionMs: 2 * 60 * 60 * 1000,
  queryPageSize: 2000,
  tributaryField: true,
  duplicateRules: false,
  sharedActivities: false,
}

/** Starts an emulated Salesforce org: OAuth, records, collections, queries, the daily allowance, and a page to read and edit. */
export const startSalesforceSandbox = (options: SalesforceSandboxOptions = {}): Promise<VendorServer> => {
  const settings = { ...DEFAULTS, ...options }
  return startVendorServer(
    'salesforce',
    ({ store, clock }) => {
      const org = createOrg(store, clock, settings)
      const allowance = createAllowance(settings.dailyCalls, clock)
      const sessions = createSessions(settings.sessionMs, org.organizationId, clock)
      return salesforce({ org, allowance, sessions, clock, queryPageSize: settings.queryPageSize })
    },
    options,
  )
}

interface Parts {
  readonly org: Org
  readonly allowance: Allowance
  readonly sessions: Sessions
  readonly clock: Clock
  readonly queryPageSize: number
}

const salesforce = ({ org, allowance, sessions, clock, queryPageSize }: Parts): Vendor => ({
  title: 'Salesforce',
  accent: SALESFORCE_BLUE,
  state: () =>
    Object.fromEntries(
      org.schema
        .objects()
        .map(object => [object.name, org.records.live(object).map(row => ({ id: row.Id, properties: row }))]),
    ),
  routes: app => {
    callHooks(app, sessions, allowance)
    oauthRoutes(app, org, sessions, clock)
    organizationRoutes(app, org, allowance)
    queryRoutes(app, org, queryPageSize)
    replicationRoutes(app, org, clock.now)
    collectionRoutes(app, org)
    recordRoutes(app, org)
  },
  pages: app => {
    orgInspectionRoutes(app, org, clock)
    pageRoutes(app, org)
  },
  problem,
  reset: () => {
    allowance.reset()
    sessions.end()
    org.reset()
  },
})

/** Every call under a version of the API needs a session, counts, and is answered with what the org has used up. */
const callHooks = (app: FastifyInstance, sessions: Sessions, allowance: Allowance): void => {
  app.addHook<{ Params: { version?: string } }>('preHandler', (request, reply, done) => {
    const [, version] = /^\/services\/data\/([^/?]+)/.exec(request.url) ?? []
    if (version === undefined) return done()
    const problem = problemOf(() => {
      sessions.assertOpen(request.headers.authorization)
      allowance.take()
      if (!isVersion(version)) throw notFound()
    })
    reply.header('sforce-limit-info', allowance.header())
    done(problem)
  })
}

const problemOf = (work: () => void): Error | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return error as Error
  }
}

const problem: Vendor['problem'] = ({ status, message }): Answer => {
  if (status === 404) return notFound().answer
  return { status, body: [{ message, errorCode: status < 500 ? 'JSON_PARSER_ERROR' : 'UNKNOWN_EXCEPTION' }] }
}
