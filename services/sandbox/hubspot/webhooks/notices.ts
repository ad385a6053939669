import type { ObjectType } from '../objects/object-types.ts'
import { type CrmRecord, isLive, type RecordChange, type Writer } from '../objects/records.ts'
import type { PortalObjects } from '../portal.ts'
import type { PropertyType } from '../properties/row.ts'
import type { WebhookChoices } from './choices.ts'
import type { SubscriptionType } from './subscriptions.ts'

/** What a webhook tells of one change, before it is known who asked for it. */
export interface Notice {
  readonly subscriptionType: SubscriptionType
  readonly objectId: number
  readonly propertyName?: string
  /** A time as milliseconds since the epoch; empty when the property was cleared. */
  readonly propertyValue?: string
  readonly changeFlag?: 'CREATED' | 'NEW' | 'DELETED'
  readonly primaryObjectId?: number
  readonly mergedObjectIds?: readonly number[]
  readonly newObjectId?: number
  readonly numberOfPropertiesMoved?: number
}

/** One entry of a webhook's body, but for the number of the attempt. */
export interface WebhookEvent extends Omit<Notice, 'subscriptionType'> {
  readonly subscriptionType: string
  /** In generic payloads, as `isSensitive` of a changed property. */
  readonly objectTypeId?: string
  readonly isSensitive?: boolean
  readonly eventId: number
  readonly subscriptionId: number
  readonly portalId: number
  readonly appId: number
  /** Milliseconds since the epoch. */
  readonly occurredAt: number
  readonly changeSource: string
  readonly sourceId: string
}

/** All that HubSpot could tell of a change: a deletion for privacy is told as a deletion, too; a merge is no change of properties. */
export const noticesOf = (objects: PortalObjects, change: RecordChange, choices: WebhookChoices): readonly Notice[] => {
  const { id, operation, before } = change
  const kind = KINDS[objects.type.name]
  if (!kind) return []
  const deletion = (deleted: string): Notice => ({
    subscriptionType: `${kind}.deletion`,
    objectId: Number(deleted),
    changeFlag: 'DELETED',
  })
  switch (operation) {
    case 'create': {
      const creation: Notice = {
        subscriptionType: `${kind}.creation`,
        objectId: Number(id),
        changeFlag: choices.creationFlag,
      }
      return choices.creationTellsProperties ? [creation, ...propertyChanges(objects, change, kind)] : [creation]
    }
    case 'update':
      return propertyChanges(objects, change, kind)
    case 'archive':
      return [deletion(id)]
    case 'restore':
      return [{ subscriptionType: `${kind}.restore`, objectId: Number(id) }]
    case 'merge': {
      const merged = choices.mergeTellsDeletion ? (change.merge?.mergedIds ?? []) : []
      return [mergeOf(change, kind, choices), ...merged.map(deletion)]
    }
    case 'gdpr-delete': {
      if (before === undefined || before.mergedInto !== undefined) return []
      const forPrivacy: Notice = { subscriptionType: 'contact.privacyDeletion', objectId: Number(id) }
      return isLive(before) ? [forPrivacy, deletion(id)] : [forPrivacy]
    }
  }
}

/** The fields of an event that say what happened, and who did it. */
export const toldOf = (
  { subscriptionType, objectId, ...details }: Notice,
  { typeId }: ObjectType,
  { source: changeSource, id: sourceId }: Writer,
  { payloads }: WebhookChoices,
): Omit<WebhookEvent, 'eventId' | 'subscriptionId' | 'portalId' | 'appId' | 'occurredAt'> => {
  const by = { changeSource, sourceId }
  // Deletions for privacy have no generic form.
  if (payloads === 'classic' || subscriptionType === 'contact.privacyDeletion')
    return { subscriptionType, objectId, ...details, ...by }
  return {
    ...{ subscriptionType: subscriptionType.replace(/^\w+/, 'object'), objectId, objectTypeId: typeId },
    ...{ ...details, ...by },
    ...(details.propertyName === undefined ? {} : { isSensitive: false }),
  }
}

type Kind = 'contact' | 'company'
const KINDS: Readonly<Record<string, Kind>> = { contacts: 'contact', companies: 'company' }

const propertyChanges = (
  { properties }: PortalObjects,
  { id, before, after }: RecordChange,
  kind: Kind,
): readonly Notice[] => {
  const valueIn = (record: CrmRecord | undefined, name: string): string => record?.properties[name] ?? ''
  const names = new Set([...Object.keys(before?.properties ?? {}), ...Object.keys(after?.properties ?? {})])
  return [...names]
    .filter(name => valueIn(before, name) !== valueIn(after, name))
    .map(name => ({
      subscriptionType: `${kind}.propertyChange`,
      objectId: Number(id),
      propertyName: name,
      propertyValue: asKept(properties.get(name)?.type, valueIn(after, name)),
    }))
}

/** The API gives times in ISO 8601, webhooks the milliseconds that HubSpot keeps. */
const asKept = (type: PropertyType | undefined, value: string): string =>
  (type === 'datetime' || type === 'date') && value !== '' ? String(Date.parse(value)) : value

const mergeOf = ({ id, merge }: RecordChange, kind: Kind, { mergeObjectId }: WebhookChoices): Notice => {
  const primaryObjectId = Number(merge?.primaryId)
  return {
    subscriptionType: `${kind}.merge`,
    objectId: mergeObjectId === 'new' ? Number(id) : primaryObjectId,
    primaryObjectId,
    mergedObjectIds: merge?.mergedIds.map(Number) ?? [],
    newObjectId: Number(id),
    numberOfPropertiesMoved: merge?.propertiesMoved ?? 0,
  }
}
