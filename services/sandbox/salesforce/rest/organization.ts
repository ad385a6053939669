import type { FastifyInstance } from 'fastify'
import type { Allowance } from '../allowance.ts'
import type { Org } from '../org.ts'
import { described, summary } from '../schema/describe.ts'
import { basePath, DATA, objectOf } from './requests.ts'

const OLDEST_VERSION = 31
const NEWEST_VERSION = 64

interface OrganizationRequest {
  Params: { version: string; object: string }
}

/** Whether it is a version of the API that the org has, as `v60.0`. */
export const isVersion = (version: string): boolean => {
  const [, number] = /^v(\d+)\.0$/.exec(version) ?? []
  return number !== undefined && Number(number) >= OLDEST_VERSION && Number(number) <= NEWEST_VERSION
}

/** What the org has: versions, limits, objects and their fields. */
export const organizationRoutes = (app: FastifyInstance, org: Org, allowance: Allowance): void => {
  app.get('/services/data', () =>
    Array.from({ length: NEWEST_VERSION - OLDEST_VERSION + 1 }, (_, index) => {
      const version = `${OLDEST_VERSION + index}.0`
      return { label: `Version ${version}`, url: `/services/data/v${version}`, version }
    }),
  )
  app.get<OrganizationRequest>(DATA, ({ params }) =>
    Object.fromEntries(
      ['sobjects', 'limits', 'query', 'queryAll', 'composite'].map(name => [name, `${basePath(params)}/${name}`]),
    ),
  )
  app.get(`${DATA}/limits`, () => ({ DailyApiRequests: { Max: allowance.limit, Remaining: allowance.remaining() } }))
  app.get<OrganizationRequest>(`${DATA}/sobjects`, ({ params }) => ({
    encoding: 'UTF-8',
    maxBatchSize: 200,
    sobjects: org.schema.objects().map(object => summary(object, basePath(params))),
  }))
  app.get<OrganizationRequest>(`${DATA}/sobjects/:object`, ({ params }) => ({
    objectDescribe: summary(objectOf(org, params.object), basePath(params)),
    recentItems: [],
  }))
  app.get<OrganizationRequest>(`${DATA}/sobjects/:object/describe`, ({ params }) =>
    described(org.schema, objectOf(org, params.object), basePath(params)),
  )
}
