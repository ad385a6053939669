import type { IdentityDirectory } from '../../identity/directory.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Outcomes } from '../requests/outcomes.ts'
import type { DeliverySettings } from '../settings.ts'
import type { Inputs } from '../state/inputs.ts'
import { type Aim, type AimParts, aim } from './aim.ts'
import { type Entry, type Lane, Lanes } from './lanes.ts'
import { Ready } from './ready.ts'
import { Rests } from './rests.ts'

export interface RoutingParts {
  readonly directory: IdentityDirectory
  readonly outcomes: Outcomes
  readonly inputs: Inputs
  readonly clock: Clock
  readonly settings: DeliverySettings
  readonly aim: AimParts
  readonly random: () => number
}

/** A row that changes often does not make a vendor be asked more often than this. */
const lookAgainMs = 1_000

/** Knows where every write is: in a lane that is ready, rests or flies, or among those whose person is not known yet. */
export class Routing {
  readonly ready = new Ready()
  readonly #parts: RoutingParts
  readonly #lanes: Lanes
  /** Lanes that wait before they try again. */
  readonly #resting = new Rests()
  /** Lanes of what belongs to a record that is not there yet. */
  readonly #bereft = new Rests()
  /** Lanes that wait for another person's request to the same record. */
  readonly #waiting = new Set<Lane>()
  /** Writes whose person the directory does not know, yet or any more, and since when. */
  readonly #strangers = new Map<Entry, number>()
  #directoryChanged = false

  constructor(parts: RoutingParts) {
    this.#parts = parts
    this.#lanes = new Lanes(parts.settings.retry, parts.random)
    parts.aim.records.onLearned(person => this.#endWait(person))
  }

  /** Puts a write into the lane of its person's survivor, or of what it is about. */
  place(entry: Entry, strangerSince = this.#parts.clock.now()): void {
    const { write } = entry
    if (write.person === null) {
      this.#enter(entry, null)
      return
    }
    const found = this.#parts.directory.find(`person:${write.person}`)
    if (found.status === 'missing') this.#strangers.set(entry, strangerSince)
    else if (found.status === 'erased') this.#parts.outcomes.finish(entry, { outcome: 'ERASED' })
    else this.#enter(entry, found.person.id)
  }

  aim(lane: Lane): Aim {
    return aim(this.#parts.aim, lane)
  }

  /** Queues a lane for what it needs next, unless something is under way for it. */
  route(lane: Lane): void {
    this.#withdraw(lane)
    if (lane.flying > 0) return
    const next = this.aim(lane)
    const now = this.#parts.clock.now()
    if (next.kind === 'done') {
      this.#parts.outcomes.keep(lane)
      this.#lanes.drop(lane)
    } else if (next.kind === 'unknown-person') {
      for (const entry of lane.entries.splice(0)) this.#strangers.set(entry, now)
      this.#parts.outcomes.keep(lane)
      this.#lanes.drop(lane)
    } else if (next.kind === 'merged') this.route(this.#lanes.move(lane, next.survivor))
    else if (next.kind === 'record-missing') this.#wait(lane, next.until)
    else if (lane.notBefore > now) this.#resting.add(lane, lane.notBefore)
    else this.ready.add(lane, next, now)
  }

  /** Something is under way for the lane. */
  start(lane: Lane): void {
    this.#withdraw(lane)
    lane.flying += 1
  }

  /** What was under way for the lane is over. */
  land(lane: Lane): void {
    lane.flying -= 1
    if (lane.flying > 0) return
    const followers = lane.followers.splice(0)
    this.route(lane)
    for (const follower of followers) this.land(follower)
  }

  /** The lane waits until it is routed again. */
  park(lane: Lane): void {
    this.#withdraw(lane)
    this.#waiting.add(lane)
  }

  /** A row of the identities table changed; gives whether anything here may move because of it. */
  changed(key: string): boolean {
    if (!key.startsWith('person:') && !key.startsWith('erased:')) return false
    this.#directoryChanged = true
    const person = key.slice('person:'.length)
    const lanes = this.#lanes.of(person)
    for (const lane of lanes) this.#follow(lane)
    this.#endWait(person)
    return lanes.length > 0 || this.#strangers.size > 0
  }

  /** Looks for strangers in the directory again when it changed or their time is over. Gives when to look next. */
  lookAtStrangers(giveUp: (entry: Entry) => void): number {
    const { clock, settings } = this.#parts
    const now = clock.now()
    const changed = this.#directoryChanged
    this.#directoryChanged = false
    let next = Number.POSITIVE_INFINITY
    for (const [entry, since] of [...this.#strangers]) {
      const due = since + settings.personWaitMs
      if (changed || due <= now) {
        this.#strangers.delete(entry)
        this.place(entry, since)
      }
      if (!this.#strangers.has(entry)) continue
      if (due > now) next = Math.min(next, due)
      else {
        this.#strangers.delete(entry)
        giveUp(entry)
      }
    }
    return next
  }

  /** Lets lanes go on whose rest is over. Gives when the next one's is. */
  endRests(): number {
    const now = this.#parts.clock.now()
    for (const rests of [this.#resting, this.#bereft]) for (const lane of rests.due(now)) this.route(lane)
    return Math.min(this.#resting.nextAt, this.#bereft.nextAt)
  }

  #enter(entry: Entry, person: string | null): void {
    const { write, live } = entry
    const lane = this.#lanes.at({ object: write.object, person, key: write.key ?? write.once ?? null })
    lane.add(entry)
    if (this.ready.has(lane)) {
      if (live) this.ready.hurry(lane, this.#parts.clock.now())
    } else if (!this.#resting.has(lane) && !this.#waiting.has(lane)) this.route(lane)
  }

  /** What waits for its record takes no place in the window from others. */
  #wait(lane: Lane, until: number): void {
    this.#bereft.add(lane, until)
    for (const { mark } of lane.entries) this.#parts.inputs.rest(mark)
  }

  /** Something was learned of the person: their record may be there now. */
  #endWait(person: string): void {
    for (const lane of this.#lanes.of(person)) {
      if (!this.#bereft.has(lane)) continue
      lane.missing.until = Math.min(lane.missing.until, lane.missing.at + lookAgainMs)
      this.route(lane)
    }
  }

  /** After a merge the survivor's lane waits for what is under way for the other person. */
  #follow(lane: Lane): void {
    const found = this.#parts.directory.find(`person:${lane.person}`)
    if (found.status !== 'known' || found.person.id === lane.person) return
    if (lane.flying === 0) {
      this.route(lane)
      return
    }
    const survivor = this.#lanes.at({ object: lane.object, person: found.person.id, key: lane.key })
    if (lane.followers.includes(survivor)) return
    lane.followers.push(survivor)
    this.start(survivor)
  }

  #withdraw(lane: Lane): void {
    this.ready.remove(lane)
    this.#resting.delete(lane)
    this.#waiting.delete(lane)
    if (!this.#bereft.delete(lane)) return
    for (const { mark } of lane.entries) this.#parts.inputs.wake(mark)
  }
}
