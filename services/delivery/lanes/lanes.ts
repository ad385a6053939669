import type { SinkWrite } from '../../../schemas/generated.ts'
import { Backoff } from '../../kafka/client/backoff.ts'
import type { StoredRecord } from '../../kafka/kafka.ts'
import type { DeliverySettings } from '../settings.ts'
import type { Mark } from '../state/window.ts'
import type { Effects } from './records.ts'

/** A write on its way. */
export interface Entry {
  readonly mark: Mark
  /** As it came, for a dead letter. */
  readonly original: StoredRecord
  readonly write: SinkWrite
  /** Counts the writes as they come: the order within a lane, whatever topic they come from. */
  readonly order: number
  /** Whether it comes from what happens now, not from a replay. */
  readonly live: boolean
  /** By the clock that stands still in a pause. */
  readonly takenAt: number
  /** Requests made for it. */
  attempts: number
  /** When it first failed, by the clock that stands still in a pause. */
  failingSince: number | undefined
  /** Codes of what was last changed or left out of its fields to keep the vendor's rules. */
  adjustments: readonly string[]
}

/** What a lane's writes are about. */
export interface Place {
  readonly object: string
  /** Null for what is about nobody. */
  readonly person: string | null
  /** Key or once key of a dependent object; null for a record, of which a person has one. */
  readonly key: string | null
}

/** The writes to one record of a person or to one thing with a key, in the order in which they came. At most one request is under way for a lane. */
export class Lane implements Place {
  readonly object: string
  readonly person: string | null
  readonly key: string | null
  entries: Entry[] = []
  /** Requests under way for it, or for a lane that merges into it: nothing is sent while there are any. */
  flying = 0
  /** Lanes that wait for this one's request since the two persons turned out to be one. */
  followers: Lane[] = []
  notBefore = 0
  readonly backoff: Backoff
  /** That many more entries go one by one: together they were rejected, and only the culprit shall be. */
  apart = 0
  /** Shares no batch: one with it failed in a way that no vendor's answer explains. */
  solo = false
  unexpected = 0
  /** When the person's record was last looked up in vain, how often in a row, and until when that answer is believed. */
  missing = { at: Number.NEGATIVE_INFINITY, times: 0, until: 0 }
  /** Whether an attempt to make something may have taken effect without an answer. */
  repeated = false
  /** How often the record turned out to be gone since the last success. */
  gone = 0
  /** Committed with the next entry that finishes. */
  effects: Effects[] = []

  constructor(place: Place, retry: DeliverySettings['retry'], random: () => number) {
    this.object = place.object
    this.person = place.person
    this.key = place.key
    this.backoff = new Backoff(retry.firstMs, retry.longestMs, random)
  }

  /** Whether something that happens now waits in it. */
  get live(): boolean {
    return this.entries.some(entry => entry.live)
  }

  /** The entries that go into the next input. */
  next(): readonly Entry[] {
    return this.apart > 0 ? this.entries.slice(0, 1) : this.entries.slice()
  }

  /** Takes a write in, behind those that came before it. */
  add(entry: Entry): void {
    const last = this.entries.at(-1)
    this.entries.push(entry)
    if (last && last.order > entry.order) this.entries.sort(byOrder)
  }

  /** Takes what is to be committed with the next entry that finishes. */
  gain(effects: Effects): void {
    if (effects.rows.length > 0 || effects.claims.length > 0) this.effects.push(effects)
  }

  remove(finished: readonly Entry[]): void {
    const gone = new Set(finished)
    this.entries = this.entries.filter(entry => !gone.has(entry))
    this.apart = Math.max(0, this.apart - finished.length)
  }

  /** Takes over what another lane holds, since the two persons turned out to be one. */
  absorb(other: Lane): void {
    const oneByOne = this.apart > 0 || other.apart > 0
    this.entries = [...this.entries, ...other.entries.splice(0)].sort(byOrder)
    this.apart = oneByOne ? this.entries.length : 0
    this.notBefore = Math.max(this.notBefore, other.notBefore)
    this.repeated ||= other.repeated
    this.effects.push(...other.effects.splice(0))
  }

  succeeded(): void {
    this.backoff.reset()
    this.notBefore = 0
    this.solo = false
    this.unexpected = 0
    this.repeated = false
    this.gone = 0
  }
}

const byOrder = (a: Entry, b: Entry): number => a.order - b.order

export class Lanes {
  readonly #lanes = new Map<string, Lane>()
  readonly #byPerson = new Map<string, Set<Lane>>()
  readonly #retry: DeliverySettings['retry']
  readonly #random: () => number

  constructor(retry: DeliverySettings['retry'], random: () => number) {
    this.#retry = retry
    this.#random = random
  }

  /** Every lane of a person. */
  of(person: string): readonly Lane[] {
    return [...(this.#byPerson.get(person) ?? [])]
  }

  at(place: Place): Lane {
    const key = keyOf(place)
    const known = this.#lanes.get(key)
    if (known) return known
    const lane = new Lane(place, this.#retry, this.#random)
    this.#lanes.set(key, lane)
    if (place.person === null) return lane
    const ofPerson = this.#byPerson.get(place.person)
    if (ofPerson) ofPerson.add(lane)
    else this.#byPerson.set(place.person, new Set([lane]))
    return lane
  }

  /** Moves the entries of a person who was merged to the survivor's lane. */
  move(from: Lane, survivor: string): Lane {
    const to = this.at({ object: from.object, person: survivor, key: from.key })
    to.absorb(from)
    this.drop(from)
    return to
  }

  /** Forgets a lane that holds nothing. */
  drop(lane: Lane): void {
    if (lane.entries.length > 0 || lane.flying > 0 || lane.effects.length > 0) return
    const key = keyOf(lane)
    if (this.#lanes.get(key) === lane) this.#lanes.delete(key)
    if (lane.person === null) return
    const ofPerson = this.#byPerson.get(lane.person)
    ofPerson?.delete(lane)
    if (ofPerson?.size === 0) this.#byPerson.delete(lane.person)
  }

  get size(): number {
    return this.#lanes.size
  }
}

const keyOf = ({ object, person, key }: Place): string => `${object} ${person ?? ''} ${key ?? ''}`
