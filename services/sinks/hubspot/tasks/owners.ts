import { z } from 'zod'
import type { Problem } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { orApiMissing } from '../answers.ts'
import type { HubSpotClient } from '../client.ts'
import { ownerPage, ownersKeptMs, ownersReadAgainMs } from '../limits.ts'

const owner = z.object({
  id: z.string().min(1),
  email: z.string().min(1),
  archived: z.boolean().optional().catch(undefined),
})
const next = z.object({ paging: z.object({ next: z.object({ after: z.string() }) }) })

/** The owners as they were last read: who can be assigned something. */
export interface Owners {
  readonly kind: 'owners'
  /** The id of the first of these addresses that an owner has. */
  idOf(addresses: readonly string[]): string | undefined
  addressOf(id: string): string | undefined
}

/** When nobody is asked for. */
export const nobody: Owners = { kind: 'owners', idOf: () => undefined, addressOf: () => undefined }

/** The owners of the account, read now and then. */
export class OwnerDirectory {
  readonly #client: HubSpotClient
  readonly #clock: Clock
  #read: ListedOwners | undefined
  #underWay: Promise<ListedOwners | Problem> | undefined

  constructor(client: HubSpotClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** The owners; read anew when that is long ago, or when these addresses are not all known and it was not just now. */
  async owners(addresses: readonly string[], signal: AbortSignal): Promise<Owners | Problem> {
    const last = this.#read
    const age = last ? this.#clock.now() - last.at : Number.POSITIVE_INFINITY
    const isUnknown = addresses.some(address => last?.idOf([address]) === undefined)
    if (last && age < (isUnknown ? ownersReadAgainMs : ownersKeptMs)) return last
    this.#underWay ??= this.#readAll(signal).finally(() => {
      this.#underWay = undefined
    })
    const read = await this.#underWay
    if (read.kind === 'owners') this.#read = read
    return read
  }

  async #readAll(signal: AbortSignal): Promise<ListedOwners | Problem> {
    const at = this.#clock.now()
    const ids = new Map<string, string>()
    let after: string | undefined
    do {
      const page = after
      const answer = await this.#client.callForResults(
        'owners.list',
        api => api.owners.getPageWithHttpInfo(undefined, page, ownerPage, false),
        signal,
      )
      if (answer.kind !== 'success') return orApiMissing(answer)
      for (const result of answer.data.results) {
        const { data } = owner.safeParse(result)
        if (data && data.archived !== true) ids.set(data.email.toLowerCase(), data.id)
      }
      after = next.safeParse(answer.data).data?.paging.next.after
    } while (after !== undefined)
    return new ListedOwners(at, ids)
  }
}

class ListedOwners implements Owners {
  readonly kind = 'owners'
  readonly at: number
  readonly #ids: ReadonlyMap<string, string>
  readonly #addresses: ReadonlyMap<string, string>

  constructor(at: number, ids: ReadonlyMap<string, string>) {
    this.at = at
    this.#ids = ids
    this.#addresses = new Map([...ids].map(([address, id]) => [id, address]))
  }

  idOf(addresses: readonly string[]): string | undefined {
    for (const address of addresses) {
      const id = this.#ids.get(address.toLowerCase())
      if (id !== undefined) return id
    }
    return undefined
  }

  addressOf(id: string): string | undefined {
    return this.#addresses.get(id)
  }
}
