import type { Webinar } from '../../../../schemas/generated.ts'

/** What is known of one run of a webinar when its report is asked for. Times in milliseconds since the epoch. */
export interface RunFacts {
  /** Name of the account in our configuration. */
  readonly account: string
  readonly number: string
  readonly recurring: boolean
  /** Zoom's uuid of the run. */
  readonly instance: string
  readonly topic: string | null
  /** Actual start and end, where they are known. */
  readonly startTime: number | null
  readonly endTime: number | null
  readonly timezone: string | null
}

/** A run that ended and is not settled. */
export interface WaitingRun {
  readonly facts: RunFacts
  /** Of its ENDED. */
  readonly offset: number
  /** When its report is looked for next. */
  readonly dueAt: number
  /** When it is settled without a report. */
  readonly deadline: number
  /** How often its report was looked for. */
  readonly looks: number
}

/** When a run waits for its report. */
export interface Waiting {
  /** How long after its end its report is first looked for: a host who starts again within that time goes on with the same webinar (ZOOM_REPORT_AFTER). */
  readonly afterMs: number
  /** How long after its end it is settled without a report (ZOOM_REPORT_WAIT). */
  readonly waitMs: number
}

/** What follows an end in the topic is read first: the run may be settled already. */
const readingMs = 1_000
/** A report is there after some minutes, now and then at once: the first pauses are short. The last one stays. */
const pausesMs = [15_000, 30_000, 60_000] as const
/** Settled runs that are remembered, so that a repeated ENDED does not begin the work anew; after a restart it would only repeat the same records. */
const rememberedRuns = 10_000

/**
 * The runs of one partition of `webinars` that wait for their report, told from the topic alone. The offset to commit is that of the earliest of them, so that
 * whoever takes over begins there.
 */
export class WaitingRuns {
  readonly #times: Waiting
  readonly #waiting = new Map<string, WaitingRun>()
  readonly #settled = new Set<string>()
  #position: number

  /** @param position the first offset to be read */
  constructor(position: number, times: Waiting) {
    this.#position = position
    this.#times = times
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Reading went as far as here, whatever the records were. */
  read(next: number): void {
    this.#position = Math.max(this.#position, next)
  }

  observe(event: Webinar, offset: number, now: number): void {
    if (event.instance === null) return
    const key = keyOf(event.account, event.instance)
    if (event.kind === 'SETTLED') this.#settle(key)
    else if (event.kind === 'ENDED' && !this.#waiting.has(key) && !this.#settled.has(key)) {
      const { afterMs, waitMs } = this.#times
      const deadline = event.receivedAt + waitMs
      const dueAt = Math.max(event.receivedAt + Math.min(afterMs, waitMs), now + readingMs)
      this.#waiting.set(key, { facts: factsOf(event), offset, dueAt, deadline, looks: 0 })
    }
  }

  /** The run to look at next. */
  next(): WaitingRun | undefined {
    let next: WaitingRun | undefined
    for (const run of this.#waiting.values()) if (!next || run.dueAt < next.dueAt) next = run
    return next
  }

  /** Whether it still waits: it may have been settled elsewhere. */
  has({ facts }: WaitingRun): boolean {
    return this.#waiting.has(keyOf(facts.account, facts.instance))
  }

  /** Its report was not there: it is looked for again after a pause, the last time when the wait is over. */
  postpone(run: WaitingRun, now: number): void {
    if (!this.has(run)) return
    const pause = pausesMs[Math.min(run.looks, pausesMs.length - 1)] ?? pausesMs[0]
    const dueAt = now < run.deadline ? Math.min(now + pause, run.deadline) : now + pause
    this.#waiting.set(keyOf(run.facts.account, run.facts.instance), { ...run, looks: run.looks + 1, dueAt })
  }

  settle({ facts }: WaitingRun): void {
    this.#settle(keyOf(facts.account, facts.instance))
  }

  /** The offset from which everything that is not settled can be told again. */
  offset(): number {
    let offset = this.#position
    for (const run of this.#waiting.values()) offset = Math.min(offset, run.offset)
    return offset
  }

  #settle(key: string): void {
    this.#waiting.delete(key)
    this.#settled.add(key)
    const [oldest] = this.#settled
    if (this.#settled.size > rememberedRuns && oldest !== undefined) this.#settled.delete(oldest)
  }
}

const keyOf = (account: string, instance: string): string => `${account}|${instance}`

const factsOf = (event: Webinar): RunFacts => ({
  account: event.account,
  number: event.number,
  recurring: event.recurring,
  instance: event.instance ?? '',
  topic: event.topic,
  startTime: event.startTime,
  endTime: event.endTime,
  timezone: event.timezone,
})
