import type { IdentityClaim } from '../../../schemas/generated.ts'
import type { OutgoingRecord } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import { TributaryError } from '../../runtime/errors.ts'
import { encodedAll } from '../encoded.ts'
import { type OutgoingItem, setAsideItem } from '../item-webhooks.ts'
import type { Catalogue } from './catalogue.ts'
import { mapWebhook, type PendoRecord } from './records.ts'
import type { PendoWebhook } from './webhook.ts'

/** Name of the producer of webhooks in the topology, in dead letters and in metrics. */
export const pendoWebhooks = 'pendo-webhooks'
/** Where a dead letter says that an event came from. */
export const webhookPlace = 'webhooks/pendo'

type Encoder = Pick<Codec, 'encode'>

/** What an event of a webhook becomes in Kafka. */
export const outgoingOf = (
  webhook: PendoWebhook,
  item: unknown,
  {
    catalogue,
    receivedAt,
    codec,
  }: { readonly catalogue: Catalogue | null; readonly receivedAt: number; readonly codec: Encoder },
): OutgoingItem => {
  const mapped = mapWebhook(webhook, catalogue, receivedAt)
  if ('code' in mapped) return setAside(item, mapped, receivedAt)
  const { claim, record, timeReplaced } = mapped
  try {
    return { id: webhook.id, records: recordsOf(codec, claim, record), problem: null, timeReplaced }
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
): OutgoingItem => setAsideItem(item, reason, { service: pendoWebhooks, place: webhookPlace, receivedAt })

/** What a webhook or a reading told, as records. */
export const recordsOf = (
  codec: Encoder,
  claim: IdentityClaim | null,
  record: PendoRecord,
): readonly OutgoingRecord[] => encodedAll(codec, claim ? [claim] : [], [record])
