import { z } from 'zod'
import type { FieldValue } from '../../../../topology/define.ts'
import type { SetInput } from '../../../delivery/destination.ts'
import { errorBodyIn, type HubSpotErrorBody } from '../answers.ts'
import type { HubSpotAnswer, HubSpotClient } from '../client.ts'

/** What the answers of batches have in common, as the official client gives it: nobody has looked at what is in it. */
export interface BatchAnswer {
  readonly results: readonly unknown[]
  readonly errors?: unknown
}

const contact = z.object({
  id: z.string().min(1),
  properties: z.record(z.string(), z.string().nullable().catch(null)),
  objectWriteTraceId: z.string().optional().catch(undefined),
  _new: z.boolean().optional().catch(undefined),
})

export type ContactResult = Readonly<z.output<typeof contact>>

/** The contacts among the results. What has no id or no properties is none: whoever misses a contact asks for it alone. */
export const contactsIn = ({ results }: BatchAnswer): readonly ContactResult[] => results.flatMap(contactIn)

export const contactIn = (result: unknown): ContactResult[] => {
  const { success, data } = contact.safeParse(result)
  return success ? [data] : []
}

export type Batch = (
  client: HubSpotClient,
  inputs: readonly Traced[],
  signal: AbortSignal,
) => Promise<HubSpotAnswer<BatchAnswer>>

/** An input on its way, with its place in the answer. */
export interface Traced {
  readonly input: SetInput
  readonly traceId: string
  /** Address that identifies a contact to make. */
  readonly address: string
}

export const update: Batch = (client, traced, signal) =>
  client.callForResults(
    'contacts.update',
    ({ contacts }) =>
      contacts.batchApi.updateWithHttpInfo({
        inputs: traced.map(({ input, traceId }) => ({
          id: input.record ?? '',
          objectWriteTraceId: traceId,
          properties: propertiesOf(input),
        })),
      }),
    signal,
  )

export const upsert: Batch = (client, traced, signal) =>
  client.callForResults(
    'contacts.upsert',
    ({ contacts }) =>
      contacts.batchApi.upsertWithHttpInfo({
        inputs: traced.map(({ input, traceId, address }) => ({
          id: address,
          idProperty: 'email',
          objectWriteTraceId: traceId,
          properties: { ...asStrings(input.fieldsOnCreate), ...propertiesOf(input), email: address },
        })),
      }),
    signal,
  )

/** `email` is left out: on a contact that is known by another address it would exchange the main address. */
export const propertiesOf = ({ fields }: SetInput): Record<string, string> => {
  const { email: _, ...properties } = asStrings(fields)
  return properties
}

/** HubSpot takes strings only; the empty one clears. */
const asStrings = (fields: Readonly<Record<string, FieldValue>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === null ? '' : String(value)]))

export const addressesOf = (properties: ContactResult['properties']): string[] =>
  [properties['email'], ...(properties['hs_additional_emails'] ?? '').split(';')].flatMap(address =>
    address ? [address.trim().toLowerCase()] : [],
  )

/** The result of an input: results come in any order, and may not repeat the trace id. */
export const resultOf = (
  { input, traceId, address }: Traced,
  results: readonly ContactResult[],
): ContactResult | undefined =>
  input.record === null
    ? (results.find(({ objectWriteTraceId }) => objectWriteTraceId === traceId) ??
      results.find(({ properties }) => addressesOf(properties).includes(address)))
    : results.find(({ id }) => id === input.record)

/** The errors of single inputs by trace id. */
export const errorsOf = ({ errors }: BatchAnswer): ReadonlyMap<string, HubSpotErrorBody> =>
  new Map(
    (Array.isArray(errors) ? errors : [])
      .map(errorBodyIn)
      .flatMap(error => (error.context?.['objectWriteTraceId'] ?? []).map(id => [id, error] as const)),
  )

const history = z.object({
  propertiesWithHistory: z.record(z.string(), z.array(z.object({ value: z.string(), timestamp: z.date() }))).nullish(),
})

/** Earlier values of a contact by property; undefined for an answer that is no contact's. */
export const historyIn = (data: unknown) => {
  const { success, data: found } = history.safeParse(data)
  return success ? (found.propertiesWithHistory ?? {}) : undefined
}

/** The value before the newest one; empty when there was none. */
export const formerValue = (history: readonly { readonly value: string; readonly timestamp: Date }[]): string =>
  history.toSorted((a, b) => b.timestamp.getTime() - a.timestamp.getTime())[1]?.value ?? ''

/** HubSpot refuses a batch that names an address twice. */
export const wavesOf = (traced: readonly Traced[]): Traced[][] => {
  const waves: Map<string, Traced>[] = []
  for (const one of traced) {
    const wave = waves.find(each => !each.has(one.address)) ?? new Map<string, Traced>()
    if (wave.size === 0) waves.push(wave)
    wave.set(one.address, one)
  }
  return waves.map(wave => [...wave.values()])
}
