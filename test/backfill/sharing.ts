import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type BackfillResult, runBackfill } from '../../services/backfill/backfill.ts'
import { backfillParts, taskWorkers } from '../../services/backfill/parts.ts'
import type { Destination } from '../../services/delivery/destination.ts'
import { Owners } from '../../services/producers/hubspot/activities/owners.ts'
import { syncedWithSalesforce } from '../../services/producers/hubspot/activities/people.ts'
import { readActivities } from '../../services/producers/hubspot/activities/reading.ts'
import { activityTypes } from '../../services/producers/hubspot/activities/types.ts'
import {
  createHubSpotActivityReader,
  type HubSpotActivityReader,
} from '../../services/producers/hubspot/rest/activities.ts'
import { createHubSpotReader } from '../../services/producers/hubspot/rest/client.ts'
import { createSalesforceReader, type SalesforceReader } from '../../services/producers/salesforce/rest/reader.ts'
import { columns, taskTold } from '../../services/producers/salesforce/tasks.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { tasks } from '../../topology/topics.ts'
import { openAccount } from '../sandbox/hubspot.ts'
import { openOrg } from '../sinks/salesforce-org.ts'
import { startTestSystem } from '../system.ts'

const many = 100_000
/** The emulated HubSpot's own app, whose writes are told as ours. */
const appId = '5070001'

/** A task as either CRM shows it. */
export type Shown = Readonly<Record<string, unknown>> & { readonly id: string }

/** Around what the backfill reads by; what is read alive is read by the own readers. */
export interface Around {
  readonly hubspot?: (own: HubSpotActivityReader) => HubSpotActivityReader
  readonly salesforce?: (own: SalesforceReader) => SalesforceReader
}

/** Both CRMs emulated, and all that runs between them, on a Kafka in memory. People work in both by hand. */
export const startSharing = async (context: TestContext) => {
  const limits = { burst: many, searchesPerSecond: many, associationBurst: many }
  const account = await openAccount(context, { clock, limits, appId: Number(appId) })
  const org = await openOrg(context, { clock })
  const hubspot = hubSpotDestinations({
    ...{ accessToken: 'sandbox', baseUrl: account.url, clock, searchLagMs: 0 },
    limit: { requests: many, windowMs: 10_000 },
  })
  const destinations = new Map<string, Destination>([
    ['hubspot-tasks', hubspot['hubspot-tasks']],
    ['salesforce', org.destination],
  ])
  const system = await startTestSystem(pipeline, { destinations })
  context.after(() => system.close())
  const metrics = createMetrics()
  const options = { baseUrl: account.url, accessToken: 'sandbox', clock, metrics }
  const own = createHubSpotActivityReader(options)
  const ownSalesforce = createSalesforceReader({
    ...org.login,
    clock,
    metrics,
    pace: { requests: many, windowMs: 1_000 },
  })
  const synced = syncedWithSalesforce({ find: alias => system.pipeline.directory.find(alias) })
  const [type] = activityTypes
  assert.ok(type)
  const backfill = async (around: Around = {}): Promise<BackfillResult> => {
    const { kafka, codec } = system
    const reader = around.hubspot?.(own) ?? own
    const parts = backfillParts(
      {
        hubspot: { searches: createHubSpotReader(options), reader, appId, clock, synced },
        salesforce: { reader: around.salesforce?.(ownSalesforce) ?? ownSalesforce, clock },
      },
      { activities: {} },
      'both',
    )
    const { directory } = system.pipeline
    const workers = taskWorkers(pipeline)
    const result = await runBackfill(
      { kafka, codec, clock, logger: silentLogger, directory, workers },
      {
        ...{ parts, since: null, rate: 0, restart: false, onProgress: () => undefined },
        signal: new AbortController().signal,
      },
    )
    await system.settle()
    return result
  }
  const { signal } = new AbortController()
  const form = async (path: string, fields: Record<string, string> = {}): Promise<void> => {
    const request = { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' } as const
    assert.equal((await fetch(account.url + path, request)).status, 303)
  }
  return {
    ...{ account, org, system, backfill, form },
    /** What a person does in Salesforce; gives the record's id. */
    edit: async (fields: object, id?: string): Promise<string> =>
      (await org.call('POST', '/_sandbox/edit', { object: 'Task', fields, ...(id ? { id } : {}) })).id,
    /** Somebody who is in both CRMs; gives the ids of their records. */
    person: async (email: string) => {
      const made = await account.call('POST', '/crm/v3/objects/contacts', { properties: { email } })
      const contact: string = made.body.id
      const record = await org.add('Contact', { LastName: email, Email: email })
      await system.person(`email:${email}`, `hubspot:contact:${contact}`, `salesforce:contact:${record}`)
      return { contact, record }
    },
    /** The live producers read one task now. */
    liveHubSpot: async (id: string): Promise<void> => {
      const parts = { reader: own, owners: new Owners(own, clock), synced, clock, appId }
      const { told } = await readActivities(parts, type, [{ id, at: clock.now(), gone: false }], signal)
      await system.given(tasks, ...told)
    },
    liveSalesforce: async (id: string): Promise<void> => {
      const soql = `SELECT ${columns.join(', ')} FROM Task WHERE Id = '${id}'`
      const { rows, userId } = await ownSalesforce.page('tasks', { soql }, signal)
      const reading = { receivedAt: clock.now(), userId, isGone: () => false }
      await system.given(tasks, ...rows.flatMap(row => taskTold(row, reading)?.records.map(({ value }) => value) ?? []))
    },
    inHubSpot: async (): Promise<readonly Shown[]> =>
      ((await account.call('GET', '/_sandbox/state')).body.tasks as { id: string; properties: object }[]).map(
        ({ id, properties }) => ({ id, ...properties }),
      ),
    inSalesforce: async (): Promise<readonly Shown[]> =>
      (
        await org.query(
          'SELECT Id, Subject, Status, WhoId, Tributary_Id__c FROM Task WHERE IsDeleted = false ORDER BY Id',
        )
      ).map(row => ({ id: String(row['Id']), ...row })),
    /** Requests to change something, at both. */
    writes: async (): Promise<readonly string[]> => {
      const atHubSpot = (await account.call('GET', '/_sandbox/requests')).body as Request[]
      const atSalesforce = (await org.call('GET', '/_sandbox/requests')) as Request[]
      return [...atHubSpot, ...atSalesforce]
        .filter(({ method, path }) => method !== 'GET' && !isReading.test(path))
        .map(({ method, path }) => `${method} ${path}`)
    },
  }
}

interface Request {
  readonly method: string
  readonly path: string
}

/** What is read or logged in by a POST, and what a test does by itself. */
const isReading = /\/(?:search|batch\/read|token)(?:\?|$)|^\/(?:_sandbox|records)\//
