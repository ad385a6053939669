import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { FieldValue } from '../../../../topology/define.ts'
import type {
  Put,
  ReadResult,
  Rejected,
  StandaloneInput,
  StandaloneObject,
  StandaloneResult,
} from '../../../delivery/destination.ts'
import { unreadable } from '../answers.ts'
import type { PendoClient } from '../client.ts'
import { batchInputs, concurrentReads } from '../limits.ts'
import type { MetadataKind } from './fields.ts'
import type { KnownFields } from './known-fields.ts'

/** Visitors or accounts: their metadata of the group `custom`. Those whom Pendo does not know are made. */
export const metadataObject = (client: PendoClient, kind: MetadataKind, fields: KnownFields): StandaloneObject => ({
  kind: 'keyed',
  of: null,
  batchSize: batchInputs,
  fit: values => fields.fit(values),
  put: async (inputs, signal) => {
    await fields.keepFresh(signal)
    const results = new Map<StandaloneInput, StandaloneResult>()
    await send({ client, kind, fields, results }, inputs, signal)
    return inputs.map(input => results.get(input) ?? unreadable(200))
  },
  read: (keys, names, signal) => readAll(client, kind, fields, keys, names, signal),
})

interface Sending {
  readonly client: PendoClient
  readonly kind: MetadataKind
  readonly fields: KnownFields
  readonly results: Map<StandaloneInput, StandaloneResult>
}

/**
 * Sends a batch. Pendo answers 200 also when some failed, and does not always say which: such a batch, and one that is refused as a whole, is divided until the
 * cause is alone. To write what was written again changes nothing.
 */
const send = async (sending: Sending, inputs: readonly StandaloneInput[], signal: AbortSignal): Promise<void> => {
  const { client, kind, results } = sending
  const answer = await client.call(
    {
      operation: `metadata.${kind}`,
      method: 'POST',
      path: `/api/v1/metadata/${kind}/custom/value?create=true`,
      body: inputs.map(({ key, fields: values }) => ({ [`${kind}Id`]: key, values })),
    },
    signal,
  )
  if (answer.kind !== 'success' && answer.kind !== 'rejected') {
    for (const input of inputs) results.set(input, answer)
    return
  }
  const failed = answer.kind === 'success' ? failuresIn(answer.body, kind) : 'some'
  if (failed === undefined) for (const input of inputs) results.set(input, unreadable(answer.status ?? 200))
  else if (failed === 'none') for (const input of inputs) results.set(input, taken)
  else if (inputs.length === 1) await settleAlone(sending, inputs[0], answer.status, signal)
  else {
    const named = failed === 'some' ? [] : inputs.filter(({ key }) => failed.has(key))
    const others = inputs.filter(input => !named.includes(input))
    if (named.length > 0) {
      for (const input of others) results.set(input, taken)
      for (const input of named) await send(sending, [input], signal)
      return
    }
    const middle = Math.ceil(inputs.length / 2)
    await send(sending, inputs.slice(0, middle), signal)
    await send(sending, inputs.slice(middle), signal)
  }
}

const taken: Put = { kind: 'put', record: null, created: false, status: 200, correlationId: null }

/** A field may have been removed or changed in Pendo since the fields were read: then what is left of the write is sent. */
const settleAlone = async (
  { fields, results }: Sending,
  input: StandaloneInput | undefined,
  status: number | null,
  signal: AbortSignal,
): Promise<void> => {
  if (!input) return
  await fields.readAgain(signal)
  const isStill = isDeepStrictEqual(fields.fit(input.fields).fields, input.fields)
  results.set(input, isStill ? refused(status) : changedMeanwhile(status))
}

const refused = (status: number | null): Rejected => ({
  ...{ kind: 'rejected', code: 'PENDO_METADATA_REFUSED', status, correlationId: null },
  message:
    'Pendo refuses the id or a value of this visitor or account. Compare its values with the types of the fields in Pendo, under Settings, Data mappings, then retry the dead letter.',
})

const changedMeanwhile = (status: number | null): StandaloneResult => ({
  ...{ kind: 'retry', code: 'PENDO_FIELDS_CHANGED', limited: true, status, correlationId: null },
  message: 'The fields in Pendo changed: what they still take is sent.',
})

const counted = z.object({
  failed: z.number(),
  missing: z.array(z.string()).nullish(),
  errors: z.array(z.record(z.string(), z.unknown())).nullish().catch(null),
})

/** Who failed: nobody, these ids, or some of whom not all are named; undefined for an answer that says nothing of it. */
const failuresIn = (body: unknown, kind: MetadataKind): 'none' | 'some' | ReadonlySet<string> | undefined => {
  const { success, data } = counted.safeParse(body)
  if (!success) return undefined
  if (data.failed === 0) return 'none'
  const named = new Set([...(data.missing ?? []), ...(data.errors ?? []).flatMap(error => idIn(error, kind))])
  return named.size === data.failed ? named : 'some'
}

const idIn = (error: Readonly<Record<string, unknown>>, kind: MetadataKind): readonly string[] => {
  const id = error[`${kind}Id`]
  return typeof id === 'string' ? [id] : []
}

/** One by one: Pendo gives visitors and accounts by their id only. */
const readAll = async (
  client: PendoClient,
  kind: MetadataKind,
  fields: KnownFields,
  keys: readonly string[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly ReadResult[]> => {
  const problem = await fields.keepFresh(signal)
  if (problem) return keys.map(() => problem)
  const results: ReadResult[] = []
  for (let from = 0; from < keys.length; from += concurrentReads) {
    const some = keys.slice(from, from + concurrentReads)
    results.push(...(await Promise.all(some.map(key => readOne(client, kind, key, names, signal)))))
  }
  return results
}

const profile = z.object({
  metadata: z.object({ custom: z.record(z.string(), z.unknown()).nullish() }).nullish(),
})

const readOne = async (
  client: PendoClient,
  kind: MetadataKind,
  key: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadResult> => {
  const path = `/api/v1/${kind}/${encodeURIComponent(key)}`
  const answer = await client.call({ operation: `${kind}.read`, method: 'GET', path }, signal)
  if (answer.kind !== 'success')
    return answer.status === 404 ? { kind: 'missing', status: 404, correlationId: null } : answer
  const { success, data } = profile.safeParse(answer.body)
  if (!success) return unreadable(answer.status)
  const held = scalars(data.metadata?.custom ?? {})
  const asked = Object.fromEntries(names.map(name => [name, null]))
  return { kind: 'held', fields: { ...asked, ...held }, status: answer.status, correlationId: null }
}

const scalars = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, FieldValue>> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isScalar(value) ? value : JSON.stringify(value)]),
  )

const isScalar = (value: unknown): value is FieldValue => value === null || typeof value !== 'object'
