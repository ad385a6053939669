import type { FieldValue, Person } from '../../../../topology/define.ts'
import type { Answer, Gone, Missing, Orphaned, Problem, ReadResult, Resolution } from '../../../delivery/destination.ts'
import { orApiMissing, unreadableAnswer } from '../answers.ts'
import { readOf } from '../batches.ts'
import type { HubSpotAnswer, HubSpotClient, Success } from '../client.ts'
import { contactProperties, customContactProperties } from '../contact-properties.ts'
import { batchInputs } from '../limits.ts'
import { addressesOf, type BatchAnswer, type ContactResult, contactIn, contactsIn } from './batches.ts'

/** Finds the contacts that hold any of the persons' addresses. A person without one is skipped: there is nothing to know a contact by. */
export const resolveContacts = async (
  client: HubSpotClient,
  persons: readonly Person[],
  signal: AbortSignal,
): Promise<readonly Resolution[]> => {
  const addresses = [...new Set(persons.flatMap(({ emails }) => emails))]
  const holders = new Map<string, string>()
  let last: Success<unknown> | undefined
  for (let start = 0; start < addresses.length; start += batchInputs) {
    const answer = await lookUp(client, addresses.slice(start, start + batchInputs), holders, signal)
    if (answer.kind !== 'success') return persons.map(() => answer)
    last = answer
  }
  const seen = { status: last?.status ?? null, correlationId: last?.correlationId ?? null }
  return persons.map(({ emails }): Resolution => {
    if (emails.length === 0) return { kind: 'skipped', code: 'NO_ADDRESS', status: null, correlationId: null }
    const address = emails.find(email => holders.has(email.toLowerCase()))
    const id = address === undefined ? undefined : holders.get(address.toLowerCase())
    if (address === undefined || id === undefined) return { kind: 'missing', ...seen }
    return { kind: 'found', record: { object: 'contact', id }, alias: `email:${address}`, ...seen }
  })
}

/** Finds who holds the addresses, as their main or an additional one: the answer does not say which input led to a contact. */
const lookUp = async (
  client: HubSpotClient,
  addresses: readonly string[],
  holders: Map<string, string>,
  signal: AbortSignal,
): Promise<Success<unknown> | Problem> => {
  const answer = await readBatch(client, 'email', addresses, ['email', 'hs_additional_emails'], signal)
  if (answer.kind === 'rejected' && addresses.length > 1) {
    const middle = Math.ceil(addresses.length / 2)
    const first = await lookUp(client, addresses.slice(0, middle), holders, signal)
    return first.kind === 'success' ? await lookUp(client, addresses.slice(middle), holders, signal) : first
  }
  // One address that HubSpot refuses to look for is nobody's.
  if (answer.kind === 'rejected' && answer.status !== 404) {
    const { status, correlationId } = answer
    return { kind: 'success', status: status ?? 400, correlationId, data: undefined }
  }
  if (answer.kind !== 'success') return orApiMissing(answer)
  for (const { id, properties } of contactsIn(answer.data))
    for (const address of addressesOf(properties)) holders.set(address, id)
  return answer
}

/** What contacts hold, as the values that `send` would write. Results in the order of the ids. */
export const readContacts = async (
  client: HubSpotClient,
  ids: readonly string[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<readonly ReadResult[]> => {
  return (await fetchContacts(client, ids, fields, signal)).map(result =>
    result.kind === 'fetched'
      ? { kind: 'held', fields: heldBy(result, fields), status: result.status, correlationId: result.correlationId }
      : result,
  )
}

/** Whether a contact is there under this id, or was merged into another one or deleted (`survivor` null). */
export type Located = (Answer & { readonly kind: 'here' }) | Gone | Problem

/** Results in the order of the ids. */
export const locateContacts = async (
  client: HubSpotClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Located[]> =>
  (await fetchContacts(client, ids, ['email'], signal)).map((result, index): Located => {
    if (result.kind !== 'fetched' && result.kind !== 'missing') return result
    const { status, correlationId } = result
    if (result.kind === 'missing') return { kind: 'gone', survivor: null, status, correlationId }
    return result.id === ids[index]
      ? { kind: 'here', status, correlationId }
      : { kind: 'gone', survivor: result.id, status, correlationId }
  })

/** What a contact that is gone means for that which belongs to it. */
export const orphanedBy = ({ survivor, status, correlationId }: Gone): Orphaned => ({
  kind: 'orphaned',
  survivor: survivor === null ? null : { object: 'contact', id: survivor },
  status,
  correlationId,
})

interface Fetched extends Answer {
  readonly kind: 'fetched'
  /** Another one than was asked for when that was merged into it. */
  readonly id: string
  readonly properties: ContactResult['properties']
}

const fetchContacts = async (
  client: HubSpotClient,
  ids: readonly string[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly (Fetched | Missing | Problem)[]> => {
  const results: (Fetched | Missing | Problem)[] = []
  for (let start = 0; start < ids.length; start += batchInputs)
    results.push(...(await fetchSome(client, ids.slice(start, start + batchInputs), names, signal)))
  return results
}

const fetchSome = async (
  client: HubSpotClient,
  ids: readonly string[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly (Fetched | Missing | Problem)[]> => {
  const answer = await readBatch(client, null, [...new Set(ids)], names, signal)
  if (answer.kind !== 'success') {
    const problem = orApiMissing(answer)
    return ids.map(() => problem)
  }
  const { status, correlationId } = answer
  const contacts = new Map(contactsIn(answer.data).map(contact => [contact.id, contact]))
  return await Promise.all(
    ids.map(async (id): Promise<Fetched | Missing | Problem> => {
      const contact = contacts.get(id)
      if (contact) return { kind: 'fetched', id, properties: contact.properties, status, correlationId }
      return await fetchContact(client, id, names, signal)
    }),
  )
}

/** A batch leaves out a contact that was merged into another one; asked for alone, HubSpot gives the survivor. */
const fetchContact = async (
  client: HubSpotClient,
  id: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Fetched | Missing | Problem> => {
  const answer = await client.call(
    'contacts.get',
    ({ contacts }) => contacts.basicApi.getByIdWithHttpInfo(id, [...names]),
    signal,
  )
  const { status, correlationId } = answer
  if (answer.kind !== 'success')
    return answer.kind === 'rejected' && status === 404 ? { kind: 'missing', status, correlationId } : answer
  const [survivor] = contactIn(answer.data)
  return survivor
    ? { kind: 'fetched', id: survivor.id, properties: survivor.properties, status, correlationId }
    : unreadableAnswer(answer)
}

/** @param idProperty null: the ids are record ids */
const readBatch = (
  client: HubSpotClient,
  idProperty: string | null,
  ids: readonly string[],
  properties: readonly string[],
  signal: AbortSignal,
): Promise<HubSpotAnswer<BatchAnswer>> =>
  client.callForResults(
    'contacts.read',
    ({ contacts }) =>
      contacts.batchApi.readWithHttpInfo({
        ...(idProperty === null ? {} : { idProperty }),
        ...readOf(ids, properties),
      }),
    signal,
  )

const heldBy = (
  { properties }: Pick<ContactResult, 'properties'>,
  names: readonly string[],
): Readonly<Record<string, FieldValue>> =>
  Object.fromEntries(names.map(name => [name, held(name, properties[name] ?? '')]))

const types: Readonly<Record<string, { readonly type: string }>> = { ...contactProperties, ...customContactProperties }

/** HubSpot gives every value as a text, and an empty one for none. */
const held = (name: string, text: string): FieldValue => {
  if (text === '') return null
  return readers[types[name]?.type ?? 'string']?.(text) ?? text
}

const readers: Readonly<Record<string, (text: string) => FieldValue>> = {
  number: Number,
  bool: text => text === 'true',
  datetime: text => {
    const at = new Date(text)
    return Number.isNaN(at.getTime()) ? text : at.toISOString()
  },
}
