import type { TestContext } from 'node:test'
import type { HubSpotSandboxOptions } from '../../services/sandbox/hubspot/start.ts'
import { type Account, byAddress, openAccount } from './hubspot.ts'

export const SEND = '/events/v3/send'
export const EVENTS = '/events/v3/events'
export const NAME = 'pe24700001_webinar_joined'
export const UUIDS = ['0b5f6c1e-3c5e-5d0a-9c61-3e3f6b1a7a01', '0b5f6c1e-3c5e-5d0a-9c61-3e3f6b1a7a02']

export const PROPERTIES = [
  { name: 'webinar_id', type: 'string' },
  { name: 'join_url', type: 'string' },
  { name: 'minutes', type: 'number' },
  { name: 'joined_at', type: 'datetime' },
  { name: 'day', type: 'date' },
  { name: 'first', type: 'bool' },
  { name: 'how', type: 'enumeration', options: [{ label: 'Live', value: 'live' }] },
].map(property => ({ label: property.name, ...property }))

/** An account with two definitions and a contact. */
export const openWithEvents = async (context: TestContext, options: HubSpotSandboxOptions = {}) => {
  const account = await openAccount(context, options)
  for (const name of ['webinar_joined', 'webinar_missed'])
    await account.call('POST', '/events/v3/event-definitions', {
      ...{ label: name, name, propertyDefinitions: PROPERTIES, includeDefaultProperties: false },
    })
  const { results } = await account.client.crm.contacts.batchApi.upsert({ inputs: [byAddress('ada@example.com', {})] })
  return { account, contact: results[0]?.id ?? '' }
}

export const occurrence = (objectId: string, more: object = {}) => ({
  eventName: NAME,
  objectId,
  properties: {},
  ...more,
})

// biome-ignore lint/suspicious/noExplicitAny: rows of any object type
export const stateOf = async ({ call }: Account, type: string): Promise<any[]> =>
  (await call('GET', '/_sandbox/state')).body[type]

// biome-ignore lint/suspicious/noExplicitAny: an answer
export const read = async ({ call }: Account, query: string): Promise<any[]> =>
  (await call('GET', `${EVENTS}?${query}`)).body.results
