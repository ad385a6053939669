import type { StandaloneObject } from '../../services/delivery/destination.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import type { FieldValue } from '../../topology/define.ts'
import { openAccount } from '../sandbox/hubspot.ts'
import { standaloneContract } from './standalone-object.contract.ts'

type Fields = Readonly<Record<string, FieldValue>>

const burst = 10_000
const answers = {
  limit: { status: 429, headers: { 'retry-after': '0' }, body: { policyName: 'TEN_SECONDLY_ROLLING' } },
  token: { status: 401, body: { category: 'INVALID_AUTHENTICATION' } },
  busy: { status: 503, headers: { 'retry-after': '0' } },
}
const noCompany = '999999999'

/** A company is never made by the sink, so each key of the suite stands for one that is made when it is first named. */
standaloneContract('HubSpot companies', async context => {
  const account = await openAccount(context, { limits: { burst } })
  const ids = new Map<string, string>([['key-none', noCompany]])
  const idOf = async (key: string): Promise<string> => {
    const made =
      ids.get(key) ?? (await account.call('POST', '/crm/v3/objects/companies', { properties: { name: key } })).body.id
    ids.set(key, made)
    return made
  }
  const idsOf = async (keys: readonly string[]): Promise<string[]> => {
    const all: string[] = []
    for (const key of keys) all.push(await idOf(key))
    return all
  }
  const limit = { requests: burst, windowMs: 10_000 }
  const { 'hubspot-companies': destination } = hubSpotDestinations({
    ...{ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock, limit },
  })
  const company = destination.objects['company'] as StandaloneObject
  const byKey: StandaloneObject = {
    ...company,
    put: async (inputs, signal) => {
      const records = await idsOf(inputs.map(({ key }) => key))
      return await company.put(
        inputs.map((input, index) => ({ ...input, key: records[index] ?? '' })),
        signal,
      )
    },
    read: async (keys, names, signal) => (await company.read?.(await idsOf(keys), names, signal)) ?? [],
  }
  const fields = (number: number): Fields => ({ numberofemployees: String(number), city: 'Berlin' })
  return {
    destination: { ...destination, objects: { company: byKey } },
    object: 'company',
    held: async () => {
      const { companies } = (await account.call('GET', '/_sandbox/state')).body
      const all = companies.map(({ properties }: { readonly properties: Fields }) => properties) as Fields[]
      return all.filter(({ numberofemployees }) => numberofemployees)
    },
    disturb: async how => {
      const answer = how === 'reset' || how === 'reset-after-apply' ? how : answers[how]
      await account.call('POST', '/_sandbox/faults', {
        match: { path: '/crm/v3/objects/companies/batch/update' },
        answer,
      })
    },
    fields,
    refused: { fields: { no_such_property: 'poison-value' } },
    kept: fields,
  }
})
