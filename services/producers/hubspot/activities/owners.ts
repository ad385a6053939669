import { aliasIfOne } from '../../../identity/aliases.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { HubSpotActivityReader } from '../rest/activities.ts'

/** Owners are read again after so long: somebody may have another address. */
export const ownersKeptMs = 300_000
/** Whoever is not among them may have come since; but they are not asked for again with each record of a stranger. */
export const strangersAfterMs = 30_000

/** Alias of an owner by the id that records name; null for none, and for one who is not known. */
export type OwnerAlias = (id: string | null) => string | null

/** The owners of an account, read now and then. */
export class Owners {
  readonly #reader: Pick<HubSpotActivityReader, 'owners'>
  readonly #clock: Clock
  #addresses: ReadonlyMap<string, string> = new Map()
  #readAt = Number.NEGATIVE_INFINITY

  constructor(reader: Pick<HubSpotActivityReader, 'owners'>, clock: Clock) {
    this.#reader = reader
    this.#clock = clock
  }

  /** @param ids of those who will be asked for. Rejects with a `HubSpotError`. */
  async of(ids: readonly (string | null)[], signal: AbortSignal): Promise<OwnerAlias> {
    const ageMs = this.#clock.now() - this.#readAt
    const isStranger = ids.some(id => id !== null && !this.#addresses.has(id))
    if (ageMs >= (isStranger ? strangersAfterMs : ownersKeptMs)) {
      this.#addresses = await this.#reader.owners(signal)
      this.#readAt = this.#clock.now()
    }
    const addresses = this.#addresses
    return id => {
      const address = id === null ? undefined : addresses.get(id)
      return address === undefined ? null : (aliasIfOne('email', address) ?? null)
    }
  }
}
