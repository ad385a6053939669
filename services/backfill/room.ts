import type { Kafka } from '../kafka/kafka.ts'
import type { Clock } from '../runtime/clock.ts'

/** A service that has to do with what is told, and the topic that it reads. */
export interface Worker {
  readonly name: string
  readonly topic: string
}

/** Records that a service may have before it. What lives comes behind them, and they are done within seconds. */
const mostBehind = 500
const lookEveryMs = 1_000

export interface Behind {
  readonly name: string
  readonly records: number
}

/** Holds a backfill back while the services that it makes work for have enough of it. */
export class Room {
  readonly #kafka: Pick<Kafka, 'lag'>
  readonly #clock: Clock
  readonly #workers: readonly Worker[]

  constructor(kafka: Pick<Kafka, 'lag'>, clock: Clock, workers: readonly Worker[]) {
    this.#kafka = kafka
    this.#clock = clock
    this.#workers = workers
  }

  /** Resolves when none is behind, or the signal aborts. @param onWait hears of the one that is waited for, and of none when that is over */
  async wait(signal: AbortSignal, onWait: (behind: Behind | undefined) => void): Promise<void> {
    let hasWaited = false
    while (!signal.aborted) {
      const behind = await this.#behind(mostBehind)
      if (behind || hasWaited) onWait(behind)
      if (!behind) return
      hasWaited = true
      await this.#clock.sleep(lookEveryMs, signal)
    }
  }

  /** Resolves when this service has done all, or the time is over. */
  async done(name: string, withinMs: number, signal: AbortSignal): Promise<void> {
    const until = this.#clock.now() + withinMs
    while (!signal.aborted && this.#clock.now() < until) {
      const behind = await this.#behind(0, name)
      if (!behind) return
      await this.#clock.sleep(lookEveryMs, signal)
    }
  }

  async #behind(most: number, only?: string): Promise<Behind | undefined> {
    for (const { name, topic } of this.#workers) {
      if (only !== undefined && name !== only) continue
      const lags = await this.#kafka.lag(name, [topic])
      const records = lags.reduce((sum, lag) => sum + lag.records, 0)
      if (records > most) return { name, records }
    }
    return undefined
  }
}
