import type { IdentityClaim } from '../../../schemas/generated.ts'
import type { Stream } from '../../../topology/define.ts'
import { identityClaims } from '../../../topology/topics.ts'
import type { OutgoingRecord } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import { deadLetter } from '../../runtime/dead-letters.ts'
import { TributaryError } from '../../runtime/errors.ts'
import { digest } from '../input/digest.ts'
import type { OutgoingItem } from '../item-webhooks.ts'
import type { Catalogue } from './catalogue.ts'
import { mapWebhook, type PendoRecord } from './records.ts'
import type { PendoWebhook } from './webhook.ts'

/** Name of the producer of webhooks in the topology, in dead letters and in metrics. */
export const pendoWebhooks = 'pendo-webhooks'
/** Where a dead letter says that an event came from. */
export const webhookPlace = 'webhooks/pendo'

type Encoder = Pick<Codec, 'encode'>

/** The claim first: a consumer that reads a record before its claim parks it. */
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
    const records = [...(claim ? [encodedClaim(codec, claim)] : []), encodedRecord(codec, record)]
    return { id: webhook.id, records, problem: null, timeReplaced }
  } catch (error) {
    if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
    return setAside(item, error, receivedAt)
  }
}

export const encodedClaim = (codec: Encoder, claim: IdentityClaim): OutgoingRecord =>
  encoded(codec, identityClaims, claim)

export const encodedRecord = (codec: Encoder, { stream, value }: PendoRecord): OutgoingRecord =>
  encoded(codec, stream as Stream<unknown>, value)

const encoded = <Value>(codec: Encoder, stream: Stream<Value>, value: Value): OutgoingRecord => ({
  topic: stream.name,
  key: stream.keyedBy === 'person' ? null : stream.keyedBy(value),
  value: codec.encode(stream, value),
})

/** What cannot become a record must not be lost: Pendo is not known to send anything twice. */
export const setAside = (
  item: unknown,
  { code, message }: { readonly code: string; readonly message: string },
  receivedAt: number,
): OutgoingItem => {
  const value = Buffer.from(JSON.stringify(item) ?? 'null')
  const reason = { code, message, service: pendoWebhooks, at: receivedAt }
  const letter = deadLetter({ topic: webhookPlace, key: null, value, headers: {} }, reason)
  return { id: `dead-letter:${digest(value.toString())}`, records: [letter], problem: code, timeReplaced: false }
}
