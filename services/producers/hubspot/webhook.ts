import { digest } from '../input/digest.ts'
import { idText } from '../input/id-text.ts'
import { isObject, type JsonObject } from '../input/json-body.ts'
import { type ActivityType, activityTypes } from './activities/types.ts'
import { type ObjectType, objectTypes } from './object-types.ts'

/** One item of a webhook, its values as HubSpot wrote them. */
export interface HubSpotWebhook {
  /** Which event it is. A repetition, which has another attemptNumber, carries the same. */
  readonly id: string
  /** Of what type its record is; undefined for one that is not taken, and for an activity. */
  readonly type: ObjectType | undefined
  /** Of what type of activity its record is; undefined for none. */
  readonly activity: ActivityType | undefined
  /** What happened to the record: what the subscription's name says after the dot. */
  readonly change: string
  readonly body: JsonObject
}

/** An item of a body; undefined for what is no object with the type of a subscription. */
export const readWebhook = (item: unknown): HubSpotWebhook | undefined => {
  if (!isObject(item)) return undefined
  // Older payloads call it eventType.
  const subscription = idText(item['subscriptionType'] ?? item['eventType'])
  const [object = '', change = ''] = subscription?.split('.') ?? []
  if (object === '' || change === '') return undefined
  return { id: idOf(item), type: typeOf(object, item), activity: activityOf(object, item), change, body: item }
}

/** Apps of the developer platform subscribe to `object.creation` and the like, which say the type in `objectTypeId`. */
const typeOf = (object: string, { objectTypeId }: JsonObject): ObjectType | undefined =>
  objectTypes.find(({ name, typeId }) => (object === 'object' ? typeId === objectTypeId : name === object))

/** A change of an association says the types of both records. */
const activityOf = (object: string, { objectTypeId, fromObjectTypeId, toObjectTypeId }: JsonObject) => {
  if (object !== 'object') return activityTypes.find(({ name }) => name === object)
  const typeIds: readonly unknown[] = objectTypeId === undefined ? [fromObjectTypeId, toObjectTypeId] : [objectTypeId]
  return activityTypes.find(({ typeId }) => typeIds.includes(typeId))
}

/** What together names an event (facts/hubspot.md §3.9); eventId alone does not. */
const idFields = ['portalId', 'subscriptionId', 'eventId', 'objectId', 'occurredAt'] as const
/** HubSpot's have some 60 characters and the name of a property; a much longer one is hashed, so that no key of ours grows with it. */
const longestId = 250

const idOf = (item: JsonObject): string => {
  const { attemptNumber: _, ...event } = item
  // Merges name their records by other fields.
  const named: JsonObject = { ...item, objectId: item['objectId'] ?? item['newObjectId'] }
  const ids = idFields.map(field => idText(named[field]))
  const property = item['propertyName'] === undefined ? [] : [idText(item['propertyName'])]
  const id = [...ids, ...property].join(':')
  return [...ids, ...property].includes(null) || id.length > longestId ? `sha256-${digest(JSON.stringify(event))}` : id
}

/** What HubSpot says in `changeSource` of what apps write through its API (facts/hubspot.md §3.9). */
const sourcesOfApps: ReadonlySet<unknown> = new Set([
  'INTEGRATION',
  'API',
  'BATCH_UPDATE',
  'INTEGRATIONS_PLATFORM',
  'INTEGRATIONS_SYNC',
])

/** Whether it tells what this app wrote itself. */
export const isEcho = ({ body }: HubSpotWebhook, appId: string | null): boolean =>
  isOurs(body['changeSource'], body['sourceId'], appId)

/**
 * Whether this app made a change.
 * @param source what HubSpot says of how it was made, `INTEGRATION` for one
 * @param sourceId and by whom
 * @param appId HUBSPOT_APP_ID; null when it is not set, and then nothing is
 */
export const isOurs = (source: unknown, sourceId: unknown, appId: string | null): boolean =>
  appId !== null && sourcesOfApps.has(source) && idText(sourceId) === appId
