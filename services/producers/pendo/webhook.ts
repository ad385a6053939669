import { digest } from '../input/digest.ts'
import { idText } from '../input/id-text.ts'
import { isObject, type JsonObject } from '../input/json-body.ts'
import { type UsageKind, usageSources } from './catalogue.ts'

/** What the names of Pendo's webhooks mean here. All others are accepted, counted and ignored. */
export const webhookEvents: Readonly<Record<string, UsageKind | 'visitor' | 'account'>> = {
  // Without a prototype: an event may be called anything.
  __proto__: null as never,
  trackEventReceived: 'TRACK',
  // Page loads and feature clicks are newer than what is documented of names (facts/pendo.md §5): these are Pendo's own words in every form that its other names have.
  pageLoaded: 'PAGE',
  pageLoad: 'PAGE',
  pageViewed: 'PAGE',
  featureClicked: 'FEATURE',
  featureClick: 'FEATURE',
  visitorCreated: 'visitor',
  accountCreated: 'account',
}

/** One event of a webhook, its values as Pendo wrote them. */
export interface PendoWebhook {
  /** Pendo's `uniqueId`, which a repetition carries again; of an event without one a hash of it. */
  readonly id: string
  readonly event: string
  readonly visitorId: unknown
  readonly accountId: unknown
  /** Seconds, or milliseconds as everything within `properties`. */
  readonly timestamp: unknown
  readonly properties: JsonObject
}

/** Pendo's have 40 characters; a much longer one is hashed, so that no key of ours grows with it. */
const longestId = 200

/** An item of a body; undefined for what is no object with the name of an event. */
export const readWebhook = (item: unknown): PendoWebhook | undefined => {
  if (!isObject(item)) return undefined
  const event = idText(item['event'])
  if (event === null) return undefined
  const { visitorId, accountId, timestamp, properties } = item
  return { id: idOf(item), event, visitorId, accountId, timestamp, properties: isObject(properties) ? properties : {} }
}

const idOf = (item: JsonObject): string => {
  const given = idText(item['uniqueId'])
  return given !== null && given.length <= longestId ? given : `sha256-${digest(given ?? JSON.stringify(item))}`
}

/** The thing that was used, as far as the webhook names it. */
export interface NamedUse {
  readonly id: string | null
  readonly name: string | null
  readonly properties: unknown
}

/** Where a webhook may name what was used, the likelier place first: no example of these is documented (facts/pendo.md §5), so all forms that Pendo uses elsewhere are looked at. */
const namePlaces: Readonly<Record<UsageKind, readonly (readonly string[])[]>> = {
  TRACK: [['trackEventName'], ['trackTypeName'], ['eventName'], ['event'], ['name']],
  PAGE: [['pageName'], ['page', 'name'], ['pageProperties', 'name'], ['name']],
  FEATURE: [['featureName'], ['feature', 'name'], ['featureProperties', 'name'], ['name']],
}
const propertyPlaces: Readonly<Record<UsageKind, readonly string[]>> = {
  TRACK: ['eventProperties', 'trackEventProperties', 'properties'],
  PAGE: ['eventProperties', 'parameters'],
  FEATURE: ['eventProperties', 'parameters'],
}

export const usedIn = (kind: UsageKind, properties: JsonObject): NamedUse => {
  const idName = usageSources[kind].id
  const inner = properties[idName.slice(0, -'Id'.length)]
  return {
    id: idText(properties[idName]) ?? (isObject(inner) ? idText(inner['id']) : null),
    name: firstOf(namePlaces[kind], path => idText(valueAt(properties, path))),
    properties: firstOf(propertyPlaces[kind], name => (isObject(properties[name]) ? properties[name] : null)),
  }
}

const firstOf = <Place, Found>(places: readonly Place[], find: (place: Place) => Found | null): Found | null => {
  for (const place of places) {
    const found = find(place)
    if (found !== null) return found
  }
  return null
}

const valueAt = (object: JsonObject, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, step) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined),
    object,
  )
