import type { RecordNotice } from '../../../../schemas/generated.ts'
import { recordNotices } from '../../../../topology/topics.ts'
import { recordIdOf } from '../object-types.ts'
import { type Facts, ofHubSpot } from '../records.ts'
import type { HubSpotWebhook } from '../webhook.ts'
import { type ActivityType, readProperties } from './types.ts'

/** That a record is to be read, on its stream. */
export interface Notice {
  readonly stream: typeof recordNotices
  readonly value: RecordNotice
}

/** That something became of an activity. */
export const noticeOf = (
  { name }: ActivityType,
  record: string,
  { eventId, occurredAt, receivedAt, gone }: Pick<Facts, 'eventId' | 'occurredAt' | 'receivedAt'> & { gone: boolean },
): Notice => ({
  stream: recordNotices,
  value: { eventId, source: ofHubSpot.source, occurredAt, receivedAt, object: name, record, gone },
})

/** Changes of an activity after which it is read. */
const noticedChanges: ReadonlySet<string> = new Set([
  'creation',
  'propertyChange',
  'deletion',
  'restore',
  'associationChange',
])

/**
 * What a webhook of an activity asks for: nothing, when the change is of no interest, or what it lacks, as a noun. What it tells of the record is not looked at: webhooks
 * come in any order, and a reading tells everything at once.
 */
export const noticed = (
  type: ActivityType,
  { change, body }: Pick<HubSpotWebhook, 'change' | 'body'>,
  facts: Facts,
): Notice | 'nothing' | { readonly lacks: string } => {
  if (!noticedChanges.has(change)) return 'nothing'
  const property = body['propertyName']
  if (change === 'propertyChange' && typeof property === 'string' && !readProperties(type).includes(property))
    return 'nothing'
  const id = recordIdOf(body['objectId'] ?? endOf(type, body))
  return id === null ? { lacks: 'an objectId' } : noticeOf(type, id, { ...facts, gone: change === 'deletion' })
}

/** Changes of associations name both records instead of one: which of them is the activity says its type's id, else the name of the association (`TASK_TO_CONTACT`). */
const endOf = ({ name, typeId }: ActivityType, body: HubSpotWebhook['body']): unknown => {
  const { fromObjectId, toObjectId, fromObjectTypeId, toObjectTypeId, associationType } = body
  if (fromObjectTypeId === typeId) return fromObjectId
  if (toObjectTypeId === typeId) return toObjectId
  const [, to = ''] = String(typeof associationType === 'string' ? associationType : '').split('_TO_')
  return to.toLowerCase() === name ? toObjectId : fromObjectId
}
