import type { Clock } from '../../runtime/clock.ts'
import type { Destination } from '../destination.ts'
import type { Committer } from './committer.ts'
import type { DeliveredState } from './delivered.ts'
import { sweep } from './sweeping.ts'

export interface ExpiringParts {
  readonly destination: Destination
  readonly delivered: DeliveredState
  readonly committer: Committer
  readonly clock: Clock
}

/** How often the rows are looked through. */
const everyMs = 3_600_000

/** Removes what was delivered of appends that cannot come again because of their age: else a row of each event would stay for good, in Kafka and in memory. */
export class Expiring {
  readonly #parts: ExpiringParts
  /** How keys begin, and how long their rows are kept. */
  readonly #kept: ReadonlyMap<string, number>
  readonly #stopping = new AbortController()

  constructor(parts: ExpiringParts) {
    const { name, objects } = parts.destination
    this.#parts = parts
    this.#kept = new Map(
      Object.entries(objects).flatMap(([object, facts]) =>
        facts.kind === 'appended' && facts.rememberedForMs !== undefined
          ? [[`${name}:${object}:`, facts.rememberedForMs] as const]
          : [],
      ),
    )
  }

  start(): void {
    if (this.#kept.size > 0) void this.#sweepNowAndThen()
  }

  stop(): void {
    this.#stopping.abort()
  }

  async #sweepNowAndThen(): Promise<void> {
    const { delivered, clock } = this.#parts
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await sweep(delivered.keys(), key => this.#look(key), signal)
      await clock.sleep(everyMs, signal)
    }
  }

  #look(key: string): void {
    const { delivered, committer, clock } = this.#parts
    const keptForMs = this.#keptForMs(key)
    const row = keptForMs === undefined ? undefined : delivered.get(key)
    if (!row || keptForMs === undefined || row.at + keptForMs > clock.now()) return
    committer.add({ mark: null, receipt: null, deadLetter: null, rows: [delivered.set(key, null)], claims: [] })
  }

  #keptForMs(key: string): number | undefined {
    for (const [prefix, keptForMs] of this.#kept) if (key.startsWith(prefix)) return keptForMs
    return undefined
  }
}
