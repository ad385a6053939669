import type { Store } from '../../store.ts'
import type { Choices } from '../choices.ts'
import { badRequest } from '../errors.ts'
import { isPropertyName, OLDEST_EVENT_MS, PROPERTIES_BYTES, PROPERTIES_TOO_LARGE, PROPERTY_KEYS } from '../limits.ts'
import type { Catalog } from './catalog.ts'
import type { Values } from './fields.ts'
import type { Profiles } from './profiles.ts'
import type { Unprocessed } from './unprocessed.ts'
import { hourOf, type Usage } from './usage.ts'

/** A track event, from a server or from the browser. */
export interface TrackEvent {
  readonly event: string
  readonly visitorId: string
  readonly accountId: string
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly properties: Values
  readonly place: { readonly server: string; readonly remoteIp: string; readonly userAgent: string }
}

/** A text or null when they are too large. */
export type KeptProperties = Values | string | null

/** Takes a track event; returns its properties as they are kept, or undefined when it is not processed. */
export type TakeTrackEvent = (event: TrackEvent) => KeptProperties | undefined

export interface TrackParts {
  readonly store: Store
  readonly now: () => number
  readonly catalog: Catalog
  readonly profiles: Profiles
  readonly usage: Usage
  readonly unprocessed: Unprocessed
  readonly choices: Choices
  /** When the subscription began, epoch milliseconds. */
  readonly began: number
}

/** The rules of track events: facts/pendo.md §2. What breaks one is accepted all the same and counted, unless a choice says otherwise. */
export const createTrack = (parts: TrackParts): TakeTrackEvent => {
  const { catalog, profiles, usage, unprocessed, choices } = parts
  const keep = keptProperties(parts)
  return event => {
    if (choices.invalidProperties === 'refused') assertNames(event.properties)
    const early = tooEarly(parts, event.timestamp)
    if (early) return void unprocessed.count(early)
    if (isExcluded(profiles, event.visitorId)) return void unprocessed.count('visitor is not to be processed')
    const type = catalog.trackType(event.event)
    if (!type) return void unprocessed.count('beyond 5,000 event names')
    if (choices.beforeFirstReceipt === 'unprocessed' && event.timestamp < hourOf(type.createdAt))
      return void unprocessed.count('earlier than its event name')
    const { visitorId, accountId, timestamp: at, place } = event
    const properties = keep(event.properties)
    usage.record({ source: 'trackEvents', itemId: type.id, visitorId, accountId, ...place, properties, at })
    return properties
  }
}

/** Whether somebody asked Pendo to leave the visitor alone: `PUT …/pendo/value/{id}/donotprocess`. */
export const isExcluded = (profiles: Profiles, visitorId: string): boolean =>
  profiles.get('visitor', visitorId)?.metadata.pendo['donotprocess'] === true

const tooEarly = ({ now, began }: TrackParts, timestamp: number) => {
  if (timestamp < now() - OLDEST_EVENT_MS) return 'older than 7 days'
  return timestamp < began ? 'earlier than the subscription' : undefined
}

const assertNames = (properties: Values): void => {
  const wrong = Object.keys(properties).find(name => !isPropertyName(name))
  if (wrong !== undefined) throw badRequest(`properties: ${wrong} is not a name of a property`)
}

const keptProperties = ({ store, unprocessed, choices }: TrackParts): ((properties: Values) => KeptProperties) => {
  const keys = store.table<{ readonly key: string }>('property key')
  const isKept = (key: string): boolean => {
    if (!isPropertyName(key)) unprocessed.count('property name not allowed')
    else if (keys.has(key)) return true
    else if (keys.size >= PROPERTY_KEYS) unprocessed.count('property key beyond 10,000')
    else {
      keys.set(key, { key })
      return true
    }
    return false
  }
  return properties => {
    if (Buffer.byteLength(JSON.stringify(properties)) > PROPERTIES_BYTES) {
      unprocessed.count('properties over 512 bytes')
      return choices.largeProperties === 'text' ? PROPERTIES_TOO_LARGE : null
    }
    return Object.fromEntries(Object.entries(properties).filter(([key]) => isKept(key)))
  }
}
