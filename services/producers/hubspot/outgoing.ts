import type { OutgoingRecord } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import { TributaryError } from '../../runtime/errors.ts'
import { encodedAll } from '../encoded.ts'
import { type OutgoingItem, setAsideItem } from '../item-webhooks.ts'
import { type HubSpotMapping, type MappedWebhook, mapWebhook, notAWebhook, type PassedOver } from './changes.ts'
import { readWebhook } from './webhook.ts'

/** Name of the producer of webhooks in the topology, in dead letters and in metrics. */
export const hubspotWebhooks = 'hubspot-webhooks'
/** Where a dead letter says that an item came from. */
export const webhookPlace = 'webhooks/hubspot'

type Encoder = Pick<Codec, 'encode'>

export interface OutgoingFacts {
  readonly mapping: HubSpotMapping
  readonly receivedAt: number
  readonly codec: Encoder
}

/** What an item of a webhook becomes in Kafka, or why nothing does. */
export const outgoingOf = (
  item: unknown,
  { mapping, receivedAt, codec }: OutgoingFacts,
): OutgoingItem | PassedOver['kind'] => {
  const webhook = readWebhook(item)
  if (!webhook) return setAside(item, notAWebhook, receivedAt)
  const mapped = mapWebhook(webhook, mapping, receivedAt)
  if (mapped.kind === 'broken') return setAside(item, mapped, receivedAt)
  if (mapped.kind !== 'mapped') return mapped.kind
  try {
    return { id: webhook.id, records: recordsOf(codec, mapped), problem: null, timeReplaced: mapped.timeReplaced }
  } catch (error) {
    if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
    return setAside(item, error, receivedAt)
  }
}

/** An item that cannot be taken, as a dead letter. */
export const setAside = (
  item: unknown,
  reason: { readonly code: string; readonly message: string },
  receivedAt: number,
): OutgoingItem => setAsideItem(item, reason, { service: hubspotWebhooks, place: webhookPlace, receivedAt })

/** What a webhook or a reading told, as records. */
export const recordsOf = (
  codec: Encoder,
  { record, claims }: Pick<MappedWebhook, 'record' | 'claims'>,
): readonly OutgoingRecord[] => encodedAll(codec, claims, record ? [record] : [])
