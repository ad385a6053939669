import { parseAlias } from '../identity/aliases.ts'
import type { IdentityDirectory } from '../identity/directory.ts'
import { personKey } from '../identity/rows.ts'
import type { StoredRecord } from '../kafka/kafka.ts'
import type { Whose } from './handling.ts'

/** What of an event is wanted: all that it asks for, what it asks for one person, or nothing. */
export type Wanted = 'all' | { readonly person: string } | undefined

/**
 * The events that `--key` chooses: those with this key in Kafka, and those of the person whom it names (an alias, or `person:<id>`). An event that is
 * chosen for its person may tell of others too; only what it asks for that person is wanted.
 */
export class Chosen {
  readonly #keys: ReadonlySet<string>
  readonly #aliases: readonly string[]
  readonly #directory: IdentityDirectory

  constructor(keys: readonly string[], directory: IdentityDirectory) {
    this.#keys = new Set(keys)
    this.#aliases = keys.flatMap(asAlias)
    this.#directory = directory
  }

  async wanted(record: StoredRecord, whose: () => Promise<Whose>): Promise<Wanted> {
    if (this.#keys.size === 0 || this.#keys.has(record.key?.toString() ?? '')) return 'all'
    if (this.#aliases.length === 0) return undefined
    const person = await whose()
    if (person === null || typeof person === 'string') return undefined
    return this.#aliases.some(alias => this.#idOf(alias) === person.id) ? { person: person.id } : undefined
  }

  #idOf(alias: string): string | undefined {
    const lookup = this.#directory.find(alias)
    return lookup.status === 'known' ? lookup.person.id : undefined
  }
}

const asAlias = (key: string): string[] => {
  if (key.startsWith(personKey(''))) return [key]
  try {
    return [parseAlias(key)]
  } catch {
    return []
  }
}
