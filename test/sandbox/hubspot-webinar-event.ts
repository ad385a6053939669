import type { TestContext } from 'node:test'
import type { HubSpotSandboxOptions } from '../../services/sandbox/hubspot/start.ts'
import { type Account, byAddress, openAccount } from './hubspot.ts'

export const MARKETING = '/marketing/v3/marketing-events'
export const IDS = { externalEventId: '9-1', externalAccountId: 'zoom-1' }
export const WEBINAR = {
  ...IDS,
  eventName: 'Winter webinar',
  eventOrganizer: 'Tributary',
  startDateTime: '2026-10-14T12:00:00.000Z',
  endDateTime: '2026-10-14T13:00:00.000Z',
}
export const AT = Date.parse('2026-10-14T12:05:00Z')

/** An account with a marketing event and a contact. */
export const openWithWebinar = async (context: TestContext, options: HubSpotSandboxOptions = {}) => {
  const account = await openAccount(context, options)
  const { results } = await account.client.crm.contacts.batchApi.upsert({ inputs: [byAddress('ada@example.com', {})] })
  const { body } = await account.call('POST', `${MARKETING}/events`, WEBINAR)
  return { account, contact: Number(results[0]?.id), objectId: body.objectId as string }
}

// biome-ignore lint/suspicious/noExplicitAny: rows of any object type
export const stateOf = async ({ call }: Account, type: string): Promise<any[]> =>
  (await call('GET', '/_sandbox/state')).body[type]

export const attendance = (state: string, kind = 'create', query = '?externalAccountId=zoom-1') =>
  `${MARKETING}/attendance/9-1/${state}/${kind}${query}`

export const record = (account: Account, state: string, input: object, at = AT) =>
  account.call('POST', attendance(state), { inputs: [{ interactionDateTime: at, ...input }] })
