import { digest } from '../input/digest.ts'
import { isObject, type JsonObject } from '../input/json-body.ts'
import { limits } from './limits.ts'

/** A message of a request, on its own: with what the request says of all its messages. */
export interface SegmentMessage {
  /** Segment's `messageId`; of a message without one a hash that a repetition shares as far as anything tells it from another event. */
  readonly id: string
  /** As its sender wrote it, with the outer context and integrations under its own. An item of a batch that is no object is there as `batch` holds it. */
  readonly body: unknown
  /** When the request was sent, by the client's clock and as it wrote it. */
  readonly sentAt: unknown
  /** Not undefined for what cannot be a message, whatever it says. */
  readonly problem?: 'not-an-object' | 'too-large' | 'beyond-the-batch'
}

/** The kinds of call with a path of their own. */
export type CallType = 'identify' | 'track' | 'page' | 'screen' | 'group' | 'alias'

/** The message of a path of one call: the path says its type. */
export const singleMessage = (root: JsonObject, type: CallType, bytes: number, receivedAt: number): SegmentMessage =>
  messageOf({ ...root, type }, root['sentAt'], { receivedAt, index: 0, tooLarge: bytes > limits.messageBytes })

/**
 * The messages of a batch in its order; undefined when there is none. What is beyond the most that a batch may hold is one message with the rest as its batch.
 * @param bytes of the whole body
 */
export const batchedMessages = (
  root: JsonObject,
  bytes: number,
  receivedAt: number,
  most: number = limits.messages,
): readonly SegmentMessage[] | undefined => {
  const { batch, sentAt } = root
  if (!Array.isArray(batch)) return undefined
  const isTooLarge = sizeCheck(bytes)
  const messages = batch.slice(0, most).map((item: unknown, index) => {
    const body = isObject(item) ? withOuter(item, root) : item
    return messageOf(body, sentAt ?? sentAtOf(item), { receivedAt, index, tooLarge: isTooLarge(item) })
  })
  if (batch.length <= most) return messages
  const { context, integrations } = root
  const rest = { batch: batch.slice(most), context, integrations, sentAt }
  return [...messages, { id: hashOf(rest, receivedAt), body: rest, sentAt, problem: 'beyond-the-batch' }]
}

/** The item with the request's context and integrations under its own: of one name the item's own value counts, unless it is null. */
export const withOuter = (item: JsonObject, outer: JsonObject): JsonObject => {
  const context = under(item['context'], outer['context'])
  const integrations = under(item['integrations'], outer['integrations'])
  if (context === item['context'] && integrations === item['integrations']) return item
  return { ...item, context, integrations }
}

const under = (inner: unknown, outer: unknown): unknown => {
  if (!isObject(outer)) return inner
  if (!isObject(inner)) return outer
  const own = Object.entries(inner).filter(([name, value]) => value !== null || !Object.hasOwn(outer, name))
  return { ...outer, ...Object.fromEntries(own) }
}

const sentAtOf = (item: unknown): unknown => (isObject(item) ? item['sentAt'] : undefined)

const messageOf = (
  body: unknown,
  sentAt: unknown,
  { receivedAt, index, tooLarge }: { readonly receivedAt: number; readonly index: number; readonly tooLarge: boolean },
): SegmentMessage => {
  const id = idOf(body, receivedAt, index)
  if (!isObject(body)) return { id, body, sentAt, problem: 'not-an-object' }
  return tooLarge ? { id, body, sentAt, problem: 'too-large' } : { id, body, sentAt }
}

/** Segment asks for less than 100 characters; a longer one is hashed, so that no key of ours grows with it. */
const longestId = 200

const idOf = (body: unknown, receivedAt: number, index: number): string => {
  const given = isObject(body) ? body['messageId'] : undefined
  const id = typeof given === 'number' ? String(given) : given
  if (typeof id === 'string' && id.trim() !== '') {
    const spelled = id.toWellFormed()
    return spelled.length <= longestId ? spelled : `sha256-${digest(spelled)}`
  }
  const isTimed = isObject(body) && (body['timestamp'] ?? body['originalTimestamp'] ?? null) !== null
  return hashOf(body, isTimed ? null : receivedAt + index / limits.messages)
}

/**
 * Of the message's own text without the time of sending, which a retry changes. Two events without id and time may have the same text and must not count as
 * one, so theirs holds the receipt too.
 */
const hashOf = (body: unknown, unique: number | null): string => {
  const content = isObject(body) ? { ...body, sentAt: undefined } : body
  return `sha256-${digest(JSON.stringify([content ?? null, unique]))}`
}

/** Whether an item is larger than a message may be. Items are only written out again while one so large can still be among those that follow. */
const sizeCheck = (bytes: number): ((item: unknown) => boolean) => {
  let left = bytes
  return item => {
    if (left <= limits.messageBytes) return false
    const size = Buffer.byteLength(JSON.stringify(item) ?? '')
    left -= size
    return size > limits.messageBytes
  }
}

/** What `body` and `sentAt` of a dead letter were made of: a message, or the rest of a batch. The inverse of what outgoing.ts writes. */
export const keptMessages = (
  { body, sentAt }: { readonly body?: unknown; readonly sentAt?: unknown },
  receivedAt: number,
): readonly SegmentMessage[] => {
  if (isObject(body) && Array.isArray(body['batch']))
    return batchedMessages(body, Buffer.byteLength(JSON.stringify(body)), receivedAt, Number.POSITIVE_INFINITY) ?? []
  const size = Buffer.byteLength(JSON.stringify(body ?? null))
  return [messageOf(body, sentAt, { receivedAt, index: 0, tooLarge: size > limits.messageBytes })]
}
