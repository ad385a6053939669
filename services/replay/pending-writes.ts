import { hash } from 'node:crypto'
import type { SinkWrite, WriteVersion } from '../../schemas/generated.ts'
import { compareVersions } from '../delivery/lanes/versions.ts'
import type { ReplayedWrite } from './replayed-writes.ts'

/**
 * Writes that wait to be sent. Many events of one person ask for the same, since the rows are as they are now: of equal writes only the one
 * with the newest version stays, which has every effect that the others would have had.
 */
export class PendingWrites {
  /** By what they ask for; the one that was asked for again last is the last. */
  readonly #writes = new Map<string, ReplayedWrite>()

  add(replayed: ReplayedWrite): void {
    const key = contentOf(replayed.write)
    const known = this.#writes.get(key)
    this.#writes.delete(key)
    this.#writes.set(key, known && isNewer(known.write.version, replayed.write.version) ? known : replayed)
  }

  get size(): number {
    return this.#writes.size
  }

  /** Takes out those that were not asked for again for the longest. */
  take(most: number): readonly ReplayedWrite[] {
    const taken: ReplayedWrite[] = []
    for (const [key, write] of this.#writes) {
      if (taken.length >= most) break
      this.#writes.delete(key)
      taken.push(write)
    }
    return taken
  }

  all(): Iterable<ReplayedWrite> {
    return this.#writes.values()
  }

  /** Where to read from so that none of them is lost; undefined when there are none. */
  earliest(): number | undefined {
    let earliest: number | undefined
    for (const { readAt } of this.#writes.values()) earliest = Math.min(earliest ?? readAt, readAt)
    return earliest
  }
}

const isNewer = (a: WriteVersion, b: WriteVersion): boolean =>
  (compareVersions(a, b) || compareVersions({ ...a, revision: null }, { ...b, revision: null })) > 0

/** What a write asks for, without what only says why. */
const contentOf = ({ operation, destination, object, person, key, once, at, fields, ...rest }: SinkWrite): string =>
  hash(
    'sha256',
    JSON.stringify([
      ...[operation, destination, object, person, key, once, at],
      ...[fields, rest.fieldsOnCreate, rest.createIfMissing],
    ]),
    'base64url',
  )
