import type { FieldValue } from '../../../../topology/define.ts'
import type {
  Problem,
  ReadResult,
  Rejected,
  StandaloneInput,
  StandaloneObject,
  StandaloneResult,
} from '../../../delivery/destination.ts'
import { namesUnknownProperty, noResult, orApiMissing, problemOfInput, unreadableAnswer } from '../answers.ts'
import { readOf, sendBatch } from '../batches.ts'
import type { HubSpotAnswer, HubSpotClient } from '../client.ts'
import { type BatchAnswer, type ContactResult, contactIn, contactsIn, errorsOf } from '../contacts/batches.ts'
import { batchInputs } from '../limits.ts'
import type { PrepareAgain } from '../setup/setup.ts'

/**
 * Properties of companies, by their record ids. A company is never made. HubSpot leaves one that was merged into another, or deleted, out of the answer of a batch in silence: such a one is
 * asked for alone, which gives the survivor, and the properties go there.
 */
export const companyObject = (client: HubSpotClient, prepareAgain: PrepareAgain): StandaloneObject => ({
  kind: 'keyed',
  of: null,
  batchSize: batchInputs,
  put: async (inputs, signal) => {
    const results = await putOnce(client, inputs, signal)
    const lacking = inputs.filter((_, index) => namesUnknownProperty(results[index] ?? { kind: '' }))
    if (lacking.length === 0) return results
    const prepared = await prepareAgain(signal)
    if (prepared === 'made-lately') return results
    const again = prepared === 'ready' ? await putOnce(client, lacking, signal) : lacking.map(() => prepared)
    const mended = new Map(lacking.map((input, index) => [input, again[index]]))
    return results.map((result, index) => mended.get(inputs[index] as StandaloneInput) ?? result)
  },
  read: (keys, fields, signal) => readCompanies(client, keys, fields, signal),
})

const putOnce = async (
  client: HubSpotClient,
  inputs: readonly StandaloneInput[],
  signal: AbortSignal,
): Promise<readonly StandaloneResult[]> => {
  const results = new Map<StandaloneInput, StandaloneResult>()
  const updatable = inputs.filter(input => isRecordId(input.key) && Object.keys(input.fields).length > 0)
  for (const input of inputs) if (!isRecordId(input.key)) results.set(input, noRecordId)
  for (const { inputs: some, answer } of await sendBatch(updatable, each => update(client, each, signal))) {
    if (answer.kind !== 'success') {
      for (const input of some) results.set(input, orApiMissing(answer))
      continue
    }
    const [errors, updated] = [errorsOf(answer.data), new Set(contactsIn(answer.data).map(({ id }) => id))]
    for (const input of some) {
      const error = errors.get(input.key)
      if (error) results.set(input, problemOfInput(error, answer))
      else if (updated.has(input.key)) results.set(input, put(input.key, answer))
      else results.set(input, await putElsewhere(client, input, signal))
    }
  }
  return inputs.map(input => results.get(input) ?? put(input.key, { status: null, correlationId: null }))
}

const update = (
  client: HubSpotClient,
  inputs: readonly StandaloneInput[],
  signal: AbortSignal,
): Promise<HubSpotAnswer<BatchAnswer>> =>
  client.callForResults(
    'companies.update',
    ({ companies }) =>
      companies.batchApi.updateWithHttpInfo({
        inputs: inputs.map(({ key, fields }) => ({ id: key, objectWriteTraceId: key, properties: asTexts(fields) })),
      }),
    signal,
  )

/** To a company of which a batch does not speak. */
const putElsewhere = async (
  client: HubSpotClient,
  { key, fields }: StandaloneInput,
  signal: AbortSignal,
): Promise<StandaloneResult> => {
  const found = await readCompany(client, key, [], signal)
  if (found.kind === 'missing') return { ...found, kind: 'skipped', code: 'HUBSPOT_COMPANY_DELETED' }
  if (found.kind !== 'found') return found
  if (found.company.id === key) return noResult(found)
  const answer = await client.call(
    'companies.update-one',
    ({ companies }) => companies.basicApi.updateWithHttpInfo(found.company.id, { properties: asTexts(fields) }),
    signal,
  )
  return answer.kind === 'success' ? put(found.company.id, answer) : answer
}

type Seen = { readonly status: number | null; readonly correlationId: string | null }

const put = (record: string, { status, correlationId }: Seen): StandaloneResult => ({
  ...{ kind: 'put', record, created: false, status, correlationId },
})

const readCompanies = async (
  client: HubSpotClient,
  keys: readonly string[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly ReadResult[]> => {
  const results: ReadResult[] = []
  for (let from = 0; from < keys.length; from += batchInputs) {
    const some = keys.slice(from, from + batchInputs)
    const answer = await client.callForResults(
      'companies.read',
      ({ companies }) => companies.batchApi.readWithHttpInfo(readOf(some, names)),
      signal,
    )
    const companies = new Map(answer.kind === 'success' ? contactsIn(answer.data).map(one => [one.id, one]) : [])
    for (const key of some) {
      const company = companies.get(key)
      if (answer.kind !== 'success') results.push(orApiMissing(answer))
      else if (company) results.push(held(company, names, answer))
      else {
        const found = await readCompany(client, key, names, signal)
        results.push(found.kind === 'found' ? held(found.company, names, found) : found)
      }
    }
  }
  return results
}

const held = (
  { properties }: ContactResult,
  names: readonly string[],
  { status, correlationId }: Seen,
): ReadResult => ({
  kind: 'held',
  fields: Object.fromEntries(names.map(name => [name, properties[name] || null])),
  status,
  correlationId,
})

/** One company, or the one that it was merged into. */
const readCompany = async (
  client: HubSpotClient,
  id: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<({ kind: 'found'; company: ContactResult } & Seen) | ({ kind: 'missing' } & Seen) | Problem> => {
  const answer = await client.call(
    'companies.get',
    ({ companies }) => companies.basicApi.getByIdWithHttpInfo(id, [...names]),
    signal,
  )
  const { status, correlationId } = answer
  if (answer.kind !== 'success')
    return answer.kind === 'rejected' && status === 404 ? { kind: 'missing', status, correlationId } : answer
  const [company] = contactIn(answer.data)
  return company ? { kind: 'found', company, status, correlationId } : unreadableAnswer(answer)
}

/** HubSpot takes strings only; the empty one clears. */
const asTexts = (fields: Readonly<Record<string, FieldValue>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === null ? '' : String(value)]))

const isRecordId = (key: string): boolean => /^[1-9]\d{0,18}$/.test(key)

const noRecordId: Rejected = {
  kind: 'rejected',
  code: 'HUBSPOT_COMPANY_ID',
  status: null,
  correlationId: null,
  message: 'Expected the record id of a company as the key of the write. Mend the mapping, then retry the dead letter.',
}
