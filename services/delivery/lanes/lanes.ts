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
  readonly takenAt: number
  /** Requests made for it. */
  attempts: number
  /** When it first failed, by the clock that stands still in a pause. */
  failingSince: number | undefined
}

/** The writes of one person to one object, in the order of their offsets. At most one request is under way for a lane. */
export class Lane {
  readonly object: string
  readonly person: string
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
  /** Until when a look-up's answer "no record" is believed. */
  missingUntil = 0
  /** Whether a create may have taken effect without an answer. */
  repeated = false
  /** How often the record turned out to be gone since the last success. */
  gone = 0
  /** Committed with the next entry that finishes. */
  effects: Effects[] = []

  constructor(object: string, person: string, retry: DeliverySettings['retry'], random: () => number) {
    this.object = object
    this.person = person
    this.backoff = new Backoff(retry.firstMs, retry.longestMs, random)
  }

  /** The entries that go into the next input. */
  next(): readonly Entry[] {
    return this.apart > 0 ? this.entries.slice(0, 1) : this.entries.slice()
  }

  remove(finished: readonly Entry[]): void {
    const gone = new Set(finished)
    this.entries = this.entries.filter(entry => !gone.has(entry))
    this.apart = Math.max(0, this.apart - finished.length)
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

export class Lanes {
  readonly #lanes = new Map<string, Lane>()
  readonly #retry: DeliverySettings['retry']
  readonly #random: () => number

  constructor(retry: DeliverySettings['retry'], random: () => number) {
    this.#retry = retry
    this.#random = random
  }

  find(object: string, person: string): Lane | undefined {
    return this.#lanes.get(`${object} ${person}`)
  }

  at(object: string, person: string): Lane {
    const known = this.find(object, person)
    if (known) return known
    const lane = new Lane(object, person, this.#retry, this.#random)
    this.#lanes.set(`${object} ${person}`, lane)
    return lane
  }

  /** Moves the entries of a person who was merged to the survivor's lane. */
  move(from: Lane, survivor: string): Lane {
    const to = this.at(from.object, survivor)
    const oneByOne = from.apart > 0 || to.apart > 0
    to.entries = [...to.entries, ...from.entries.splice(0)].sort((a, b) => a.mark.offset - b.mark.offset)
    to.apart = oneByOne ? to.entries.length : 0
    to.notBefore = Math.max(to.notBefore, from.notBefore)
    to.effects.push(...from.effects.splice(0))
    this.drop(from)
    return to
  }

  /** Forgets a lane that holds nothing. */
  drop(lane: Lane): void {
    if (lane.entries.length === 0 && lane.flying === 0 && lane.effects.length === 0)
      this.#lanes.delete(`${lane.object} ${lane.person}`)
  }

  get size(): number {
    return this.#lanes.size
  }
}
