import { hashesOf } from '../../input/hash.ts'
import { type IdLog, type IdLogParts, openIdLog } from './id-log.ts'
import { createKnownIds, type KnownIds } from './known-ids.ts'

/**
 * Lets each message through once within 24 hours, or within the last 50 million messages when these take less: across processes and restarts, because what was taken
 * lies in Kafka. An id is remembered only after Kafka has acknowledged its message; one that is known while its message is not would lose it. So after a crash
 * between the two, and within 0.1 s between processes, a message can be published twice: consumers handle an event id twice without effect.
 */
export interface Deduplication {
  /**
   * Publishes the messages that are new. Ids that another call is publishing now share its outcome, a rejection too. After a rejection none of its ids is
   * remembered, so that they can be sent again.
   * @param ids one of each message
   * @param publish gets the indexes of the new ones, at least one, and resolves when Kafka has acknowledged them
   * @returns how many were new
   */
  once(ids: readonly string[], publish: (fresh: readonly number[]) => Promise<unknown>): Promise<number>
  /** Ids that are known, and the bytes of memory that they take. */
  known(): { readonly ids: number; readonly bytes: number }
  /** Keeps what is remembered in Kafka. Nothing may be published any more. */
  close(): Promise<void>
}

export const keptForMs = 86_400_000
export const mostIds = 50_000_000

/** Resolves when everything is known that was taken within the time, by whatever process. */
export const openDeduplication = async (parts: IdLogParts & { readonly capacity?: number }): Promise<Deduplication> => {
  const known = createKnownIds({ keptForMs, capacity: parts.capacity ?? mostIds })
  const log = await openIdLog(parts, (hashes, time) => {
    const now = parts.clock.now()
    if (time + keptForMs <= now) return
    for (let index = 0; index < hashes.length / 2; index++) known.add(hashes, index, Math.min(time, now))
  })
  known.advance(parts.clock.now())
  return new LoggedDeduplication(known, log, parts.clock)
}

class LoggedDeduplication implements Deduplication {
  readonly #known: KnownIds
  readonly #log: IdLog
  readonly #clock: IdLogParts['clock']
  /** By id: the call that is publishing it. */
  readonly #publishing = new Map<string, Promise<void>>()

  constructor(known: KnownIds, log: IdLog, clock: IdLogParts['clock']) {
    this.#known = known
    this.#log = log
    this.#clock = clock
  }

  async once(ids: readonly string[], publish: (fresh: readonly number[]) => Promise<unknown>): Promise<number> {
    this.#known.advance(this.#clock.now())
    const hashes = hashesOf(ids)
    const { promise: own, resolve, reject } = Promise.withResolvers<void>()
    own.catch(() => undefined)
    const { fresh, others } = this.#divide(ids, hashes, own)
    if (fresh.length > 0) {
      try {
        await publish(fresh)
        this.#remember(hashes, fresh)
        resolve()
      } catch (error) {
        reject(error)
      } finally {
        for (const index of fresh) this.#publishing.delete(ids[index] ?? '')
      }
      await own
    }
    await Promise.all(others)
    return fresh.length
  }

  known(): { readonly ids: number; readonly bytes: number } {
    return { ids: this.#known.size(), bytes: this.#known.bytes() }
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  /** What is new, now published by `own`, and the calls that publish others of the ids. */
  #divide(
    ids: readonly string[],
    hashes: Uint32Array,
    own: Promise<void>,
  ): { readonly fresh: readonly number[]; readonly others: ReadonlySet<Promise<void>> } {
    const fresh: number[] = []
    const others = new Set<Promise<void>>()
    ids.forEach((id, index) => {
      const publishing = this.#publishing.get(id)
      if (publishing) {
        if (publishing !== own) others.add(publishing)
      } else if (!this.#known.has(hashes, index)) {
        this.#publishing.set(id, own)
        fresh.push(index)
      }
    })
    return { fresh, others }
  }

  #remember(hashes: Uint32Array, fresh: readonly number[]): void {
    const now = this.#clock.now()
    for (const index of fresh) this.#known.add(hashes, index, now)
    this.#log.append(hashes, fresh)
  }
}
