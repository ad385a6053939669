/** What became of an event in a consumer of a replay. Only `handled` and `failed` ones went to the handler. */
export const outcomes = [
  'handled',
  'filtered',
  'not-concerned',
  'missing',
  'erased',
  'empty',
  'ahead',
  'failed',
] as const
export type EventOutcome = (typeof outcomes)[number]

/** For people: why an event was passed over. */
export const outcomeTexts: Readonly<Record<Exclude<EventOutcome, 'handled' | 'failed'>, string>> = {
  filtered: 'not chosen by --key',
  'not-concerned': 'not among those that the consumer is about',
  missing:
    'of a person of whom no identity is known, or not enough for the consumer (a replay parks nothing and claims nothing)',
  erased: 'of a person who is forgotten',
  empty: 'without a value (a replay erases nobody)',
  ahead:
    'not in the rows of their consumer, which a replay never changes: it has yet to handle them, or a dead letter holds them, or it observes more than it did then',
}

/** An event that could not be handled; nothing of a person. */
export interface Failure {
  readonly consumer: string
  readonly topic: string
  readonly partition: number
  /** Of the record that was read, also where what came of it failed in a later consumer. */
  readonly offset: number
  readonly code: string
  readonly message: string
}

export type OutcomeCounts = Readonly<Record<EventOutcome, number>>

const mostFailures = 100

/** Counts what a replay does. */
export class Tally {
  /** Failed events, the first hundred. */
  readonly failures: Failure[] = []
  events = 0
  #consumers = new Map<string, Record<EventOutcome, number>>()

  count(consumer: string, outcome: EventOutcome): void {
    const counts = this.#consumers.get(consumer) ?? noOutcomes()
    counts[outcome] += 1
    this.#consumers.set(consumer, counts)
  }

  fail(failure: Failure): void {
    this.count(failure.consumer, 'failed')
    if (this.failures.length < mostFailures) this.failures.push(failure)
  }

  /** By consumer. */
  get consumers(): Readonly<Record<string, OutcomeCounts>> {
    return Object.fromEntries(this.#consumers)
  }

  get failed(): number {
    return [...this.#consumers.values()].reduce((sum, { failed }) => sum + failed, 0)
  }
}

const noOutcomes = (): Record<EventOutcome, number> =>
  Object.fromEntries(outcomes.map(outcome => [outcome, 0])) as Record<EventOutcome, number>
