import type { IdentityDirectory } from '../../identity/directory.ts'
import { isErasedKey } from '../../identity/erasure.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Destination } from '../destination.ts'
import type { KnownRecords } from '../lanes/records.ts'
import type { Committer } from './committer.ts'
import type { DeliveredState } from './delivered.ts'
import { sweep } from './sweeping.ts'

export interface ForgettingParts {
  readonly destination: Destination
  readonly directory: IdentityDirectory
  readonly delivered: DeliveredState
  readonly records: Pick<KnownRecords, 'unclaimed'>
  readonly committer: Committer
  readonly clock: Clock
}

/** After a sweep through all rows the next one waits: a campaign of erasures must not keep a process busy. */
const restMs = 5_000

/**
 * Removes what was delivered for erased persons. The key of a record's row is its alias, so an erasure that takes the alias names the row; the alias's row and
 * its erasure may come in either order. The key of what belongs to a record, or stands alone, names nobody: those rows are swept for the persons in them, and one about nobody stays. Records are swept for too:
 * somebody may be merged at the vendor into the record of one who was erased before, whose alias has no row any more.
 */
export class Forgetting {
  readonly #parts: ForgettingParts
  readonly #prefix: string
  /** How keys of records and of dependent objects begin; other rows are another sink's. */
  readonly #records: readonly string[]
  readonly #dependents: readonly string[]
  /** Records whose alias vanished and is not, or not yet, known as erased. */
  readonly #vanished = new Set<string>()
  readonly #stopping = new AbortController()
  #sweeping = false
  #again = false

  constructor(parts: ForgettingParts) {
    const { name, objects } = parts.destination
    this.#parts = parts
    this.#prefix = `${name}:`
    const named = Object.entries(objects)
    const records = named.flatMap(([object, facts]) => (facts.kind === 'record' ? [object] : (facts.of ?? [])))
    const dependents = named.flatMap(([object, { kind }]) => (kind === 'record' ? [] : [object]))
    this.#records = [...new Set(records)].map(object => `${name}:${object}:`)
    this.#dependents = dependents.map(object => `${name}:${object}:`)
  }

  /** Removes what was erased while nobody owned the partition. */
  start(): void {
    if (this.#parts.directory.size().erased > 0) void this.#sweep(key => this.#look(key))
  }

  stop(): void {
    this.#stopping.abort()
  }

  /** Takes the key of a changed identities row. */
  changed(key: string): void {
    const { directory, delivered } = this.#parts
    const isErased = isErasedKey(key)
    if (isErased) this.#forgetNameless()
    else if (key.startsWith(this.#prefix) && delivered.get(key)) this.#forgetErased(key)
    if (isErased || (key.startsWith('person:') && directory.find(key).status === 'erased')) this.#sweepSoon()
  }

  /** Records whose alias no row of the table names: it vanished, or the erasure came before its claim. */
  #forgetNameless(): void {
    const { records, delivered } = this.#parts
    const unclaimed = records.unclaimed().filter(key => delivered.get(key))
    for (const key of new Set([...this.#vanished, ...unclaimed])) this.#forgetErased(key)
  }

  /** What is erased together is swept for together. */
  #sweepSoon(): void {
    this.#again = true
    if (!this.#sweeping) void this.#sweepWhileAsked()
  }

  async #sweepWhileAsked(): Promise<void> {
    this.#sweeping = true
    await new Promise(setImmediate)
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false
      await this.#sweep(key => {
        if (isOf(this.#dependents, key)) this.#forgetIfErased(key)
        else if (isOf(this.#records, key) && this.#parts.directory.find(key).status === 'erased') this.#forget(key)
      })
      await this.#parts.clock.sleep(restMs, this.#stopping.signal)
    }
    this.#sweeping = false
  }

  async #sweep(look: (key: string) => void): Promise<void> {
    await sweep(this.#parts.delivered.keys(), look, this.#stopping.signal)
  }

  #look(key: string): void {
    if (isOf(this.#dependents, key)) this.#forgetIfErased(key)
    else if (isOf(this.#records, key)) this.#forgetErased(key)
  }

  #forgetErased(key: string): void {
    const alias = this.#parts.directory.find(key)
    // Somebody new may have the alias since an erasure was lifted; the row is of whom it was delivered for.
    if (alias.status === 'known') {
      if (!this.#forgetIfErased(key)) this.#vanished.delete(key)
    } else if (alias.status === 'erased') this.#forget(key)
    // The record's alias may never have been claimed; then the person of the row tells.
    else if (!this.#forgetIfErased(key)) this.#vanished.add(key)
  }

  /** Removes the row when its person is erased. The person may have been merged into another before. */
  #forgetIfErased(key: string): boolean {
    const { directory, delivered } = this.#parts
    const person = delivered.get(key)?.person
    if (!person || directory.find(`person:${person}`).status !== 'erased') return false
    this.#forget(key)
    return true
  }

  #forget(key: string): void {
    const { delivered, committer } = this.#parts
    this.#vanished.delete(key)
    committer.add({ mark: null, receipt: null, deadLetter: null, rows: [delivered.set(key, null)], claims: [] })
  }
}

const isOf = (prefixes: readonly string[], key: string): boolean => prefixes.some(prefix => key.startsWith(prefix))
