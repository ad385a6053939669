import type { Clock } from '../../../runtime/clock.ts'
import type { Store, Table } from '../../store.ts'
import { countersOf, nextRecordId } from '../objects/records.ts'
import type { Portal } from '../portal.ts'
import type { MarketingEvent, MarketingEvents } from './marketing-events.ts'

/** What a contact can be said to have done. */
export type RecordedState = 'REGISTERED' | 'ATTENDED' | 'CANCELLED'
/** What HubSpot shows: who was registered and did not come is a no-show once the event is completed. */
export type AttendanceState = RecordedState | 'NO_SHOW'

/** One thing that a contact did about an event. Times in milliseconds since the epoch. */
export interface Interaction {
  readonly state: RecordedState
  /** The caller's `interactionDateTime`. */
  readonly at: number
  readonly joinedAt?: number
  readonly leftAt?: number
  readonly receivedAt: number
}

interface Row {
  readonly id: string
  readonly objectId: string
  readonly contactId: string
  readonly createdAt: number
  readonly interactions: readonly Interaction[]
}

/** A contact's part in a marketing event, as it is now. */
export interface Participation {
  readonly id: string
  readonly event: MarketingEvent
  readonly contactId: string
  readonly createdAt: number
  readonly state: AttendanceState
  /** The interaction that gave the state. */
  readonly latest: Interaction
  /** In the order in which they came. */
  readonly interactions: readonly Interaction[]
  /** Milliseconds between the joins and leaves that were recorded, time that overlaps once; 0 until the event is completed. */
  readonly attendedMs: number
}

export interface Participations {
  /**
   * Records what a contact did. What has the same state and time as before replaces it: such requests are idempotent.
   */
  record(event: MarketingEvent, contactId: string, interaction: Omit<Interaction, 'receivedAt'>): void
  /** Those of one event or of all, of contacts that are there; one for a contact and event, the first made first. */
  list(objectId?: string): Participation[]
  removeOf(objectId: string): void
}

/**
 * Which of several states of a contact holds: the one that was received last, or the one whose interaction was last. The guide says only that "the current
 * state" counts.
 */
export type StateOrder = 'received' | 'interaction'

export const createParticipations = (
  store: Store,
  clock: Clock,
  portal: Portal,
  events: MarketingEvents,
  order: StateOrder,
): Participations => {
  const rows: Table<Row> = store.table('marketing participations')
  const counters = countersOf(store)
  const contacts = portal.objects('contacts').records
  contacts.observe((id, record) => {
    if (record) return
    for (const [key, row] of [...rows.entries()]) if (row.contactId === id) rows.delete(key)
  })
  return {
    record: ({ objectId }, contactId, interaction) => {
      const key = `${objectId} ${contactId}`
      const before = rows.get(key)
      const id = before?.id ?? nextRecordId(counters)
      const now = clock.now()
      const others = before?.interactions.filter(one => !isSame(one, interaction)) ?? []
      const interactions = [...others, { ...interaction, receivedAt: now }]
      rows.set(key, { id, objectId, contactId, createdAt: before?.createdAt ?? now, interactions })
      const operation = before ? 'update' : 'create'
      store.applied({
        object: 'marketing_participation',
        id,
        operation,
        properties: { marketingEventId: objectId, contactId, ...interaction },
      })
    },
    list: objectId => {
      const groups = new Map<string, Row[]>()
      for (const row of rows.values()) {
        if (objectId !== undefined && row.objectId !== objectId) continue
        const contact = contacts.resolve(row.contactId)
        if (!contact) continue
        const key = `${row.objectId} ${contact.id}`
        groups.set(key, [...(groups.get(key) ?? []), { ...row, contactId: contact.id }])
      }
      return [...groups.values()].flatMap(group => participation(group, events, order) ?? [])
    },
    removeOf: objectId => {
      for (const [key, row] of [...rows.entries()]) if (row.objectId === objectId) rows.delete(key)
    },
  }
}

const isSame = (a: Pick<Interaction, 'state' | 'at'>, b: Pick<Interaction, 'state' | 'at'>): boolean =>
  a.state === b.state && a.at === b.at

/** Merged contacts may have had a part each: it is one from then on. */
const participation = (
  group: readonly Row[],
  events: MarketingEvents,
  order: StateOrder,
): Participation | undefined => {
  const [first] = group
  const event = first && events.find(first.objectId)
  const interactions = group
    .flatMap(row => row.interactions)
    .filter((one, index, all) => all.findLastIndex(other => isSame(one, other)) === index)
    .sort((a, b) => a.receivedAt - b.receivedAt)
  const latest = order === 'received' ? interactions.at(-1) : interactions.toSorted((a, b) => a.at - b.at).at(-1)
  if (!first || !event || !latest) return undefined
  const isNoShow = event.eventCompleted === true && latest.state === 'REGISTERED'
  return {
    id: first.id,
    event,
    contactId: first.contactId,
    createdAt: Math.min(...group.map(row => row.createdAt)),
    state: isNoShow ? 'NO_SHOW' : latest.state,
    latest,
    interactions,
    attendedMs: event.eventCompleted === true ? unionMs(interactions) : 0,
  }
}

const unionMs = (interactions: readonly Interaction[]): number => {
  let total = 0
  let end = Number.NEGATIVE_INFINITY
  const stays = interactions.flatMap(({ joinedAt, leftAt }) =>
    joinedAt === undefined || leftAt === undefined ? [] : [{ joinedAt, leftAt }],
  )
  for (const { joinedAt, leftAt } of stays.sort((a, b) => a.joinedAt - b.joinedAt)) {
    total += Math.max(0, leftAt - Math.max(joinedAt, end))
    end = Math.max(end, leftAt)
  }
  return total
}

export interface Counters {
  readonly registered: number
  readonly attended: number
  readonly cancelled: number
  readonly noShows: number
}

/** How many contacts are in each state now. */
export const currentCounters = (participations: readonly Participation[]): Counters => {
  const count = (state: AttendanceState): number => participations.filter(one => one.state === state).length
  return {
    registered: count('REGISTERED'),
    attended: count('ATTENDED'),
    cancelled: count('CANCELLED'),
    noShows: count('NO_SHOW'),
  }
}

/** What a marketing event itself shows: all that was done, so that a contact who cancelled and registered again counts twice as registrant. */
export const activityCounters = (participations: readonly Participation[]): Counters => {
  const interactions = participations.flatMap(one => one.interactions)
  const count = (state: RecordedState): number => interactions.filter(one => one.state === state).length
  return {
    registered: count('REGISTERED'),
    attended: count('ATTENDED'),
    cancelled: count('CANCELLED'),
    noShows: currentCounters(participations).noShows,
  }
}
