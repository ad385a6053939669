import type { IdentityClaim } from '../../../schemas/generated.ts'
import type { OutgoingRecord } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import { deadLetter } from '../../runtime/dead-letters.ts'
import { TributaryError } from '../../runtime/errors.ts'
import { encodedAll } from '../encoded.ts'
import { isObject } from '../input/json-body.ts'
import { fewestClaims } from './claims.ts'
import type { SegmentMessage } from './messages.ts'
import type { MessageProblem } from './problems.ts'
import { type MessageOrigin, mapMessage, webhookSource } from './records.ts'

/** Name of this producer in the topology, in dead letters and in metrics. */
export const segmentProducer = 'segment'

/** What messages become in Kafka: claims first, since a consumer that reads a record before its claim has to park it. */
export interface OutgoingMessages {
  readonly records: readonly OutgoingRecord[]
  /** Codes of the dead letters among the records. */
  readonly problems: readonly string[]
  /** Messages whose own time could not be. */
  readonly timesReplaced: number
}

/** Throws `SEGMENT_MESSAGE_TOO_LARGE` (rejected) for a message that cannot be kept even as a dead letter. */
export const outgoingOf = (
  messages: readonly SegmentMessage[],
  origin: MessageOrigin,
  codec: Pick<Codec, 'encode'>,
): OutgoingMessages => {
  const records: OutgoingRecord[] = []
  const claims: IdentityClaim[] = []
  const problems: string[] = []
  let timesReplaced = 0
  for (const message of messages) {
    const mapped = mapMessage(message, origin)
    if ('code' in mapped) {
      records.push(letterOf(message, mapped, origin))
      problems.push(mapped.code)
      continue
    }
    claims.push(mapped.claim)
    if (mapped.timeReplaced) timesReplaced += 1
    records.push(...encodedAll(codec, [], mapped.records))
  }
  return { records: [...encodedAll(codec, fewestClaims(claims), []), ...records], problems, timesReplaced }
}

/** Where a dead letter says that a message came from: `segment/<source>`, and `webhooks/segment` for Segment's own webhooks. */
const placeOf = ({ via, source }: MessageOrigin): string => (via === 'webhook' ? webhookPlace : `segment/${source}`)

const webhookPlace = 'webhooks/segment'

/** The inverse: where the message of a dead letter came from; undefined for what is none of Segment. */
export const originOf = (place: string, receivedAt: number): MessageOrigin | undefined => {
  if (place === webhookPlace) return { via: 'webhook', source: webhookSource, receivedAt }
  const source = /^segment\/(.+)$/.exec(place)?.[1]
  return source === undefined ? undefined : { via: 'api', source, receivedAt }
}

/** Holds all that the mapping of a later version needs to take the message after all. */
const letterOf = (
  { body, sentAt }: SegmentMessage,
  { code, message }: MessageProblem,
  origin: MessageOrigin,
): OutgoingRecord => {
  const value = Buffer.from(JSON.stringify({ body: withoutWriteKey(body), sentAt }))
  const reason = { code, message, service: segmentProducer, at: origin.receivedAt }
  const letter = deadLetter({ topic: placeOf(origin), key: null, value, headers: {} }, reason)
  if (letter.value !== null) return letter
  throw new TributaryError('SEGMENT_MESSAGE_TOO_LARGE', 'A message is too large to be kept as a dead letter.', {
    errorClass: 'rejected',
  })
}

/** It is a secret, and browsers put it into each message. */
const withoutWriteKey = (body: unknown): unknown => {
  if (!isObject(body)) return body
  const { writeKey: _, batch, ...rest } = body
  return Array.isArray(batch) ? { ...rest, batch: batch.map(withoutWriteKey) } : { ...rest, batch }
}
