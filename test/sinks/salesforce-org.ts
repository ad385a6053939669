import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { PutInput, RecordRef, StandaloneInput, StandaloneObject } from '../../services/delivery/destination.ts'
import { type Clock, systemClock } from '../../services/runtime/clock.ts'
import { startSalesforceSandbox } from '../../services/sandbox/salesforce/start.ts'
import type { SalesforceClientOptions } from '../../services/sinks/salesforce/api/client.ts'
import { salesforceDestination } from '../../services/sinks/salesforce/destination.ts'
import type { Person } from '../../topology/define.ts'
import { asking } from '../sandbox/asking-with-token.ts'

type SandboxOptions = NonNullable<Parameters<typeof startSalesforceSandbox>[0]>
type Fields = Readonly<Record<string, unknown>>

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

export const { signal } = new AbortController()

/** An emulated org, with a destination that writes to it and ways to look into it and disturb it. */
export const openOrg = async (
  context: TestContext,
  options: {
    readonly sandbox?: SandboxOptions
    readonly client?: Partial<SalesforceClientOptions>
    readonly clock?: Clock
  } = {},
) => {
  const clock = options.clock ?? systemClock
  const sandbox = await startSalesforceSandbox({ clock, ...options.sandbox })
  context.after(() => sandbox.close())
  const call = asking(sandbox.url)
  const query = async (soql: string): Promise<Fields[]> =>
    (await call('GET', `/services/data/v60.0/queryAll?q=${encodeURIComponent(soql)}`)).records
  const login = { loginUrl: sandbox.url, clientId: 'sandbox', username: 'integration@example.com', privateKey }
  return {
    url: sandbox.url,
    login,
    call,
    query,
    destination: salesforceDestination({
      ...{ ...login, clock },
      pace: { requests: 100_000, windowMs: 1_000 },
      ...options.client,
    }),
    /** Makes a record past the destination; gives its id. */
    add: async (type: string, fields: Fields): Promise<string> =>
      (await call('POST', `/services/data/v60.0/sobjects/${type}`, fields)).id,
    remove: (type: string, id: string) => call('DELETE', `/services/data/v60.0/sobjects/${type}/${id}`),
    tasks: (): Promise<Fields[]> =>
      query('SELECT Id, Subject, Status, ActivityDate, WhoId, Tributary_Id__c FROM Task WHERE IsDeleted = false'),
    /** Requests of this path's beginning, in order. */
    requests: async (path: string): Promise<{ method: string; path: string; status: number; body: unknown }[]> =>
      (await call('GET', '/_sandbox/requests')).filter((one: { path: string }) => one.path.startsWith(path)),
    disturb: (path: string, answer: unknown, times = 1) =>
      call('POST', '/_sandbox/faults', { match: { path }, times, answer }),
  }
}

export type Org = Awaited<ReturnType<typeof openOrg>>

export const person = (...emails: string[]): Person => ({
  id: `person of ${emails[0] ?? 'nobody'}`,
  aliases: emails.map(email => `email:${email}`),
  emails,
  attributes: {},
})

export const taskOf = (of: RecordRef, key: string, fields: PutInput['fields'] = {}): PutInput => ({
  key,
  of,
  person: person(),
  fields: { Subject: `Attended: ${key}`, Status: 'Completed', ActivityDate: '2026-10-14', ...fields },
  at: null,
  known: false,
  repeated: false,
})

/** All that a task that is shared with another CRM has. */
export const wholeActivity = {
  ...{ Subject: 'Call Ada', Status: 'Not Started', Priority: 'High', Type: 'Call', ActivityDate: '2026-10-14' },
  ...{ Description: 'About the engine', OwnerId: null, WhoId: null, IsDeleted: false },
} as const

/** A first write of all fields unless others are given. */
export const activityOf = (key: string, fields: StandaloneInput['fields'] = wholeActivity): StandaloneInput => ({
  ...{ key, fields, at: null, known: false, repeated: false },
  // As the engine says of a first write that is whole.
  ...(fields['IsDeleted'] === false ? { news: {} } : {}),
})

/** A write of what changed, of an activity that was delivered before. */
export const changeOf = (key: string, fields: StandaloneInput['fields']): StandaloneInput => ({
  ...activityOf(key, fields),
  news: undefined,
  known: true,
})

export const contact = (id: string): RecordRef => ({ object: 'contact', id })
export const lead = (id: string): RecordRef => ({ object: 'lead', id })
export const paths = {
  token: '/services/oauth2/token',
  api: '/services/data',
  upsert: '/services/data/v60.0/composite/sobjects/Task/Tributary_Id__c',
  collections: '/services/data/v60.0/composite/sobjects',
  query: '/services/data/v60.0/query',
}

/** Puts tasks as the engine does. */
export const put = ({ destination }: Org, ...inputs: PutInput[]) => {
  const { task } = destination.objects
  assert.ok(task && task.kind !== 'record')
  return task.put(inputs, signal)
}

export const activityIn = ({ destination }: Org): StandaloneObject => {
  const { activity } = destination.objects
  assert.ok(activity && activity.kind !== 'record' && activity.of === null)
  return activity
}

/** Puts tasks that are shared with another CRM as the engine does. */
export const putActivities = (org: Org, ...inputs: StandaloneInput[]) => activityIn(org).put(inputs, signal)
