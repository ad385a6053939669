import type {
  Problem,
  Put,
  Rejected,
  Skipped,
  StandaloneInput,
  StandaloneResult,
} from '../../../delivery/destination.ts'
import { noResult, resultMissing } from '../answers.ts'
import type { HubSpotClient } from '../client.ts'
import { type Relating, relateTasks } from './companies.ts'
import { type Placing, placeTasks } from './contacts.ts'
import {
  addressesIn,
  companyNamesOf,
  contactOf,
  isDeletion,
  isWhole,
  propertiesOf,
  type TaskAdjustment,
} from './fields.ts'
import type { TaskFinder } from './finding.ts'
import { locateTasks, recordIn } from './locating.ts'
import { nobody, type OwnerDirectory, type Owners } from './owners.ts'
import type { Seen, Whereabouts } from './whereabouts.ts'
import { archiveTasks, createTasks, type TaskRow, updateTasks, type Written } from './writing.ts'

export interface PutParts {
  readonly client: HubSpotClient
  readonly finder: TaskFinder
  readonly owners: OwnerDirectory
}

type Fields = StandaloneInput['fields']

/** Results by key, of which no two inputs have the same. */
type Results = Map<string, StandaloneResult>

/** Makes the tasks true: where they are, then deletions, then properties, then contacts and companies. Results in the order of the inputs. */
export const putTasks = async (
  parts: PutParts,
  inputs: readonly StandaloneInput[],
  signal: AbortSignal,
): Promise<readonly StandaloneResult[]> => {
  const results: Results = new Map()
  const valid = inputs.filter(({ fields }) => isRecordId(contactOf(fields) ?? '1'))
  const keys = valid.map(({ key }) => key)
  const located = await locateTasks(parts, keys, signal)
  const deletions = valid.filter(({ fields }) => isDeletion(fields))
  await remove(parts, deletions, located, results, signal)
  const tasks = valid.flatMap(input => (isDeletion(input.fields) ? [] : taskOf(input, located, results)))
  await set(parts, tasks, results, signal)
  return inputs.map(input => results.get(input.key) ?? badContact)
}

/** Deletes; a task that is not there is done. */
const remove = async (
  { client, finder }: PutParts,
  inputs: readonly StandaloneInput[],
  located: ReadonlyMap<string, Whereabouts>,
  results: Results,
  signal: AbortSignal,
): Promise<void> => {
  const there = inputs.flatMap(({ key }) => {
    const where = located.get(key) ?? noResult(unseen)
    if (where.kind === 'there') return { key, id: where.id }
    results.set(key, where.kind === 'none' ? put(null, where) : where)
    return []
  })
  const archived = await archiveTasks(
    client,
    there.map(({ id }) => id),
    signal,
  )
  for (const { key, id } of there) {
    const answer = archived.get(id) ?? noResult(unseen)
    results.set(key, answer.kind === 'success' ? put(id, answer) : answer)
    if (answer.kind === 'success') finder.recent.note(key, { kind: 'deleted', id })
  }
}

/** A task on its way. */
interface TaskOnItsWay extends Seen {
  readonly input: StandaloneInput
  /** Null for one that is to be made. */
  readonly id: string | null
  /** Fields by which properties are set. */
  readonly said: Fields
  /** Fields by which it is put on contacts and companies. */
  readonly places: Fields
}

/** Only a write that holds all fields makes a task. One that was there and is not any more was deleted by somebody; of one that never was, the first write was refused. */
const taskOf = (
  input: StandaloneInput,
  located: ReadonlyMap<string, Whereabouts>,
  results: Results,
): TaskOnItsWay[] => {
  const where = located.get(input.key) ?? noResult(unseen)
  if (where.kind !== 'there' && where.kind !== 'none') {
    results.set(input.key, where)
    return []
  }
  const { status, correlationId } = where
  const { key, fields, news = fields, known } = input
  const seen = { input, status, correlationId }
  // An attempt of which no answer came may have made it and not come to where it belongs.
  if (where.kind === 'there') return [{ ...seen, id: where.id, said: news, places: known ? news : fields }]
  if (isWhole(fields)) return [{ ...seen, id: null, said: fields, places: fields }]
  const wasThere = known || recordIn(key) !== undefined
  results.set(key, wasThere ? taskDeleted(where) : taskNotMade(where))
  return []
}

const taskDeleted = ({ status, correlationId }: Seen): Skipped => ({
  ...{ kind: 'skipped', code: 'HUBSPOT_TASK_DELETED', status, correlationId },
})

/** The write that would have made it waits as a dead letter; this one is too little to make it, and goes with it. */
const taskNotMade = ({ status, correlationId }: Seen): Rejected => ({
  kind: 'rejected',
  code: 'HUBSPOT_TASK_NOT_MADE',
  status,
  correlationId,
  message:
    'Expected the task to be there, but its first write, which holds all fields, was not delivered. Retry the dead letter of that write, then this one.',
})

/** What is to be said of a task. */
interface Draft extends TaskOnItsWay {
  readonly properties: Readonly<Record<string, string>>
  readonly adjustments: readonly TaskAdjustment[]
}

/** Sets properties, then contacts, then companies. */
const set = async (
  parts: PutParts,
  tasks: readonly TaskOnItsWay[],
  results: Results,
  signal: AbortSignal,
): Promise<void> => {
  const owners = await ownersFor(parts, tasks, signal)
  const drafts = tasks.flatMap(task => draftOf(task, owners, results))
  const written = await write(parts, drafts, signal)
  const placings = drafts.flatMap(({ input, places }) => placingOf(places, written.get(input.key)))
  const placed = await placeTasks(parts.client, placings, signal)
  const relatings = drafts.flatMap(({ input, places }) => relatingOf(places, written.get(input.key)))
  const related = await relateTasks(parts.client, relatings, signal)
  for (const { input, adjustments } of drafts) {
    const one = written.get(input.key) ?? noResult(unseen)
    const placements = one.kind === 'written' ? [placed.get(one.id), related.get(one.id)] : []
    const failed = placements.find(place => place !== undefined && place.kind !== 'placed')
    if (one.kind !== 'written') results.set(input.key, one)
    else if (failed) results.set(input.key, failed)
    else {
      const codes = [
        ...adjustments,
        ...placements.flatMap(place => (place?.kind === 'placed' ? place.adjustments : [])),
      ]
      results.set(input.key, { ...put(one.id, one), created: one.created, adjustments: codes })
    }
  }
}

/** A task that is to be assigned to somebody waits for the owners to be known; no other does. */
const draftOf = (task: TaskOnItsWay, owners: Owners | Problem, results: Results): Draft[] => {
  const { input, said } = task
  if (owners.kind === 'owners') return [{ ...task, ...propertiesOf(said, owners) }]
  if (addressesIn(said).length === 0) return [{ ...task, ...propertiesOf(said, nobody) }]
  results.set(input.key, owners)
  return []
}

/** Nobody is asked for when nobody is named. */
const ownersFor = async (
  { owners }: PutParts,
  tasks: readonly TaskOnItsWay[],
  signal: AbortSignal,
): Promise<Owners | Problem> => {
  const addresses = tasks.flatMap(({ said }) => addressesIn(said))
  return addresses.length === 0 ? nobody : await owners.owners(addresses, signal)
}

const write = async (
  { client, finder }: PutParts,
  drafts: readonly Draft[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Written>> => {
  const rows = drafts.map(({ input: { key }, id, properties }): TaskRow => ({ key, id, properties }))
  const updated = await updateTasks(
    client,
    rows.filter(({ id, properties }) => id !== null && Object.keys(properties).length > 0),
    signal,
  )
  const fresh = rows.filter(({ id }) => id === null)
  const created = await createTasks(client, fresh, finder.isUnique, signal)
  note(finder, updated, created)
  const untouched = drafts.flatMap(({ input: { key }, id, status, correlationId }): [string, Written][] =>
    id === null ? [] : [[key, { kind: 'written', id, created: false, status, correlationId }]],
  )
  return new Map([...untouched, ...updated, ...created])
}

/** What was made is noted, and what may have been made although no answer came; what turned out to be gone is asked for again. */
const note = (
  { recent }: TaskFinder,
  updated: ReadonlyMap<string, Written>,
  created: ReadonlyMap<string, Written>,
): void => {
  for (const [key, one] of updated) if (one.kind === 'retry' && one.code === resultMissing) recent.forget(key)
  for (const [key, one] of created) {
    if (one.kind === 'written') recent.note(key, { kind: 'made', id: one.id })
    else if (one.kind === 'retry' && !one.limited) recent.note(key, { kind: 'perhaps' })
    else recent.forget(key)
  }
}

const placingOf = (fields: Fields, written: Written | undefined): Placing[] => {
  const contact = contactOf(fields)
  if (contact === undefined || written?.kind !== 'written') return []
  return contact === null && written.created ? [] : [{ task: written.id, contact, isNew: written.created }]
}

const relatingOf = (fields: Fields, written: Written | undefined): Relating[] => {
  const names = companyNamesOf(fields)
  if (names === undefined || written?.kind !== 'written' || (names.length === 0 && written.created)) return []
  return [{ task: written.id, names, isNew: written.created }]
}

const isRecordId = (id: string): boolean => /^[1-9]\d{0,18}$/.test(id)

const unseen: Seen = { status: null, correlationId: null }

const put = (record: string | null, { status, correlationId }: Seen): Put => ({
  ...{ kind: 'put', record, created: false, status, correlationId },
})

const badContact: Rejected = {
  kind: 'rejected',
  code: 'HUBSPOT_TASK_CONTACT',
  ...unseen,
  message: 'Expected the record id of a contact. Mend the mapping, then retry the dead letter.',
}
