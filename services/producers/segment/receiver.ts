import type { Publisher } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { WebhookAnswer } from '../ingest.ts'
import { success, unusable } from './answers.ts'
import type { Deduplication } from './deduplication/deduplication.ts'
import type { SegmentMessage } from './messages.ts'
import { outgoingOf, segmentProducer } from './outgoing.ts'
import type { MessageOrigin } from './records.ts'

export interface ReceiverParts {
  readonly publisher: Pick<Publisher, 'publish'>
  readonly codec: Pick<Codec, 'encode'>
  readonly deduplication: Pick<Deduplication, 'once' | 'known'>
  readonly metrics: Metrics
  /** Bytes of bodies that may wait for Kafka at once. */
  readonly mostBytesInFlight?: number
}

/** What waits for Kafka is held in memory as messages and as records: some times as much as this. */
const defaultMostBytesInFlight = 32 * 1_024 * 1_024

/** Takes the messages of one request after the other, from wherever they come. */
export class SegmentReceiver {
  readonly #parts: ReceiverParts
  readonly #mostBytes: number
  #bytesInFlight = 0

  constructor(parts: ReceiverParts) {
    this.#parts = parts
    this.#mostBytes = parts.mostBytesInFlight ?? defaultMostBytesInFlight
  }

  /**
   * Publishes what is new and answers when Kafka has acknowledged it. Rejects (retryable) with `INGEST_BUSY` while too much waits, and with what the publisher
   * rejects with.
   * @param bytes of the request's body
   */
  async take(messages: readonly SegmentMessage[], origin: MessageOrigin, bytes: number): Promise<WebhookAnswer> {
    if (this.#bytesInFlight > 0 && this.#bytesInFlight + bytes > this.#mostBytes) throw busy()
    this.#bytesInFlight += bytes
    try {
      return await this.#publishNew(messages, origin)
    } catch (error) {
      if (error instanceof TributaryError && error.code === 'SEGMENT_MESSAGE_TOO_LARGE') return unusable['too-large']
      throw error
    } finally {
      this.#bytesInFlight -= bytes
    }
  }

  async #publishNew(messages: readonly SegmentMessage[], origin: MessageOrigin): Promise<WebhookAnswer> {
    const { deduplication, codec, publisher } = this.#parts
    const ids = messages.map(({ id }) => `${origin.source}\n${id}`)
    let problems: readonly string[] = []
    let timesReplaced = 0
    const fresh = await deduplication.once(ids, async indexes => {
      const taken = indexes.length === messages.length ? messages : indexes.flatMap(index => messages[index] ?? [])
      const outgoing = outgoingOf(taken, origin, codec)
      await publisher.publish(outgoing.records)
      problems = outgoing.problems
      timesReplaced = outgoing.timesReplaced
    })
    this.#count(fresh - problems.length, problems, messages.length - fresh, timesReplaced)
    return success(fresh === 0 && messages.length > 0 ? 'repeated' : 'produced')
  }

  #count(taken: number, problems: readonly string[], repeated: number, timesReplaced: number): void {
    const { metrics, deduplication } = this.#parts
    const vendor = 'segment'
    if (taken > 0) metrics.increment('tributary_messages_total', { vendor, outcome: 'produced' }, taken)
    if (repeated > 0) metrics.increment('tributary_messages_total', { vendor, outcome: 'repeated' }, repeated)
    if (problems.length > 0)
      metrics.increment('tributary_messages_total', { vendor, outcome: 'dead-letter' }, problems.length)
    for (const code of problems) metrics.increment('tributary_dead_letters_total', { service: segmentProducer, code })
    if (timesReplaced > 0) metrics.increment('tributary_message_times_replaced_total', { vendor }, timesReplaced)
    const { ids, bytes } = deduplication.known()
    metrics.set('tributary_segment_known_ids', {}, ids)
    metrics.set('tributary_segment_known_ids_bytes', {}, bytes)
  }
}

const busy = (): TributaryError =>
  new TributaryError('INGEST_BUSY', 'As many bytes as may wait for Kafka to acknowledge them do; no more are taken.', {
    errorClass: 'retryable',
  })
