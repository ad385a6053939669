import type { Store, Table } from '../../store.ts'
import { conflict, notFound } from '../errors.ts'
import { countersOf, nextRecordId } from '../objects/records.ts'
import type { Portal } from '../portal.ts'

/** What a caller says of a marketing event. Times are ISO 8601. */
export interface MarketingEventFields {
  readonly eventName: string
  readonly eventOrganizer: string
  readonly eventType?: string
  readonly startDateTime?: string
  readonly endDateTime?: string
  readonly eventDescription?: string
  readonly eventUrl?: string
  readonly eventCancelled?: boolean
  readonly eventCompleted?: boolean
}

/** How another system knows an event; unique within the app that created it. */
export interface ExternalIds {
  readonly externalEventId: string
  readonly externalAccountId: string
}

export interface MarketingEvent extends MarketingEventFields, ExternalIds {
  readonly objectId: string
  /** The app that created it: only this one finds it by its external ids. */
  readonly appId: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly updatedAt: string
}

type Changes = { readonly [Field in keyof MarketingEventFields]?: MarketingEventFields[Field] | undefined }

/** The marketing events of an account. `get…` refuses an unknown one with 404. */
export interface MarketingEvents {
  list(): MarketingEvent[]
  find(objectId: string): MarketingEvent | undefined
  get(objectId: string): MarketingEvent
  /** Those of the calling app with this external id; without an account those of every account. */
  named(externalEventId: string, externalAccountId?: string): MarketingEvent[]
  getNamed(externalEventId: string, externalAccountId?: string): MarketingEvent
  /** Refuses with 409 what is there already. */
  create(fields: MarketingEventFields & ExternalIds): MarketingEvent
  /** Creates, or changes the fields that are given. */
  upsert(fields: MarketingEventFields & ExternalIds): MarketingEvent
  update(objectId: string, changes: Changes): MarketingEvent
  remove(objectId: string): void
}

export const createMarketingEvents = (store: Store, portal: Portal): MarketingEvents => {
  const rows: Table<MarketingEvent> = store.table('marketing events')
  const counters = countersOf(store)
  const get = (objectId: string): MarketingEvent => {
    const found = rows.get(objectId)
    if (!found) throw notFound(`No marketing event with object id ${objectId}`)
    return found
  }
  const named: MarketingEvents['named'] = (externalEventId, externalAccountId) =>
    [...rows.values()].filter(
      event =>
        event.appId === portal.app.id &&
        event.externalEventId === externalEventId &&
        (externalAccountId === undefined || event.externalAccountId === externalAccountId),
    )
  const put = (event: MarketingEvent, operation: string, written: object): MarketingEvent => {
    rows.set(event.objectId, event)
    store.applied({ object: 'marketing_event', id: event.objectId, operation, properties: { ...written } })
    return event
  }
  const add = (fields: MarketingEventFields & ExternalIds): MarketingEvent => {
    const at = portal.now()
    const objectId = nextRecordId(counters)
    return put({ ...fields, objectId, appId: portal.app.id, createdAt: at, updatedAt: at }, 'create', fields)
  }
  const update: MarketingEvents['update'] = (objectId, changes) => {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    return put({ ...get(objectId), ...given, updatedAt: portal.now() }, 'update', given)
  }
  return {
    list: () => [...rows.values()],
    find: objectId => rows.get(objectId),
    get,
    named,
    getNamed: (externalEventId, externalAccountId) => {
      const [found] = named(externalEventId, externalAccountId)
      if (!found) throw notFound(`No marketing event with external id ${externalEventId} was created by this app`)
      return found
    },
    create: fields => {
      const { externalEventId, externalAccountId } = fields
      if (named(externalEventId, externalAccountId).length > 0)
        throw conflict(`A marketing event with external id ${externalEventId} already exists in this external account`)
      return add(fields)
    },
    upsert: fields => {
      const [found] = named(fields.externalEventId, fields.externalAccountId)
      return found ? update(found.objectId, fields) : add(fields)
    },
    update,
    remove: objectId => {
      get(objectId)
      rows.delete(objectId)
      store.applied({ object: 'marketing_event', id: objectId, operation: 'delete', properties: {} })
    },
  }
}
