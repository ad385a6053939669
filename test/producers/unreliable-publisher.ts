import type { OutgoingRecord, Publisher } from '../../services/kafka/kafka.ts'
import { TributaryError } from '../../services/runtime/errors.ts'

/** What happens to a publish: it is done; refused; not answered until the publisher is up again; done and refused all the same. */
export type Behaviour = 'up' | 'down' | 'silent' | 'append-then-fail'

export interface UnreliablePublisher<Behaviours = Behaviour> extends Pick<Publisher, 'publish'> {
  /** What happens to every publish from now on. */
  behave(behaviour: Behaviours): void
  /** How often a publish was asked for. */
  calls(): number
}

/** A publisher that does what a test wants of Kafka. */
export const unreliable = (publisher: Pick<Publisher, 'publish'>): UnreliablePublisher => {
  let behaviour: Behaviour = 'up'
  let calls = 0
  const waiting: (() => void)[] = []
  return {
    calls: () => calls,
    behave: next => {
      behaviour = next
      if (next === 'up') for (const go of waiting.splice(0)) go()
    },
    publish: async (records: readonly OutgoingRecord[]) => {
      calls += 1
      if (behaviour === 'down') throw unavailable()
      if (behaviour === 'silent') await new Promise<void>(resolve => waiting.push(resolve))
      const appended = await publisher.publish(records)
      if (behaviour === 'append-then-fail') throw unavailable()
      return appended
    },
  }
}

/** As the seam of Kafka and vendors' clients say that somebody should come back. */
export const unavailable = (code = 'KAFKA_UNAVAILABLE'): TributaryError =>
  new TributaryError(code, 'Expected an answer, but there was none.', { errorClass: 'retryable' })
