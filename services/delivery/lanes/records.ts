import { hash } from 'node:crypto'
import type { Delivered, IdentityClaim } from '../../../schemas/generated.ts'
import type { Person } from '../../../topology/define.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { RecordRef } from '../destination.ts'
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
  readonly #listeners = new Set<(person: string) => void>()

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

  /** Key of a record's delivered row, and its alias. Of a dependent object its own key stands for the record. */
  keyOf(object: string, record: string): string {
    return `${this.#destination}:${object}:${record}`
  }

  /** Calls the listener with a person's id when a record of theirs was found or made. */
  onLearned(listener: (person: string) => void): void {
    this.#listeners.add(listener)
  }

  /** The record to write, of the first object that has one: the earliest claimed that is still there; undefined when it must be looked up. */
  of(objects: readonly string[], person: Person): RecordRef | undefined {
    const claimed = this.#claimed(objects, person)
    const standing = new Set(claimed.filter(one => !this.#isDeleted(one)).map(({ object }) => object))
    for (const object of standing) this.#learned.delete(learnedKey(object, person))
    const learned = this.#justLearned(objects, person).map(record => this.#successor(record))
    const known = [...claimed, ...learned].filter(one => !this.#isDeleted(one))
    return objects.flatMap(object => known.find(one => one.object === object) ?? [])[0]
  }

  /** Delivered keys of records that were found or made, and that the directory did not show when they were last asked for. */
  unclaimed(): readonly string[] {
    return [...this.#learned].map(([place, id]) => this.keyOf(place.slice(0, place.indexOf(' ')), id))
  }

  /** Whether every record that the person had was deleted at the vendor. */
  allDeleted(objects: readonly string[], person: Person): boolean {
    const had = [...this.#claimed(objects, person), ...this.#justLearned(objects, person)]
    return had.length > 0 && had.every(one => this.#isDeleted(one))
  }

  /** A look-up found the record, or a write made it. */
  learned(person: Person, record: RecordRef, alias: string): Effects {
    const place = learnedKey(record.object, person)
    const isNews = this.#learned.get(place) !== record.id
    this.#learned.set(place, record.id)
    if (this.#learned.size > mostLearned) this.#learned.delete(this.#learned.keys().next().value ?? '')
    const key = this.keyOf(record.object, record.id)
    this.#deletedUntil.delete(key)
    for (const listener of this.#listeners) listener(person.id)
    const holder = this.#directory.find(key)
    if (!isNews || (holder.status === 'known' && holder.person.id === person.id)) return none
    return { rows: [], claims: [this.#claim('SEEN', [alias, key])] }
  }

  /** The record stands in the place of the person's deleted ones. Only for lanes that write such records. */
  replaced(person: Person, record: RecordRef): Effects {
    const rows = this.#claimed([record.object], person)
      .filter(former => former.id !== record.id && this.#isDeleted(former))
      .map(former => this.#set(former, { ...this.#row(former), fields: {}, movedTo: record.id }))
    return { rows, claims: [] }
  }

  /**
   * The vendor merged or converted a record into another: both are one person. What was delivered to it stays in its row until the lane that writes the survivor
   * gathers it.
   */
  merged(former: RecordRef, survivor: RecordRef): Effects {
    const { object, id } = survivor
    const movedTo = object === former.object ? id : this.keyOf(object, id)
    return {
      rows: [this.#set(former, { ...this.#row(former), movedTo })],
      claims: [this.#claim('MERGE', [this.keyOf(former.object, former.id), this.keyOf(object, id)])],
    }
  }

  deleted({ object, id }: RecordRef): void {
    this.#deletedUntil.set(this.keyOf(object, id), this.#clock.now() + this.#deletedForMs)
  }

  /** Moves what was delivered to a person's other records (merged at the vendor, or of a person merged into this one) to the record that is written. */
  gathered(person: Person, record: RecordRef): Effects {
    const others = this.#everClaimed([record.object], person).filter(
      other => other.id !== record.id && Object.keys(this.#row(other).fields).length > 0,
    )
    if (others.length === 0) return none
    const standing = this.#row(record)
    const fields = others.reduce((merged, other) => mergeDelivered(merged, this.#row(other).fields), standing.fields)
    const emptied = (other: RecordRef): Delivered | null => {
      const row = this.#row(other)
      return row.movedTo === null ? null : { ...row, fields: {} }
    }
    return {
      rows: [this.#set(record, { ...standing, fields }), ...others.map(other => this.#set(other, emptied(other)))],
      claims: [],
    }
  }

  /** The records that the person's aliases name, each followed to the one that took its place. */
  #claimed(objects: readonly string[], person: Person): RecordRef[] {
    const followed = this.#named(objects, person).map(record => this.#successor(record))
    return distinct(followed)
  }

  /** The same with all that lies on the way. */
  #everClaimed(objects: readonly string[], person: Person): RecordRef[] {
    const named = [...this.#named(objects, person), ...this.#justLearned(objects, person)]
    return distinct(named.flatMap(record => this.#chain(record)))
  }

  #justLearned(objects: readonly string[], person: Person): RecordRef[] {
    return objects.flatMap(object => {
      const id = this.#learned.get(learnedKey(object, person))
      return id === undefined ? [] : [{ object, id }]
    })
  }

  #named(objects: readonly string[], { aliases }: Person): RecordRef[] {
    return objects.flatMap(object => {
      const prefix = this.keyOf(object, '')
      return aliases.flatMap(alias => (alias.startsWith(prefix) ? [{ object, id: alias.slice(prefix.length) }] : []))
    })
  }

  #successor(record: RecordRef): RecordRef {
    return this.#chain(record).at(-1) ?? record
  }

  #chain(record: RecordRef): RecordRef[] {
    const chain = [record]
    for (let current = record; chain.length <= longestChain; ) {
      const next = this.#delivered.get(this.keyOf(current.object, current.id))?.movedTo
      if (!next) break
      current = this.#placeOf(next, current.object)
      chain.push(current)
    }
    return chain
  }

  /** `movedTo` names a record of the same object by its id, one of another object by its delivered key. */
  #placeOf(movedTo: string, object: string): RecordRef {
    if (!movedTo.startsWith(`${this.#destination}:`)) return { object, id: movedTo }
    const [other = '', ...id] = movedTo.slice(this.#destination.length + 1).split(':')
    return { object: other, id: id.join(':') }
  }

  #isDeleted({ object, id }: RecordRef): boolean {
    const key = this.keyOf(object, id)
    const until = this.#deletedUntil.get(key)
    if (until === undefined) return false
    if (until > this.#clock.now()) return true
    this.#deletedUntil.delete(key)
    return false
  }

  #row({ object, id }: RecordRef): Delivered {
    const row = this.#delivered.get(this.keyOf(object, id))
    return row ?? { person: null, fields: {}, at: this.#clock.now(), movedTo: null }
  }

  #set({ object, id }: RecordRef, row: Delivered | null): DeliveredChange {
    return this.#delivered.set(this.keyOf(object, id), row)
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

const distinct = (records: readonly RecordRef[]): RecordRef[] => [
  ...new Map(records.map(record => [`${record.object}:${record.id}`, record])).values(),
]
