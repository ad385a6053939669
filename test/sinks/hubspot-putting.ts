import type { TestContext } from 'node:test'
import type { DependentObject, Destination, PutInput, PutResult } from '../../services/delivery/destination.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import type { HubSpotSandboxOptions } from '../../services/sandbox/hubspot/start.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import { type Account, openAccount } from '../sandbox/hubspot.ts'

export const { signal } = new AbortController()

/** HubSpot's dependent objects over an emulated account, without the delivery engine. */
export const putting = async (context: TestContext, sandbox: HubSpotSandboxOptions = {}) => {
  const account = await openAccount(context, { limits: { burst: 10_000 }, eventLagMs: 0, ...sandbox })
  const destinations = hubSpotDestinations({
    ...{ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock },
    limit: { requests: 10_000, windowMs: 10_000 },
  })
  const put = (sink: keyof typeof destinations, object: string, ...inputs: PutInput[]): Promise<readonly PutResult[]> =>
    dependent(destinations[sink], object).put(inputs, signal)
  return { account, destinations, put }
}

const dependent = ({ objects }: Destination, name: string): DependentObject => {
  const object = objects[name]
  if (object === undefined || object.kind === 'record' || object.of === null)
    throw new Error(`${name} is no dependent object`)
  return object
}

export const input = (
  facts: Pick<PutInput, 'key' | 'fields'> & { readonly contact: string } & Partial<PutInput>,
): PutInput => {
  const { contact, ...rest } = facts
  return {
    ...{ of: { object: 'contact', id: contact }, at: null, known: false, repeated: false },
    person: { id: 'p1', aliases: [], emails: [], attributes: {} },
    ...rest,
  }
}

/** Merges and gives the survivor's id. */
export const mergeContacts = async (account: Account, gone: string, kept: string): Promise<string> =>
  (await account.call('POST', '/crm/v3/objects/contacts/merge', { primaryObjectId: kept, objectIdToMerge: gone })).body
    .id

export const removeContact = (account: Account, id: string): Promise<unknown> =>
  account.call('DELETE', `/crm/v3/objects/contacts/${id}`)

/** Codes of those that are problems, else the kind. */
export const told = (results: readonly PutResult[]): string[] =>
  results.map(result => ('code' in result ? result.code : result.kind))
