import { longIdIn } from '../../../sinks/salesforce/people/ids.ts'
import { type SalesforceObject, salesforceObjects } from '../objects.ts'
import type { ChangeHeader } from './header.ts'

/** Events that are remembered, so that one that comes again is passed over. */
const mostRemembered = 10_000

/** What some events say: which records to look at. */
export interface Noticed {
  /** Ids of records by what they are called in marks; each once, however often it was changed. */
  readonly records: ReadonlyMap<SalesforceObject['name'], ReadonlySet<string>>
  /** Objects of which it is not known which records were changed. */
  readonly unnamed: ReadonlySet<SalesforceObject['name']>
  /** By channel: the last event of which all that it says is in here, or was before. */
  readonly positions: ReadonlyMap<string, string>
  /** How many events there were, by channel. */
  readonly events: ReadonlyMap<string, number>
}

/** What became of an event: an object's name in metrics, or why nothing is to be looked at. */
export type NoticedAs = SalesforceObject['plural'] | 'repeated' | 'unnamed' | 'unreadable' | 'other'

/** Gathers change events of any number of channels until somebody looks at the records that they name. Pure but for what it keeps. */
export class Notices {
  #seen = new Set<string>()
  #seenBefore = new Set<string>()
  #records = new Map<SalesforceObject['name'], Set<string>>()
  #unnamed = new Set<SalesforceObject['name']>()
  #positions = new Map<string, string>()
  #events = new Map<string, number>()

  get isEmpty(): boolean {
    return this.#positions.size === 0 && this.#unnamed.size === 0
  }

  /** Takes one event. @param header undefined for one that cannot be read: it may have said anything @param position its replay id */
  add(channel: string, header: ChangeHeader | undefined, position: string): NoticedAs {
    this.#positions.set(channel, position)
    this.#events.set(channel, (this.#events.get(channel) ?? 0) + 1)
    if (!header) {
      for (const { name } of salesforceObjects) this.#unnamed.add(name)
      return 'unreadable'
    }
    const object = salesforceObjects.find(({ type }) => type === header.entity)
    if (!object) return 'other'
    if (this.#isSeen(header.key)) return 'repeated'
    const ids = header.changeType === gapOverflow ? [] : header.recordIds.map(longIdIn)
    const isNamed = ids.length > 0 && !ids.includes(undefined)
    if (!isNamed) this.#unnamed.add(object.name)
    const records = this.#records.get(object.name) ?? new Set()
    for (const id of ids) if (id !== undefined) records.add(id)
    if (records.size > 0) this.#records.set(object.name, records)
    return isNamed ? object.plural : 'unnamed'
  }

  /** Notes that nothing came until there. */
  pass(channel: string, position: string): void {
    this.#positions.set(channel, position)
  }

  /** Of an object it is not known what was changed. */
  lose(names: Iterable<SalesforceObject['name']>): void {
    for (const name of names) this.#unnamed.add(name)
  }

  take(): Noticed {
    const taken = { records: this.#records, unnamed: this.#unnamed, positions: this.#positions, events: this.#events }
    this.#records = new Map()
    this.#unnamed = new Set()
    this.#positions = new Map()
    this.#events = new Map()
    return taken
  }

  /** For when the records could not be read: they are among what is taken next. */
  putBack({ records, unnamed, positions, events }: Noticed): void {
    for (const [name, ids] of records) this.#records.set(name, new Set([...ids, ...(this.#records.get(name) ?? [])]))
    for (const name of unnamed) this.#unnamed.add(name)
    for (const [channel, position] of positions) this.#positions.set(channel, this.#positions.get(channel) ?? position)
    for (const [channel, count] of events) this.#events.set(channel, count + (this.#events.get(channel) ?? 0))
  }

  #isSeen(key: string): boolean {
    if (this.#seen.has(key) || this.#seenBefore.has(key)) return true
    this.#seen.add(key)
    if (this.#seen.size < mostRemembered / 2) return false
    this.#seenBefore = this.#seen
    this.#seen = new Set()
    return false
  }
}

/** More was changed at once than Salesforce tells of. */
const gapOverflow = 'GAP_OVERFLOW'
