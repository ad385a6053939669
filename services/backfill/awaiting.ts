import type { Task } from '../../schemas/generated.ts'
import { parked } from '../../topology/topics.ts'
import type { IdentityDirectory } from '../identity/directory.ts'
import type { Kafka } from '../kafka/kafka.ts'
import { consumerOf } from '../runtime/process/parking.ts'
import { isInBoth } from '../tasks/writes.ts'

/** Events that may wait for their people after a backfill: they are held in memory, and those of live traffic are among them. */
export const mostAwaiting = 10_000

/** How many events of a consumer wait for their people. */
export const awaitingIn = async (kafka: Pick<Kafka, 'read' | 'topics'>, consumer: string): Promise<number> => {
  const waiting = new Set<string>()
  for (const { partition, earliest } of await kafka.topics.offsets(parked.name))
    for await (const { key, value } of kafka.read(parked.name, partition, earliest)) {
      const text = key?.toString() ?? ''
      if (consumerOf(text) !== consumer) continue
      if (value === null) waiting.delete(text)
      else waiting.add(text)
    }
  return waiting.size
}

/** Lets only so many tasks through that will wait for their people. */
export class Awaiting {
  readonly #directory: Pick<IdentityDirectory, 'find'>
  #room: number

  /** @param room how many may still be told */
  constructor(directory: Pick<IdentityDirectory, 'find'>, room: number) {
    this.#directory = directory
    this.#room = room
  }

  takes({ person }: Task): boolean {
    if (!this.#waits(person)) return true
    this.#room -= 1
    return this.#room >= 0
  }

  /** Whoever is erased is not waited for. */
  #waits(alias: string | null): boolean {
    if (alias === null) return false
    const found = this.#directory.find(alias)
    return found.status === 'missing' || (found.status === 'known' && !isInBoth(found.person))
  }
}
