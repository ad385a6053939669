import { hash } from 'node:crypto'
import type { Delivered, IdentityClaim } from '../../../schemas/generated.ts'
import type { Person } from '../../../topology/define.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { DeliverySettings } from '../settings.ts'
import type { DeliveredChange, DeliveredState } from '../state/delivered.ts'
import { mergeDelivered } from './joining.ts'

/** What is to be committed besides the outcome of a write. */
export interface Effects {
  readonly rows: readonly DeliveredChange[]
  readonly claims: readonly IdentityClaim[]
}

const none: Effects = { rows: [], claims: [] }
/** Records found or made that the directory does not show yet; more than any window holds. */
const mostLearned = 20_000
/** A vendor's merges are followed this far; longer chains are a mistake. */
const longestChain = 20

/** Which record of a destination belongs to a person, from the directory, from delivered state, and from what was learned a moment ago. */
export class KnownRecords {
  readonly #destination: string
  readonly #directory: IdentityDirectory
  readonly #delivered: DeliveredState
  readonly #clock: Clock
  readonly #deletedForMs: number
  /** By object and person id. */
  readonly #learned = new Map<string, string>()
  /** By delivered key: until when a record counts as deleted. */
  readonly #deletedUntil = new Map<string, number>()

  constructor(parts: {
    readonly destination: string
    readonly directory: IdentityDirectory
    readonly delivered: DeliveredState
    readonly clock: Clock
    readonly settings: DeliverySettings
  }) {
    this.#destination = parts.destination
    this.#directory = parts.directory
    this.#delivered = parts.delivered
    this.#clock = parts.clock
    this.#deletedForMs = parts.settings.deletedForMs
  }

  /** Key of a record's delivered row, and its alias. */
  keyOf(object: string, record: string): string {
    return `${this.#destination}:${object}:${record}`
  }

  /** The record to write: the earliest claimed that is still there; undefined when it must be looked up. */
  of(object: string, person: Person): string | undefined {
    const standing = this.#claimed(object, person).find(record => !this.#isDeleted(object, record))
    if (standing !== undefined) {
      this.#learned.delete(learnedKey(object, person))
      return standing
    }
    return this.#learned.get(learnedKey(object, person))
  }

  /** Whether every record that the person had was deleted at the vendor. */
  allDeleted(object: string, person: Person): boolean {
    const claimed = this.#claimed(object, person)
    return claimed.length > 0 && claimed.every(record => this.#isDeleted(object, record))
  }

  /** A look-up found the record, or a write made it. */
  learned(object: string, person: Person, record: string, alias: string): Effects {
    this.#learned.set(learnedKey(object, person), record)
    if (this.#learned.size > mostLearned) this.#learned.delete(this.#learned.keys().next().value ?? '')
    const key = this.keyOf(object, record)
    this.#deletedUntil.delete(key)
    const rows = this.#claimed(object, person)
      .filter(former => former !== record && this.#isDeleted(object, former))
      .map(former =>
        this.#delivered.set(this.keyOf(object, former), { ...this.#row(former, object), fields: {}, movedTo: record }),
      )
    const holder = this.#directory.find(key)
    if (holder.status === 'known' && holder.person.id === person.id) return { rows, claims: [] }
    return { rows, claims: [this.#claim('SEEN', [alias, key])] }
  }

  /** The vendor merged a record into another: what was delivered moves along, and both are one person. */
  merged(object: string, former: string, survivor: string): Effects {
    const before = this.#row(former, object)
    const standing = this.#row(survivor, object)
    const fields = mergeDelivered(standing.fields, before.fields)
    return {
      rows: [
        this.#delivered.set(this.keyOf(object, survivor), { ...standing, fields }),
        this.#delivered.set(this.keyOf(object, former), { ...before, fields: {}, movedTo: survivor }),
      ],
      claims: [this.#claim('MERGE', [this.keyOf(object, former), this.keyOf(object, survivor)])],
    }
  }

  deleted(object: string, record: string): void {
    this.#learned.clear()
    this.#deletedUntil.set(this.keyOf(object, record), this.#clock.now() + this.#deletedForMs)
  }

  /** Moves what was delivered to a person's other records (of a person merged into this one) to the record that is written. */
  gathered(object: string, person: Person, record: string): Effects {
    const others = this.#claimed(object, person).filter(
      other => other !== record && Object.keys(this.#row(other, object).fields).length > 0,
    )
    if (others.length === 0) return none
    const key = this.keyOf(object, record)
    const standing = this.#row(record, object)
    const fields = others.reduce(
      (merged, other) => mergeDelivered(merged, this.#row(other, object).fields),
      standing.fields,
    )
    return {
      rows: [
        this.#delivered.set(key, { ...standing, fields }),
        ...others.map(other => this.#delivered.set(this.keyOf(object, other), null)),
      ],
      claims: [],
    }
  }

  /** The records that the person's aliases name, each followed to the one that took its place. */
  #claimed(object: string, person: Person): string[] {
    const prefix = this.keyOf(object, '')
    const named = person.aliases.filter(alias => alias.startsWith(prefix)).map(alias => alias.slice(prefix.length))
    return [...new Set(named.map(record => this.#successor(object, record)))]
  }

  #successor(object: string, record: string): string {
    let current = record
    for (let step = 0; step < longestChain; step++) {
      const next = this.#delivered.get(this.keyOf(object, current))?.movedTo
      if (!next) return current
      current = next
    }
    return current
  }

  #isDeleted(object: string, record: string): boolean {
    const key = this.keyOf(object, record)
    const until = this.#deletedUntil.get(key)
    if (until === undefined) return false
    if (until > this.#clock.now()) return true
    this.#deletedUntil.delete(key)
    return false
  }

  #row(record: string, object: string): Delivered {
    return (
      this.#delivered.get(this.keyOf(object, record)) ?? {
        person: null,
        fields: {},
        at: this.#clock.now(),
        movedTo: null,
      }
    )
  }

  #claim(kind: 'SEEN' | 'MERGE', aliases: readonly string[]): IdentityClaim {
    return {
      id: `${this.#destination}:${hash('sha256', [kind, ...aliases].join('\n')).slice(0, 32)}`,
      time: this.#clock.now(),
      kind,
      aliases,
      attributes: {},
      source: this.#destination,
    }
  }
}

const learnedKey = (object: string, person: Person): string => `${object} ${person.id}`
