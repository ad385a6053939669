import type { Task } from '../../../../schemas/generated.ts'
import { happenedAt, instantOf } from '../../input/times.ts'
import { hashOf } from '../../sweep/hashes.ts'
import { recordIdOf } from '../object-types.ts'
import { ofHubSpot } from '../records.ts'
import type { FoundActivity } from '../rest/activities.ts'
import { isOurs } from '../webhook.ts'
import type { OwnerAlias } from './owners.ts'
import type { ActivityContact } from './people.ts'
import { type ActivityType, linkProperty, numericProperties } from './types.ts'

/** What of a reading the record itself does not say. */
export interface Circumstances {
  readonly type: ActivityType
  /** When the latest notice says that something became of it, in milliseconds. */
  readonly noticedAt: number
  readonly receivedAt: number
}

/** What of a record that is there it does not say itself. */
export interface LiveCircumstances extends Circumstances {
  /** In the order of choice. */
  readonly people: readonly ActivityContact[]
  /** Aliases in Salesforce of those of them who are there, by their aliases in HubSpot. */
  readonly synced: ReadonlyMap<string, string>
  readonly ownerAlias: OwnerAlias
  /** The companies that it is on; null when they may not be seen. */
  readonly companies: Task['related']
  /** HUBSPOT_APP_ID; null when it is not set. */
  readonly appId: string | null
}

/** A record that was last modified so soon after it was made is told as one that was made: its first properties come with it, its associations a moment later. */
const stillNewMs = 5_000

/** A record that is there, as it is now. Undefined for what has no id of a record. Pure. */
export const activityTold = (found: FoundActivity, circumstances: LiveCircumstances): Task | undefined => {
  const { type, noticedAt, receivedAt, people, synced, ownerAlias, companies, appId } = circumstances
  const id = recordIdOf(found.id)
  if (id === null) return undefined
  const { properties } = found
  const createdAt = timeOf(properties['hs_createdate'], receivedAt) ?? timeOf(found.createdAt, receivedAt)
  // A change of associations, or a restoration, need not count as a modification.
  const changedAt = Math.max(instantOf(properties[type.modified]) ?? 0, noticedAt)
  const [person] = people
  const changes = changesOf(found, type, { appId, receivedAt })
  const [latest] = changes.latest
  return identified(type, id, {
    ...about(circumstances, changedAt),
    change: createdAt !== null && changedAt - createdAt <= stillNewMs ? 'CREATED' : 'UPDATED',
    people: people.map(({ alias }) => alias),
    person: person?.alias ?? null,
    relatedTo: companies?.length === 1 ? (companies[0]?.alias ?? null) : null,
    related: companies,
    others: [...new Set(people.slice(1).flatMap(({ alias }) => synced.get(alias) ?? []))],
    recordOwner: ownerAlias(person?.owner ?? null),
    owner: ownerAlias(recordIdOf(properties['hubspot_owner_id'])),
    fields: { ...fieldsOf(found, type), hs_createdate: textOf(properties['hs_createdate']) },
    changedBy: latest?.by ?? null,
    link: linkOf(found, type, id),
    createdAt,
    changes: changes.byProperty,
    ours: latest !== undefined && changes.latest.every(({ ours }) => ours),
  })
}

/** A record that was deleted. @param found what is left of it; undefined when nothing is */
export const deletionTold = (id: string, found: FoundActivity | undefined, circumstances: Circumstances): Task => {
  const { type, noticedAt, receivedAt } = circumstances
  return identified(type, id, {
    ...about(circumstances, instantOf(found?.archivedAt) ?? noticedAt),
    change: 'DELETED',
    ...{
      people: [],
      person: null,
      relatedTo: null,
      related: null,
      others: null,
      recordOwner: null,
      owner: null,
      fields: {},
      changedBy: null,
    },
    link: found ? linkOf(found, type, id) : ownLink(type, id),
    createdAt: timeOf(found?.createdAt, receivedAt),
    ...{ changes: {}, ours: false },
  })
}

const about = ({ type, receivedAt }: Circumstances, changedAt: number) => ({
  ...({ source: ofHubSpot.source, system: 'HUBSPOT', activity: type.activity, receivedAt } as const),
  occurredAt: happenedAt(changedAt, undefined, receivedAt).at,
})

/** The same reading, whenever and by whichever process it was made, has the same id. */
const identified = ({ name }: ActivityType, record: string, told: Omit<Task, 'eventId' | 'record'>): Task => {
  const { receivedAt: _, ...read } = told
  const content = hashOf(JSON.stringify(read)).toString(36)
  return { eventId: `hubspot:${name}:${record}:${told.occurredAt}-${content}`, record, ...told }
}

const fieldsOf = ({ properties }: FoundActivity, { properties: names }: ActivityType): Task['fields'] =>
  Object.fromEntries(
    names.map(name => {
      const text = textOf(Object.hasOwn(properties, name) ? properties[name] : null)
      return [name, numericProperties.has(name) ? numberOf(text) : text]
    }),
  )

const numberOf = (text: string | null): number | null => {
  const number = Number(text ?? Number.NaN)
  return Number.isFinite(number) ? number : null
}

/** HubSpot writes every value as text, and none as null or as no text. */
const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.toWellFormed() : null

/** A time that is not later than the receipt. */
const timeOf = (value: unknown, receivedAt: number): number | null => {
  const at = instantOf(value)
  return at === null ? null : Math.min(at, receivedAt)
}

const ownLink = ({ name }: ActivityType, id: string): string => `hubspot:${name}:${id}`

/** What a link looks like: the record that was there first. */
const link = /^(?:hubspot|salesforce):[a-z]+:[A-Za-z0-9]{1,50}$/

const linkOf = ({ properties }: FoundActivity, type: ActivityType, id: string): string => {
  const value = textOf(properties[linkProperty])?.trim() ?? ''
  return link.test(value) ? value : ownLink(type, id)
}

interface Change {
  readonly at: number
  readonly ours: boolean
  readonly by: string | null
}

/** The last change of each property, and those of them that were made last. */
const changesOf = (
  { history }: FoundActivity,
  { properties }: ActivityType,
  when: { readonly appId: string | null; readonly receivedAt: number },
): { readonly byProperty: Task['changes']; readonly latest: readonly Change[] } => {
  const last = properties.flatMap((name): [string, Change][] => {
    const change = lastChange(Object.hasOwn(history, name) ? history[name] : [], when)
    return change ? [[name, change]] : []
  })
  const latestAt = Math.max(...last.map(([, { at }]) => at))
  return {
    byProperty: Object.fromEntries(last.map(([name, { at, ours }]) => [name, { at, ours }])),
    latest: last.flatMap(([, change]) => (change.at === latestAt ? [change] : [])),
  }
}

/** The latest of a property's values; of several of one time the first, since HubSpot gives the latest first. */
const lastChange = (
  items: unknown,
  { appId, receivedAt }: { readonly appId: string | null; readonly receivedAt: number },
): Change | undefined => {
  let last: Change | undefined
  for (const item of Array.isArray(items) ? (items as readonly unknown[]) : []) {
    if (typeof item !== 'object' || item === null) continue
    const { timestamp, sourceType, sourceId } = item as Readonly<Record<string, unknown>>
    const at = timeOf(timestamp, receivedAt)
    if (at === null || (last && at <= last.at)) continue
    const by = [textOf(sourceType), textOf(sourceId)].filter(text => text !== null).join(' ')
    last = { at, ours: isOurs(sourceType, sourceId, appId), by: by === '' ? null : by.slice(0, longestBy) }
  }
  return last
}

/** Characters of who changed it; HubSpot's are far shorter. */
const longestBy = 200
