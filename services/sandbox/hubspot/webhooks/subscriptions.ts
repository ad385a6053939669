import type { Store, Table } from '../../store.ts'
import { conflict, invalid, notFound } from '../errors.ts'
import type { Portal } from '../portal.ts'

/** The types of webhooks about contacts and companies, as HubSpot's specification of subscriptions lists them, without those of associations. */
export const SUBSCRIPTION_TYPES = [
  'contact.creation',
  'contact.propertyChange',
  'contact.merge',
  'contact.deletion',
  'contact.restore',
  'contact.privacyDeletion',
  'company.creation',
  'company.propertyChange',
  'company.merge',
  'company.deletion',
  'company.restore',
] as const
export type SubscriptionType = (typeof SUBSCRIPTION_TYPES)[number]

/** What an app asks to be told. */
export interface SubscriptionRequest {
  readonly type: SubscriptionType
  /** Of a `propertyChange`, and of no other type. */
  readonly propertyName?: string | undefined
}

export interface Subscription extends SubscriptionRequest {
  readonly id: number
  /** HubSpot sends nothing for a paused one. */
  readonly active: boolean
}

/** What the app is told of. Of a private app only a person changes it, in the app's settings: HubSpot's API cannot. */
export interface Subscriptions {
  list(): Subscription[]
  /** The active one that asks for this. */
  active(type: SubscriptionType, propertyName: string | undefined): Subscription | undefined
  /** Throws a HubSpotRefusal when it cannot be, or is there already. */
  add(request: { type: string; propertyName?: string | undefined }): Subscription
  setActive(id: number, active: boolean): void
  /** Begins anew, after the store was emptied. */
  reset(): void
}

const FIRST_ID = 7_562_001
/** HubSpot's limit for one app. */
const MOST = 1000
const PROPERTY_CHANGE = '.propertyChange'
/** Changes of these HubSpot does not tell (facts/hubspot.md §3.9). */
const NEVER_TOLD = new Set(['num_unique_conversion_events', 'hs_lastmodifieddate'])

/** Names of properties by object type. */
export type SubscribedProperties = Readonly<Record<'contacts' | 'companies', readonly string[]>>

/** Every type, and changes of these properties. */
export const subscriptionsTo = (properties: SubscribedProperties): SubscriptionRequest[] =>
  SUBSCRIPTION_TYPES.flatMap((type): SubscriptionRequest[] => {
    if (!type.endsWith(PROPERTY_CHANGE)) return [{ type }]
    const names = properties[type.startsWith('contact.') ? 'contacts' : 'companies']
    return names.map(propertyName => ({ type, propertyName }))
  })

/**
 * @param wanted those that are there from the beginning, also of properties that are made later; unless given, every type, and each property that
 * HubSpot defined and a person may change
 */
export const createSubscriptions = (
  store: Store,
  portal: Portal,
  wanted: readonly SubscriptionRequest[] = subscriptionsTo(editable(portal)),
): Subscriptions => {
  const rows: Table<Subscription> = store.table('webhook subscriptions')
  const insert = ({ type, propertyName }: SubscriptionRequest): Subscription => {
    const added = { id: FIRST_ID + rows.size, type, propertyName, active: true }
    rows.set(keyOf(type, propertyName), added)
    return added
  }
  const begin = (): void => {
    for (const request of wanted) if (!rows.has(keyOf(request.type, request.propertyName))) insert(request)
  }
  begin()
  return {
    list: () => [...rows.values()],
    active: (type, propertyName) => {
      const found = rows.get(keyOf(type, propertyName))
      return found?.active ? found : undefined
    },
    add: request => {
      const { type, propertyName } = checked(portal, request)
      if (rows.has(keyOf(type, propertyName))) throw conflict('A subscription for this event already exists.')
      if (rows.size >= MOST) throw invalid(`An app has at most ${MOST} subscriptions.`)
      return insert({ type, propertyName })
    },
    setActive: (id, active) => {
      const found = [...rows.values()].find(one => one.id === id)
      if (!found) throw notFound(`There is no subscription ${id}.`)
      rows.set(keyOf(found.type, found.propertyName), { ...found, active })
    },
    reset: begin,
  }
}

const keyOf = (type: SubscriptionType, propertyName: string | undefined): string => `${type} ${propertyName ?? ''}`

const editable = (portal: Portal): SubscribedProperties => {
  const names = (objectType: string): string[] =>
    portal
      .objects(objectType)
      .properties.list()
      .filter(({ hubspotDefined, modificationMetadata }) => hubspotDefined && !modificationMetadata.readOnlyValue)
      .map(({ name }) => name)
  return { contacts: names('contacts'), companies: names('companies') }
}

const checked = (
  portal: Portal,
  { type: asked, propertyName }: { type: string; propertyName?: string | undefined },
): SubscriptionRequest => {
  const type = SUBSCRIPTION_TYPES.find(one => one === asked)
  if (!type) throw invalid(`Expected one of ${SUBSCRIPTION_TYPES.join(', ')}, came ${asked}.`)
  if (!type.endsWith(PROPERTY_CHANGE)) {
    if (propertyName) throw invalid(`A subscription of ${type} has no property.`)
    return { type }
  }
  if (!propertyName) throw invalid(`A subscription of ${type} needs a property.`)
  if (!portal.objects(type.replace(PROPERTY_CHANGE, '')).properties.get(propertyName))
    throw invalid(`Property "${propertyName}" does not exist`)
  if (NEVER_TOLD.has(propertyName)) throw invalid(`Changes of "${propertyName}" cannot be subscribed to.`)
  return { type, propertyName }
}
