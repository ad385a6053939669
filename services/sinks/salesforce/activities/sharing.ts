import type { Connection } from 'jsforce'
import type { Problem, StandaloneInput, StandaloneResult } from '../../../delivery/destination.ts'
import type { Refused, Row, SalesforceClient } from '../api/client.ts'
import { queriesFor } from '../api/soql.ts'
import { collectionRecords } from '../limits.ts'
import { longIdIn, personObjects, recordRefIn } from '../people/ids.ts'
import { fatesOf, keyOf } from '../people/survivors.ts'
import { type CollectionOf, deletionOf, sendCollection } from '../tasks/collections.ts'
import { findTasks } from '../tasks/finding.ts'
import type { ActivityAdjustment } from './adjustments.ts'

/** The field of a write that holds the ids of further contacts; no column of a task. */
export const otherPeople = 'OtherWhoIds'

/** Contacts of a task at most, that of WhoId among them (facts/salesforce.md §6). */
const mostContacts = 50

/** Further contacts that a task is to be on, besides the one that it is on. */
interface Sharing {
  readonly task: string
  readonly others: readonly string[]
}

/** What came of one: why it is otherwise than was asked for, or what keeps it from being done now. */
type Shared = { readonly kind: 'shared'; readonly adjustments: readonly ActivityAdjustment[] } | Problem

/**
 * Puts tasks that were written on further contacts, as rows of TaskRelation, and takes them off those that Tributary put them on and that are not asked for any more. Whom people added
 * in Salesforce stays. An org without shared activities, or a contact that it refuses, is told in the receipt and spoils nothing.
 */
export const shared = async (
  client: SalesforceClient,
  written: readonly (readonly [StandaloneInput, StandaloneResult])[],
  signal: AbortSignal,
): Promise<readonly StandaloneResult[]> => {
  const sharings = written.flatMap(([input, result]) => sharingOf(input, result))
  if (sharings.length === 0) return written.map(([, result]) => result)
  const done = await share(client, sharings, signal)
  return written.map(([input, result]) => {
    const [sharing] = sharingOf(input, result)
    const one = sharing && done.get(sharing.task)
    if (!one || result.kind !== 'put') return result
    if (one.kind !== 'shared') return one
    const adjustments = [...(result.adjustments ?? []), ...one.adjustments]
    return adjustments.length > 0 ? { ...result, adjustments } : result
  })
}

const sharingOf = ({ fields, news = fields, known }: StandaloneInput, result: StandaloneResult): Sharing[] => {
  // An attempt of which no answer came may have made the task and not come to the others.
  const ids = (known ? news : fields)[otherPeople]
  if (ids === undefined || fields['IsDeleted'] === true || result.kind !== 'put' || result.record === null) return []
  return [{ task: result.record, others: otherIds(ids) }]
}

const otherIds = (value: unknown): readonly string[] =>
  [...new Set(String(value ?? '').split(' '))].flatMap(id => longIdIn(id) ?? [])

const share = async (
  client: SalesforceClient,
  sharings: readonly Sharing[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Shared>> => {
  const all = (one: Shared) => new Map(sharings.map(({ task }) => [task, one]))
  const tasks = sharings.map(({ task }) => task)
  const relations = await relationsOf(client, tasks, signal)
  if (relations.kind === 'unshared')
    return new Map(sharings.map(({ task, others }) => [task, sharedWith(others.length > 0 ? ['NOT_SHARED'] : [])]))
  if (relations.kind !== 'relations') return all(relations)
  const columns = ['WhoId']
  const held = await findTasks(client, { operation: 'activities.shared', by: 'Id', values: tasks, columns }, signal)
  if (held.kind !== 'tasks') return all(held)
  const user = await client.user(signal)
  if (user.kind !== 'user') return all(user)
  const contacts = sharings.flatMap(({ others }) => others.flatMap(id => recordRefIn('contact', id) ?? []))
  const found = await fatesOf(client, contacts, signal)
  if (found.kind !== 'fates') return all(found)
  const survivorOf = (id: string): string | undefined => found.fates.get(keyOf({ object: 'contact', id }))?.id
  const plans = sharings.map(sharing =>
    planOf(sharing, {
      who: longIdIn(held.get(sharing.task)?.['WhoId']) ?? null,
      rows: relations.rows.filter(row => longIdIn(row['TaskId']) === sharing.task),
      user: user.id,
      survivorOf,
    }),
  )
  const failed = await carriedOut(client, plans, signal)
  return new Map(
    plans.map(({ task, adjustments }) => {
      const problem = failed.get(task)
      if (!problem) return [task, sharedWith(adjustments)]
      return [task, problem.kind === 'rejected' ? sharedWith([...adjustments, 'SHARING_REFUSED']) : problem]
    }),
  )
}

const sharedWith = (adjustments: readonly ActivityAdjustment[]): Shared => ({ kind: 'shared', adjustments })

/** What is to be done for a task. */
interface Plan {
  readonly task: string
  readonly added: readonly string[]
  /** Ids of relations. */
  readonly removed: readonly string[]
  readonly adjustments: readonly ActivityAdjustment[]
}

interface Present {
  /** Whom the task is on. */
  readonly who: string | null
  /** Its relations to people; that to whom it is on may be among them. */
  readonly rows: readonly Row[]
  /** The integration user. */
  readonly user: string | null
  /** Who a contact is now; undefined when it was deleted. */
  readonly survivorOf: (contact: string) => string | undefined
}

const planOf = ({ task, others }: Sharing, { who, rows, user, survivorOf }: Present): Plan => {
  const mayBeShared = who?.startsWith(personObjects.contact.prefix) === true
  const asked = [...new Set(others.flatMap(id => survivorOf(id) ?? []))].filter(id => id !== who)
  const wanted = mayBeShared ? asked : []
  const ours = rows.filter(row => longIdIn(row['CreatedById']) === user && longIdIn(row['RelationId']) !== who)
  const leaving = ours.filter(row => !wanted.includes(longIdIn(row['RelationId']) ?? ''))
  const staying = new Set(rows.filter(row => !leaving.includes(row)).flatMap(row => longIdIn(row['RelationId']) ?? []))
  const missing = wanted.filter(id => !staying.has(id))
  const room = Math.max(0, mostContacts - new Set([...staying, who]).size)
  const isLeftOut = asked.length > wanted.length || missing.length > room
  return {
    task,
    added: missing.slice(0, room),
    removed: leaving.flatMap(row => (typeof row['Id'] === 'string' ? row['Id'] : [])),
    adjustments: isLeftOut ? ['OTHERS_LEFT_OUT'] : [],
  }
}

type Relations = { readonly kind: 'relations'; readonly rows: readonly Row[] } | { readonly kind: 'unshared' } | Problem

/** `unshared`: an org without shared activities has no such object. */
const relationsOf = async (
  client: SalesforceClient,
  tasks: readonly string[],
  signal: AbortSignal,
): Promise<Relations> => {
  const rows: Row[] = []
  for (const { soql } of queriesFor(tasks, relationsQuery)) {
    const answer = await client.query('activities.relations', soql, 'live', signal)
    if (answer.kind === 'success') rows.push(...answer.data)
    else return lacksRelations(answer) ? { kind: 'unshared' } : answer.problem
  }
  return { kind: 'relations', rows }
}

const relationsQuery = (list: string): string =>
  `SELECT Id, TaskId, RelationId, CreatedById FROM TaskRelation WHERE IsWhat = false AND TaskId IN (${list})`

const lacksRelations = ({ problem }: Refused): boolean => problem.code === 'INVALID_TYPE'

interface Added {
  readonly task: string
  readonly contact: string
}
interface Removed {
  readonly task: string
  readonly relation: string
}

const adding: CollectionOf<Added> = {
  operation: 'activities.share',
  rowOf: ({ task, contact }) => ({ TaskId: task, RelationId: contact, IsWhat: false }),
  request: (connection: Connection, rows) => connection.create('TaskRelation', [...rows], { allOrNone: false }),
  byKey: false,
}

const removing = deletionOf<Removed>('TaskRelation', 'activities.unshare', ({ relation }) => relation)

/** Removes before it adds, so that there is room. What failed, by task; that somebody did it meanwhile is no failure. */
const carriedOut = async (
  client: SalesforceClient,
  plans: readonly Plan[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Problem>> => {
  const failed = new Map<string, Problem>()
  const send = async <Item extends { readonly task: string }>(
    collection: CollectionOf<Item>,
    items: readonly Item[],
    done: ReadonlySet<string>,
  ): Promise<void> => {
    for (let from = 0; from < items.length; from += collectionRecords) {
      const some = items.slice(from, from + collectionRecords)
      for (const [{ task }, result] of await sendCollection(client, collection, some, signal)) {
        const problem = result.kind === 'doubtful' ? result.otherwise : result
        if (problem.kind !== 'put' && !done.has(problem.code)) failed.set(task, problem)
      }
    }
  }
  const removed = plans.flatMap(({ task, removed: ids }) => ids.map(relation => ({ task, relation })))
  await send(removing, removed, new Set(['ENTITY_IS_DELETED', 'NOT_FOUND', 'INVALID_CROSS_REFERENCE_KEY']))
  const added = plans.flatMap(({ task, added: ids }) => ids.map(contact => ({ task, contact })))
  await send(adding, added, new Set(['DUPLICATE_VALUE']))
  return failed
}

/** Ids of the further contacts of tasks, as a write would say them, by task. */
export const othersOf = async (
  client: SalesforceClient,
  tasks: readonly Row[],
  signal: AbortSignal,
): Promise<{ readonly kind: 'others'; readonly of: ReadonlyMap<string, string> } | Problem> => {
  const whos = new Map(tasks.map(row => [longIdIn(row['Id']) ?? '', longIdIn(row['WhoId'])]))
  const relations = await relationsOf(client, [...whos.keys()], signal)
  if (relations.kind === 'unshared') return { kind: 'others', of: new Map() }
  if (relations.kind !== 'relations') return relations
  const of = new Map<string, string[]>()
  for (const row of relations.rows) {
    const [task, contact] = [longIdIn(row['TaskId']) ?? '', longIdIn(row['RelationId'])]
    if (contact !== undefined && contact !== whos.get(task)) of.set(task, [...(of.get(task) ?? []), contact])
  }
  return { kind: 'others', of: new Map([...of].map(([task, some]) => [task, some.toSorted().join(' ')])) }
}
