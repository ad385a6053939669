import type { IdentityDirectory } from '../../identity/directory.ts'
import { isErasedKey } from '../../identity/erasure.ts'
import type { Committer } from './committer.ts'
import type { DeliveredState, DeliveredTable } from './delivered.ts'

export interface ForgettingParts {
  readonly destination: string
  readonly directory: IdentityDirectory
  readonly table: DeliveredTable
  readonly delivered: DeliveredState
  readonly committer: Committer
}

/**
 * Removes what was delivered for erased persons. The key of a delivered row is the alias of the record, so an erasure that takes the alias names the row. The
 * alias's row and its erasure may come in either order.
 */
export class Forgetting {
  readonly #parts: ForgettingParts
  /** Records whose alias vanished and is not, or not yet, known as erased. */
  readonly #vanished = new Set<string>()

  constructor(parts: ForgettingParts) {
    this.#parts = parts
  }

  /** Removes what was erased while nobody owned the partition. */
  sweep(): void {
    const { directory, table } = this.#parts
    if (directory.size().erased === 0) return
    for (const key of table.keys()) this.#forgetErased(key)
  }

  /** Takes the key of a changed identities row. */
  changed(key: string): void {
    if (isErasedKey(key)) for (const vanished of [...this.#vanished]) this.#forgetErased(vanished)
    else if (key.startsWith(`${this.#parts.destination}:`) && this.#parts.delivered.get(key)) this.#forgetErased(key)
  }

  #forgetErased(key: string): void {
    const { directory, delivered, committer } = this.#parts
    const alias = directory.find(key)
    if (alias.status === 'known') {
      this.#vanished.delete(key)
      return
    }
    // The record's alias may never have been claimed; then the person of the row tells.
    const person = alias.status === 'missing' ? delivered.get(key)?.person : undefined
    const erased = alias.status === 'erased' || (person && directory.find(`person:${person}`).status === 'erased')
    if (!erased) {
      this.#vanished.add(key)
      return
    }
    this.#vanished.delete(key)
    committer.add({ mark: null, receipt: null, deadLetter: null, rows: [delivered.set(key, null)], claims: [] })
  }
}
