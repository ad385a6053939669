import type { ReadResult } from '../../../delivery/destination.ts'
import type { HubSpotClient } from '../client.ts'
import { associatedWith } from './associations.ts'
import { namesOfCompanies } from './companies.ts'
import { heldFields, readProperties, readsCompany, readsContact, readsOwner } from './fields.ts'
import type { TaskFinder } from './finding.ts'
import { locateTasks, readRecords } from './locating.ts'
import { nobody, type OwnerDirectory } from './owners.ts'

/** What the tasks of these keys hold, as writes would say it: who is assigned by address. Results in the order of the keys. */
export const readTasks = async (
  parts: { readonly client: HubSpotClient; readonly finder: TaskFinder; readonly owners: OwnerDirectory },
  keys: readonly string[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly ReadResult[]> => {
  const located = await locateTasks(parts, keys, signal)
  const ids = [...new Set([...located.values()].flatMap(one => (one.kind === 'there' ? one.id : [])))]
  const records = await readRecords(parts.client, ids, readProperties(names), signal)
  const contacts = await associatedWith(parts.client, 'contacts', readsContact(names) ? ids : [], signal)
  if (contacts.kind !== 'associated') return keys.map(() => contacts)
  const companies = await namesOfCompanies(parts.client, readsCompany(names) ? ids : [], signal)
  if (companies.kind !== 'names') return keys.map(() => companies)
  const owners = readsOwner(names) ? await parts.owners.owners([], signal) : nobody
  if (owners.kind !== 'owners') return keys.map(() => owners)
  return keys.map((key): ReadResult => {
    const where = located.get(key)
    if (where && where.kind !== 'there' && where.kind !== 'none') return where
    const id = where?.kind === 'there' ? where.id : ''
    const record = records.get(id)
    if (record && !('task' in record)) return record
    if (!record) return { kind: 'missing', status: where?.status ?? null, correlationId: where?.correlationId ?? null }
    const { status, correlationId } = record.answer
    const [contact = null] = contacts.of.get(id) ?? []
    const company = companies.of.get(id) ?? null
    const fields = heldFields(names, { properties: record.task.properties, contact, company, owners })
    return { kind: 'held', fields, status, correlationId }
  })
}
