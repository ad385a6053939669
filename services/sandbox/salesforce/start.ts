import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../runtime/clock.ts'
import type { Answer } from '../answers.ts'
import { startVendorServer, type Vendor, type VendorServer, type VendorServerOptions } from '../vendor-server.ts'
import { type Allowance, createAllowance, ENTERPRISE_DAILY_CALLS } from './allowance.ts'
import { notFound } from './errors.ts'
import { eventInspectionRoutes } from './events/inspection.ts'
import { callOrigin, originOf } from './events/origin.ts'
import { createPayloads } from './events/payloads.ts'
import { createPubSubServer, type PubSubServer } from './events/server.ts'
import { orgInspectionRoutes } from './inspection.ts'
import { createSessions, oauthRoutes, type Sessions } from './oauth.ts'
import { createOrg, type Org } from './org.ts'
import { pageRoutes, SALESFORCE_BLUE } from './page/page.ts'
import { collectionRoutes } from './rest/collections.ts'
import { isVersion, organizationRoutes } from './rest/organization.ts'
import { queryRoutes } from './rest/queries.ts'
import { recordRoutes } from './rest/records.ts'
import { replicationRoutes } from './rest/replication.ts'
import { toolingRoutes } from './rest/tooling.ts'

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
  /** Objects whose changes are sent as events. */
  readonly changeDataCapture?: readonly string[]
  /** Whether the org has shared activities, which its administrator switches on. */
  readonly sharedActivities?: boolean
}

export interface SalesforceSandbox extends VendorServer {
  /** Where the Pub/Sub API is, for programs of this machine. */
  readonly pubSubUrl: string
}

const DEFAULTS = {
  dailyCalls: ENTERPRISE_DAILY_CALLS,
  sessionMs: 2 * 60 * 60 * 1000,
  queryPageSize: 2000,
  tributaryField: true,
  duplicateRules: false,
  changeDataCapture: ['Task', 'Lead', 'Contact'],
  sharedActivities: false,
}

/** Starts an emulated Salesforce org: OAuth, records, collections, queries, the daily allowance, change events, and a page to read and edit. */
export const startSalesforceSandbox = async (options: SalesforceSandboxOptions = {}): Promise<SalesforceSandbox> => {
  const settings = { ...DEFAULTS, ...options }
  let pubSub: PubSubServer | undefined
  const server = await startVendorServer(
    'salesforce',
    ({ store, clock }) => {
      const org = createOrg(store, clock, settings)
      const allowance = createAllowance(settings.dailyCalls, clock)
      const sessions = createSessions(settings.sessionMs, org.organizationId, clock)
      const payloads = createPayloads(org.schema)
      const selected = new Set(settings.changeDataCapture)
      const { organizationId, events: bus } = org
      pubSub = createPubSubServer({ organizationId, selected, bus, payloads, sessions, clock })
      const { queryPageSize } = settings
      return salesforce({ org, allowance, sessions, clock, queryPageSize, selected, pubSub })
    },
    options,
  )
  try {
    if (!pubSub) throw new RangeError('The sandbox was started without its vendor')
    return { ...server, pubSubUrl: await pubSub.listen() }
  } catch (error) {
    await server.close()
    throw error
  }
}

interface Parts {
  readonly org: Org
  readonly allowance: Allowance
  readonly sessions: Sessions
  readonly clock: Clock
  readonly queryPageSize: number
  /** Objects that an administrator selected under Change Data Capture. */
  readonly selected: ReadonlySet<string>
  readonly pubSub: PubSubServer
}

const salesforce = ({ org, allowance, sessions, clock, queryPageSize, selected, pubSub }: Parts): Vendor => ({
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
    toolingRoutes(app, selected, clock)
    replicationRoutes(app, org, clock.now)
    collectionRoutes(app, org)
    recordRoutes(app, org)
  },
  pages: app => {
    orgInspectionRoutes(app, org, clock)
    eventInspectionRoutes(app, org.events, pubSub)
    pageRoutes(app, org)
  },
  problem,
  reset: () => {
    allowance.reset()
    sessions.end()
    org.reset()
  },
  close: () => pubSub.close(),
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
    callOrigin.run(originOf(request, version), () => done(problem))
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
