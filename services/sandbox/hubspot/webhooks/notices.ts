import type { AssociationChange } from '../associations/associations.ts'
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
export interface WebhookEvent extends Omit<Notice, 'subscriptionType' | 'objectId'> {
  readonly subscriptionType: string
  /** Absent of a changed association, which has two ends instead. */
  readonly objectId?: number
  /** In generic payloads, as `isSensitive` of a changed property. */
  readonly objectTypeId?: string
  readonly isSensitive?: boolean
  /** Of a changed association. */
  readonly associationCategory?: 'HUBSPOT_DEFINED'
  readonly associationTypeId?: number
  readonly associationRemoved?: boolean
  readonly isPrimaryAssociation?: boolean
  readonly fromObjectId?: number
  readonly fromObjectTypeId?: string
  readonly toObjectId?: number
  readonly toObjectTypeId?: string
  readonly eventId: number
  readonly subscriptionId: number
  readonly portalId: number
  readonly appId: number
  /** Milliseconds since the epoch. */
  readonly occurredAt: number
  readonly changeSource: string
  readonly sourceId: string
}

/** What an event says, but for where it comes from. */
export type Told = Omit<WebhookEvent, 'eventId' | 'subscriptionId' | 'portalId' | 'appId' | 'occurredAt'>

/** All that HubSpot could tell of a change: a deletion for privacy is told as a deletion, too; a merge is no change of properties. */
export const noticesOf = (objects: PortalObjects, change: RecordChange, choices: WebhookChoices): readonly Notice[] => {
  const { id, operation, before } = change
  const kind = objects.type.isActivity ? 'object' : KINDS[objects.type.name]
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
      if (kind === 'object') return []
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
): Told => {
  const by = { changeSource, sourceId }
  // Deletions for privacy have no generic form, and webhooks of activities no other one.
  const isGeneric = payloads === 'generic' || subscriptionType.startsWith('object.')
  if (!isGeneric || subscriptionType === 'contact.privacyDeletion')
    return { subscriptionType, objectId, ...details, ...by }
  return {
    ...{ subscriptionType: subscriptionType.replace(/^\w+/, 'object'), objectId, objectTypeId: typeId },
    ...{ ...details, ...by },
    ...(details.propertyName === undefined ? {} : { isSensitive: false }),
  }
}

/** The fields of an event that say which association was made or removed, and who did it. The type is that of its first end. */
export const associationToldOf = (
  { from, to, typeId, removed, writer }: AssociationChange,
  typeIdOf: (objectType: string) => string,
): Told => ({
  subscriptionType: 'object.associationChange',
  associationCategory: 'HUBSPOT_DEFINED',
  associationTypeId: typeId,
  associationRemoved: removed,
  isPrimaryAssociation: false,
  fromObjectId: Number(from.id),
  fromObjectTypeId: typeIdOf(from.type),
  toObjectId: Number(to.id),
  toObjectTypeId: typeIdOf(to.type),
  changeSource: writer.source,
  sourceId: writer.id,
})

type Kind = 'contact' | 'company' | 'object'
/** Of deals nothing is told: no subscription can ask for it here. */
const KINDS: Readonly<Record<string, 'contact' | 'company'>> = { contacts: 'contact', companies: 'company' }

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

const mergeOf = (
  { id, merge }: RecordChange,
  kind: Exclude<Kind, 'object'>,
  { mergeObjectId }: WebhookChoices,
): Notice => {
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
