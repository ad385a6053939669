import type { IdentityClaim } from '../../../schemas/generated.ts'
import type { Stream } from '../../../topology/define.ts'
import { identityClaims } from '../../../topology/topics.ts'
import type { OutgoingRecord } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import { deadLetter } from '../../runtime/dead-letters.ts'
import { TributaryError } from '../../runtime/errors.ts'
import { digest } from '../input/digest.ts'
import type { OutgoingItem } from '../item-webhooks.ts'
import { type HubSpotMapping, type MappedWebhook, mapWebhook, notAWebhook, type PassedOver } from './changes.ts'
import type { HubSpotRecord } from './records.ts'
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
    return { id: webhook.id, records: encodedAll(codec, mapped), problem: null, timeReplaced: mapped.timeReplaced }
  } catch (error) {
    if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
    return setAside(item, error, receivedAt)
  }
}

/** The claims first: a consumer that reads a record before its claim parks it. */
export const encodedAll = (
  codec: Encoder,
  { record, claims }: Pick<MappedWebhook, 'record' | 'claims'>,
): readonly OutgoingRecord[] => [
  ...claims.map(claim => encoded<IdentityClaim>(codec, identityClaims, claim)),
  ...(record ? [encodedRecord(codec, record)] : []),
]

const encodedRecord = (codec: Encoder, { stream, value }: HubSpotRecord): OutgoingRecord =>
  encoded(codec, stream as Stream<unknown>, value)

const encoded = <Value>(codec: Encoder, stream: Stream<Value>, value: Value): OutgoingRecord => ({
  topic: stream.name,
  key: stream.keyedBy === 'person' ? null : stream.keyedBy(value),
  value: codec.encode(stream, value),
})

/** What cannot become a record must not be lost: HubSpot would send it again only to fail again. */
export const setAside = (
  item: unknown,
  { code, message }: { readonly code: string; readonly message: string },
  receivedAt: number,
): OutgoingItem => {
  const value = Buffer.from(JSON.stringify(item) ?? 'null')
  const reason = { code, message, service: hubspotWebhooks, at: receivedAt }
  const letter = deadLetter({ topic: webhookPlace, key: null, value, headers: {} }, reason)
  return { id: `dead-letter:${digest(value.toString())}`, records: [letter], problem: code, timeReplaced: false }
}
