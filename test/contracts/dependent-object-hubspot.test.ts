import type { TestContext } from 'node:test'
import type { DependentObject, Destination, RecordRef } from '../../services/delivery/destination.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import type { FieldValue } from '../../topology/define.ts'
import { type Account, openAccount } from '../sandbox/hubspot.ts'
import { type DependentHarness, dependentContract } from './dependent-object.contract.ts'

type Fields = Readonly<Record<string, FieldValue>>

const burst = 10_000
const limited = { status: 429, headers: { 'retry-after': '0' }, body: { policyName: 'TEN_SECONDLY_ROLLING' } }
const refused = { status: 401, body: { category: 'INVALID_AUTHENTICATION' } }

const open = async (context: TestContext) => {
  const account = await openAccount(context, { limits: { burst }, eventLagMs: 0 })
  const limit = { requests: burst, windowMs: 10_000 }
  return {
    account,
    ...hubSpotDestinations({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock, limit }),
  }
}

/** What both kinds have in common: they belong to contacts. */
const onContacts = (
  account: Account,
  path: string,
): Pick<DependentHarness, 'add' | 'merge' | 'remove' | 'disturb'> => ({
  add: async email =>
    contact((await account.call('POST', '/crm/v3/objects/contacts', { properties: { email } })).body.id),
  merge: async (from, into) => {
    const request = { primaryObjectId: into.id, objectIdToMerge: from.id }
    return contact((await account.call('POST', '/crm/v3/objects/contacts/merge', request)).body.id)
  },
  remove: async ({ id }) => {
    await account.call('DELETE', `/crm/v3/objects/contacts/${id}`)
  },
  disturb: async how => {
    const answer = how === 'token' ? refused : how === 'limit' ? limited : how
    await account.call('POST', '/_sandbox/faults', { match: { path }, answer })
  },
})

const contact = (id: string): RecordRef => ({ object: 'contact', id })

const stateOf = async (account: Account, type: string): Promise<readonly Fields[]> =>
  (await account.call('GET', '/_sandbox/state')).body[type].map(({ properties }: { properties: Fields }) => properties)

dependentContract('HubSpot custom events', async context => {
  const { account, 'hubspot-events': destination } = await open(context)
  const fields = (number: number): Fields => ({
    ...{ webinar_id: '85746065432', topic: `Webinar ${number}`, start_time: '2026-03-04T15:00:00.000Z' },
    ...{ joined_at: null, left_at: null, attended_minutes: number, attended_percent: null },
  })
  return {
    ...onContacts(account, '/events/v3/send'),
    destination,
    object: 'zoom_webinar_attended',
    held: () => stateOf(account, 'event'),
    fields,
    refused: { ...fields(1), attended_minutes: 'poison-value' },
    kept: number => ({ topic: `Webinar ${number}`, attended_minutes: String(number) }),
  }
})

dependentContract('HubSpot product events', async context => {
  const { account, 'hubspot-events': destination } = await open(context)
  const fields = (number: number): Fields => ({
    ...{ 'event.kind': 'track', 'event.name': 'Report exported' },
    ...{ 'property.report': `Report ${number}`, 'property.rows': number },
  })
  return {
    ...onContacts(account, '/events/v3/send'),
    destination,
    object: 'product_event',
    held: () => stateOf(account, 'event'),
    fields,
    refused: { 'event.kind': 'poison-value', 'event.name': 'Report exported' },
    kept: number => ({ report: `Report ${number}`, rows: String(number) }),
  }
})

/** To HubSpot a participation is a contact in a webinar, so each key of the suite is a webinar. */
const webinarPerKey = (destination: Destination, name: string): Destination => {
  const object = destination.objects[name] as DependentObject
  const put: DependentObject['put'] = (inputs, signal) =>
    object.put(
      inputs.map(input => ({ ...input, fields: { ...input.fields, webinar_id: input.key } })),
      signal,
    )
  return { ...destination, objects: { [name]: { ...object, put } } }
}

dependentContract('HubSpot marketing participations', async context => {
  const { account, 'hubspot-marketing': hubspot } = await open(context)
  const at = (number: number): string => `2026-03-04T15:0${number}:00.000Z`
  const fields = (number: number): Fields => ({
    ...{ account: 'zoom', topic: 'Kafka for marketers', start_time: at(0), end_time: null },
    ...{ state: number === 1 ? 'registered' : 'attended', interaction_at: at(number), joined_at: null, left_at: null },
  })
  return {
    ...onContacts(account, '/marketing/v3/marketing-events/attendance'),
    destination: webinarPerKey(hubspot, 'marketing_participation'),
    object: 'marketing_participation',
    held: () => stateOf(account, 'marketing_participation'),
    fields,
    refused: { ...fields(1), state: 'poison-value' },
    kept: number => ({ attendanceState: number === 1 ? 'REGISTERED' : 'ATTENDED', occurredAt: at(number) }),
  }
})
