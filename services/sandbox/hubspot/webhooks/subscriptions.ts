import type { Store, Table } from '../../store.ts'
import { conflict, invalid, notFound } from '../errors.ts'
import { ACTIVITY_TYPES } from '../objects/activity-types.ts'
import type { Portal } from '../portal.ts'
import { PREDEFINED } from '../properties/predefined.ts'

/**
 * The types of webhooks about contacts and companies, as HubSpot's specification of subscriptions lists them, without those of associations; and those about
 * activities, which have the generic form only.
 */
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
  'object.creation',
  'object.propertyChange',
  'object.deletion',
  'object.restore',
  'object.associationChange',
] as const
export type SubscriptionType = (typeof SUBSCRIPTION_TYPES)[number]

/** What an app asks to be told. */
export interface SubscriptionRequest {
  readonly type: SubscriptionType
  /** Of an `object.…`, and of no other type: `0-27` for tasks. */
  readonly objectTypeId?: string | undefined
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
  active(request: SubscriptionRequest): Subscription | undefined
  /** Throws a HubSpotRefusal when it cannot be, or is there already. */
  add(request: { type: string; objectTypeId?: string | undefined; propertyName?: string | undefined }): Subscription
  setActive(id: number, active: boolean): void
  /** Begins anew, after the store was emptied. */
  reset(): void
}

const FIRST_ID = 7_562_001
/** HubSpot's limit for one app. */
const MOST = 1000
const PROPERTY_CHANGE = '.propertyChange'
/** Changes of these HubSpot does not tell (facts/hubspot.md §3.9). */
const NEVER_TOLD = new Set(['num_unique_conversion_events', 'hs_lastmodifieddate', 'hs_email_html', 'hs_email_subject'])
const GENERIC = 'object.'

/** Names of properties by object type. Activities that are not named: each that HubSpot defined and a person may change. */
export type SubscribedProperties = Readonly<Record<'contacts' | 'companies', readonly string[]>> &
  Readonly<Record<string, readonly string[]>>

/** Every type, and changes of these properties. */
export const subscriptionsTo = (properties: SubscribedProperties): SubscriptionRequest[] =>
  SUBSCRIPTION_TYPES.flatMap((type): SubscriptionRequest[] => {
    if (type.startsWith(GENERIC))
      return ACTIVITY_TYPES.flatMap(({ name, typeId }) =>
        withProperties({ type, objectTypeId: typeId }, properties[name] ?? editable(name)),
      )
    return withProperties({ type }, properties[type.startsWith('contact.') ? 'contacts' : 'companies'])
  })

const withProperties = (request: SubscriptionRequest, names: readonly string[]): SubscriptionRequest[] =>
  request.type.endsWith(PROPERTY_CHANGE) ? names.map(propertyName => ({ ...request, propertyName })) : [request]

const editable = (objectType: string): string[] =>
  (PREDEFINED[objectType]?.properties ?? [])
    .filter(({ name, modificationMetadata }) => !modificationMetadata.readOnlyValue && !NEVER_TOLD.has(name))
    .map(({ name }) => name)

/**
 * @param wanted those that are there from the beginning, also of properties that are made later; unless given, every type, and each property that
 * HubSpot defined and a person may change
 */
export const createSubscriptions = (
  store: Store,
  portal: Portal,
  wanted: readonly SubscriptionRequest[] = subscriptionsTo({
    contacts: editable('contacts'),
    companies: editable('companies'),
  }),
): Subscriptions => {
  const rows: Table<Subscription> = store.table('webhook subscriptions')
  const insert = (request: SubscriptionRequest): Subscription => {
    const added = { id: FIRST_ID + rows.size, ...request, active: true }
    rows.set(keyOf(request), added)
    return added
  }
  const begin = (): void => {
    for (const request of wanted) if (!rows.has(keyOf(request))) insert(request)
  }
  begin()
  return {
    list: () => [...rows.values()],
    active: request => {
      const found = rows.get(keyOf(request))
      return found?.active ? found : undefined
    },
    add: asked => {
      const request = checked(portal, asked)
      if (rows.has(keyOf(request))) throw conflict('A subscription for this event already exists.')
      if (rows.size >= MOST) throw invalid(`An app has at most ${MOST} subscriptions.`)
      return insert(request)
    },
    setActive: (id, active) => {
      const found = [...rows.values()].find(one => one.id === id)
      if (!found) throw notFound(`There is no subscription ${id}.`)
      rows.set(keyOf(found), { ...found, active })
    },
    reset: begin,
  }
}

const keyOf = ({ type, objectTypeId, propertyName }: SubscriptionRequest): string =>
  `${type} ${propertyName ?? ''}${objectTypeId === undefined ? '' : ` ${objectTypeId}`}`

const checked = (
  portal: Portal,
  { type: asked, objectTypeId, propertyName }: Parameters<Subscriptions['add']>[0],
): SubscriptionRequest => {
  const type = SUBSCRIPTION_TYPES.find(one => one === asked)
  if (!type) throw invalid(`Expected one of ${SUBSCRIPTION_TYPES.join(', ')}, came ${asked}.`)
  const of = type.startsWith(GENERIC) ? { objectTypeId: activityTypeId(type, objectTypeId) } : {}
  if (!type.endsWith(PROPERTY_CHANGE)) {
    if (propertyName) throw invalid(`A subscription of ${type} has no property.`)
    return { type, ...of }
  }
  if (!propertyName) throw invalid(`A subscription of ${type} needs a property.`)
  if (!portal.objects(of.objectTypeId ?? type.replace(PROPERTY_CHANGE, '')).properties.get(propertyName))
    throw invalid(`Property "${propertyName}" does not exist`)
  if (NEVER_TOLD.has(propertyName)) throw invalid(`Changes of "${propertyName}" cannot be subscribed to.`)
  return { type, ...of, propertyName }
}

const activityTypeId = (type: SubscriptionType, objectTypeId: string | undefined): string => {
  const ids = ACTIVITY_TYPES.map(({ typeId }) => typeId)
  if (objectTypeId !== undefined && ids.includes(objectTypeId)) return objectTypeId
  throw invalid(`A subscription of ${type} needs an object type: one of ${ids.join(', ')}.`)
}
