import assert from 'node:assert/strict'
import type { IdentityClaim, Webinar } from '../../../schemas/generated.ts'
import { mapWebhook } from '../../../services/producers/zoom/events.ts'
import { isRecorded, readEnvelope, readWebhook, recordedEvents } from '../../../services/producers/zoom/webhook.ts'
import { type AvroTopic, type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { TributaryError } from '../../../services/runtime/errors.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { identityClaims, webinars } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'
import { samples } from '../../producers/zoom/receiver.ts'
import type { Target } from './target.ts'

/** After the times in Zoom's samples. */
export const receivedAt = Date.parse('2021-07-15T12:00:00Z')
const account = { name: 'default', panelists: new Set(['panelist@example.com']) }

/** Bodies of webhooks, as if signed: parsed, mapped, encoded, and read back. */
export const open = async (): Promise<Target> => {
  const codec = await webhookCodec()
  return {
    seeds: [...samples.values()].map(body => Buffer.from(body)),
    dictionary: [
      ...Object.keys(recordedEvents),
      'endpoint.url_validation',
      'plainToken',
      'custom_questions',
      'in_waiting_room',
    ],
    covers: ['/services/producers/zoom/', '/services/identity/aliases', '/services/runtime/'],
    run: input => {
      takeWebhook(codec, input)
    },
  }
}

export const webhookCodec = (): Promise<Codec> =>
  createCodec({ registry: memoryRegistry(), topics: [webinars, identityClaims], clock: manualClock(), register: true })

export interface Taken {
  readonly records: readonly Webinar[]
  readonly claims: readonly IdentityClaim[]
}

/**
 * What comes of a body; undefined for one that is refused, ignored or set aside. Fails where a law is broken: mapping never throws; what is written is read back
 * the same; nothing happened later than it came; the same bytes give the same.
 */
export const takeWebhook = (codec: Codec, body: Buffer): Taken | undefined => {
  const envelope = readEnvelope(body)
  if (!envelope || !isRecorded(envelope.event)) return undefined
  const webhook = readWebhook(envelope.event, envelope.body)
  if ('broken' in webhook) return undefined
  const taken = mapWebhook(webhook, account, receivedAt)
  for (const record of taken.records) {
    assert.ok(record.occurredAt <= record.receivedAt, 'happened later than it came')
    for (const at of [record.participant?.joinedAt, record.participant?.leftAt, record.endTime])
      assert.ok(at == null || at <= receivedAt, 'came, went or ended later than we know of it')
  }
  for (const claim of taken.claims) assert.ok(claim.time <= receivedAt, 'is claimed later than it came')
  const written = taken.records.every(record => comesBack(codec, webinars, record))
  return taken.claims.every(claim => comesBack(codec, identityClaims, claim)) && written ? taken : undefined
}

/** Whether the value can be written; fails when something else is read back. */
const comesBack = <Value>(codec: Codec, topic: AvroTopic<Value>, value: Value): boolean => {
  let bytes: Buffer
  try {
    bytes = codec.encode(topic, value)
  } catch (error) {
    if (error instanceof TributaryError && error.errorClass === 'rejected') return false
    throw error
  }
  assert.deepEqual(structuredClone(codec.decode(topic, bytes)), structuredClone(value))
  return true
}
