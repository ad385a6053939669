import type { Registrant, Webinar } from '../../../../schemas/generated.ts'
import { webinars } from '../../../../topology/topics.ts'
import type { Kafka } from '../../../kafka/kafka.ts'
import type { Codec } from '../../../runtime/codec.ts'
import { storedValues } from '../../../runtime/stored-values.ts'
import { isLater } from '../../../webinars/observing/told.ts'

/** A registration as the topic tells it last. */
export interface KnownRegistration {
  /** Without the answers, which are most of it and which nothing here needs: an account's webinars may have very many. */
  readonly registrant: Registrant
  /** Every alias of the registrant, strongest first. */
  readonly aliases: readonly string[]
  /** Milliseconds since the epoch: when it came to its status, and when the last event about it was taken. */
  readonly changedAt: number
  readonly receivedAt: number
}

/** What the topic `webinars` tells of one webinar number. */
export interface KnownWebinar {
  /** Title and planned start as told last; null when nothing told them. */
  readonly topic: string | null
  readonly startTime: number | null
  /** Planned starts by occurrence id. */
  readonly occurrences: ReadonlyMap<string, number>
  /** By registrant, then by occurrence id; `''` for a registration that names no date. */
  readonly registrations: ReadonlyMap<string, ReadonlyMap<string, KnownRegistration>>
  /** Runs whose end a webhook told. */
  readonly ended: ReadonlySet<string>
  /** Runs that are settled, and whether their report was read. */
  readonly settled: ReadonlyMap<string, boolean>
}

/**
 * What the topic tells of some webinars. It reads the kept part of the topic, but decodes only what is of these webinars: the one place to know what was told
 * already, whichever process told it.
 * @param partitions where to look; all when absent
 */
export const readKnown = async (
  parts: { readonly kafka: Pick<Kafka, 'read' | 'topics'>; readonly codec: Codec },
  numbers: ReadonlySet<string>,
  signal: AbortSignal,
  partitions?: readonly number[],
): Promise<ReadonlyMap<string, KnownWebinar>> => {
  const known = new Map([...numbers].map(number => [number, new Gathered()]))
  if (numbers.size === 0) return known
  const wanted = { signal, wants: (key: string) => known.has(key), ...(partitions ? { partitions } : {}) }
  for await (const { key, value } of storedValues(parts, webinars, wanted)) if (value) known.get(key)?.take(value)
  return known
}

const planKinds: ReadonlySet<Webinar['kind']> = new Set([
  'CREATED',
  'UPDATED',
  'REGISTERED',
  'APPROVED',
  'CANCELLED',
  'DENIED',
])

/** What is told of one webinar, event by event, in any order. */
class Gathered implements KnownWebinar {
  topic: string | null = null
  startTime: number | null = null
  readonly occurrences = new Map<string, number>()
  readonly registrations = new Map<string, Map<string, KnownRegistration>>()
  readonly ended = new Set<string>()
  readonly settled = new Map<string, boolean>()
  #topicAt = Number.NEGATIVE_INFINITY
  #startAt = Number.NEGATIVE_INFINITY

  take(event: Webinar): void {
    const { kind, instance, topic, startTime, occurredAt, registrant } = event
    if (topic !== null && occurredAt >= this.#topicAt) {
      this.topic = topic
      this.#topicAt = occurredAt
    }
    if (planKinds.has(kind) && startTime !== null && occurredAt >= this.#startAt) {
      this.startTime = startTime
      this.#startAt = occurredAt
    }
    for (const { id, startTime: start } of event.occurrences) this.occurrences.set(id, start)
    if (instance !== null && kind === 'ENDED') this.ended.add(instance)
    if (instance !== null && kind === 'SETTLED')
      this.settled.set(instance, event.reported === true || this.settled.get(instance) === true)
    if (registrant) this.#register(event, registrant)
  }

  #register({ occurrences, occurredAt, receivedAt, aliases }: Webinar, answered: Registrant): void {
    const registrant: Registrant = { ...answered, answers: {}, customAnswers: {} }
    const dates = this.registrations.get(registrant.id) ?? new Map<string, KnownRegistration>()
    this.registrations.set(registrant.id, dates)
    for (const date of occurrences.length === 0 ? [''] : occurrences.map(({ id }) => id)) {
      const before = dates.get(date)
      const knownAt = before?.changedAt ?? null
      if (!isLater(occurredAt, registrant.status, knownAt, before?.registrant.status ?? null)) continue
      dates.set(date, { registrant, aliases, changedAt: occurredAt, receivedAt })
    }
  }
}
