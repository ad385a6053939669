import type { Topic } from '../../topology/define.ts'
import { moves, webinars } from '../../topology/topics.ts'
import type { OutgoingRecord } from '../kafka/kafka.ts'
import { encodedAll } from '../producers/encoded.ts'
import type { HubSpotMapping } from '../producers/hubspot/changes.ts'
import { webhookPlace as hubspotPlace, outgoingOf as outgoingOfHubSpot } from '../producers/hubspot/outgoing.ts'
import { isObject } from '../producers/input/json-body.ts'
import { webhookPlace as pendoPlace } from '../producers/pendo/outgoing.ts'
import { keptMessages } from '../producers/segment/messages.ts'
import { originOf, outgoingOf } from '../producers/segment/outgoing.ts'
import type { MessageOrigin } from '../producers/segment/records.ts'
import { mapWebhook } from '../producers/zoom/events.ts'
import type { AccountSelection } from '../producers/zoom/selection.ts'
import { isRecorded, readEnvelope, readWebhook } from '../producers/zoom/webhook.ts'
import type { Codec } from '../runtime/codec.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { Letter } from './letter.ts'

export interface WayBackParts {
  readonly codec: Pick<Codec, 'encode'>
  readonly topics: readonly Topic[]
  /** Which webinars of a Zoom account are taken. */
  readonly selection: { of(account: string): AccountSelection }
  /** What of HubSpot's changes is told. */
  readonly hubspot: HubSpotMapping
}

/**
 * What sends a letter again: its original to the topic and partition it was read from, or what the mapping of today makes of its webhook, which is
 * nothing when it is not selected any more. Pure. Throws an error of class `rejected` when there is no way back or the webhook is still broken.
 */
export const wayBack = (letter: Letter, parts: WayBackParts): readonly OutgoingRecord[] => {
  const { topic, partition, offset, key, value, headers, isLeftOut } = letter.original
  if (isLeftOut) throw withoutContent(topic, partition, offset)
  const account = /^webhooks\/zoom\/([^/]+)$/.exec(topic)?.[1]
  if (account !== undefined) return fromZoomWebhook(letter, account, parts)
  const segment = originOf(topic, letter.at)
  if (segment) return fromSegment(letter, segment, parts)
  if (topic === hubspotPlace) return fromHubSpotWebhook(letter, parts)
  if (topic === pendoPlace) throw notMappedAgain()
  const known = parts.topics.find(each => each.name === topic)
  if (!known || (known.kind !== 'stream' && known.name !== moves.name)) throw noWayBack(letter)
  return [{ topic, key, value, headers, ...(partition === null ? {} : { partition }) }]
}

/** The signature was checked when the webhook came, so it is mapped as the ingest does it, with the time at which it was received. */
const fromZoomWebhook = (
  { at, original }: Letter,
  account: string,
  { codec, selection: selections }: WayBackParts,
): readonly OutgoingRecord[] => {
  const envelope = readEnvelope(original.value ?? Buffer.alloc(0))
  if (!envelope || !isRecorded(envelope.event)) {
    throw stillBroken('an event that is recorded, but it is none')
  }
  const webhook = readWebhook(envelope.event, envelope.body)
  if ('broken' in webhook) throw stillBroken(`a ${envelope.event} whose fields ${webhook.broken} can be read`)
  const { selects, panelists } = selections.of(account)
  if (!selects(webhook.payload.object.id)) return []
  const { records, claims } = mapWebhook(webhook, { name: account, panelists }, at)
  return encodedAll(
    codec,
    claims,
    records.map(value => ({ stream: webinars, value })),
  )
}

/** The write key or signature was checked when the message came. What cannot be taken by the mapping of today either stays as it is. */
const fromSegment = (
  { original }: Letter,
  origin: MessageOrigin,
  { codec }: WayBackParts,
): readonly OutgoingRecord[] => {
  const kept: unknown = jsonOf(original.value)
  const messages = keptMessages(isObject(kept) ? kept : {}, origin.receivedAt)
  const { records, problems } = outgoingOf(messages, origin, codec)
  const [code] = problems
  // Of the rest of a long batch some may be broken, each a letter of its own by now.
  if (code === undefined || problems.length < messages.length) return records
  throw new TributaryError(
    code,
    'Expected a message that can be taken by now, but it cannot. Mend services/producers/segment/records.ts, then retry; until then the letter stays open.',
    { errorClass: 'rejected' },
  )
}

/** As of Zoom. What is of no interest by now, or our own, becomes nothing. */
const fromHubSpotWebhook = ({ at, original }: Letter, { codec, hubspot }: WayBackParts): readonly OutgoingRecord[] => {
  const outgoing = outgoingOfHubSpot(jsonOf(original.value), { mapping: hubspot, receivedAt: at, codec })
  if (typeof outgoing === 'string') return []
  if (outgoing.problem === null) return outgoing.records
  throw new TributaryError(
    outgoing.problem,
    'Expected a webhook that can be taken by now, but it cannot. Mend services/producers/hubspot/changes.ts, then retry; until then the letter stays open.',
    { errorClass: 'rejected' },
  )
}

/** It would count twice: what no webhook told, the sweep tells from what Pendo itself has counted. */
const notMappedAgain = (): TributaryError =>
  new TributaryError(
    'DEAD_LETTER_WITHOUT_WAY_BACK',
    'Webhooks of Pendo are not mapped again: the sweep tells what they did not. Mend what the reason says, then drop the letter.',
    { errorClass: 'rejected' },
  )

const jsonOf = (value: Buffer | null): unknown => {
  try {
    return JSON.parse(String(value ?? ''))
  } catch {
    return undefined
  }
}

const stillBroken = (expected: string): TributaryError =>
  new TributaryError(
    'ZOOM_WEBHOOK_BROKEN',
    `Expected ${expected}. Mend services/producers/zoom/webhook.ts, then retry; until then the letter stays open.`,
    { errorClass: 'rejected' },
  )

const withoutContent = (topic: string, partition: number | null, offset: number | null): TributaryError =>
  new TributaryError(
    'DEAD_LETTER_WITHOUT_CONTENT',
    `The original is too large for a letter, so it lies only at ${topic}, partition ${partition}, offset ${offset}. Read it there, send what is needed in smaller records, then drop the letter.`,
    { errorClass: 'rejected' },
  )

const noWayBack = ({ original }: Letter): TributaryError =>
  new TributaryError(
    'DEAD_LETTER_WITHOUT_WAY_BACK',
    original.topic === ''
      ? 'The letter does not say where it came from (error.topic), so it was not set aside by Tributary. Send it again with the program that wrote it.'
      : `Expected the original of a stream of the map or a webhook, but it came from ${original.topic}, which is none. Drop the letter when it is settled.`,
    { errorClass: 'rejected' },
  )
