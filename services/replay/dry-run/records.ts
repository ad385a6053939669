import type { Person } from '../../../topology/define.ts'
import type { RecordRef } from '../../delivery/destination.ts'
import type { DeliveredFields } from '../../delivery/lanes/joining.ts'
import { KnownRecords } from '../../delivery/lanes/records.ts'
import { defaultDeliverySettings } from '../../delivery/settings.ts'
import { DeliveredState, type DeliveredTable } from '../../delivery/state/delivered.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Vendor } from './vendor.ts'

/** A person's record, or the code that says why there is none. */
export type Place = RecordRef | { readonly none: string }

/** Finds records as the sink does, in the directory, in what was delivered, and at the vendor. What it learns is not written anywhere. */
export class Records {
  readonly #known: KnownRecords
  readonly #delivered: DeliveredState
  readonly #recreateDeleted: boolean
  /** What the vendor was asked for, by objects and person. */
  readonly #answers = new Map<string, Place>()

  constructor(parts: {
    readonly destination: string
    readonly table: DeliveredTable
    readonly directory: IdentityDirectory
    readonly clock: Clock
    /** Whether the sink makes a record again that somebody deleted. */
    readonly recreateDeleted: boolean
  }) {
    this.#delivered = new DeliveredState(parts.table)
    this.#recreateDeleted = parts.recreateDeleted
    // A record that is found gone stays so for the whole dry run.
    const settings = { ...defaultDeliverySettings, deletedForMs: Number.POSITIVE_INFINITY }
    this.#known = new KnownRecords({ ...parts, delivered: this.#delivered, settings })
  }

  /** The records of persons, each of the first object that has one. In the order of the persons. */
  async find(vendor: Vendor, objects: readonly string[], persons: readonly Person[]): Promise<readonly Place[]> {
    const strangers = persons.filter(
      person => !this.#known.of(objects, person) && !this.#answers.has(keyOf(objects, person)),
    )
    const answers = await vendor.resolve(objects, strangers)
    for (const [index, person] of strangers.entries()) {
      const answer = answers[index]
      if (!answer || answer.kind === 'missing') this.#answers.set(keyOf(objects, person), { none: 'RECORD_MISSING' })
      else this.#answers.set(keyOf(objects, person), answer.kind === 'found' ? answer.record : { none: answer.code })
    }
    return persons.map(person => this.#placeOf(objects, person))
  }

  /** The vendor does not hold the record any more: the next `find` looks for another one. */
  gone(record: RecordRef): void {
    this.#known.deleted(record)
  }

  /** What was delivered to a record, and to those of the person that it took the place of. */
  delivered(person: Person, record: RecordRef): DeliveredFields {
    this.#known.gathered(person, record)
    return this.deliveredAt(record.object, record.id) ?? {}
  }

  /** What was delivered to the record, or to the object with this key; undefined when nothing ever was. */
  deliveredAt(object: string, id: string): DeliveredFields | undefined {
    return this.#delivered.get(this.#known.keyOf(object, id))?.fields
  }

  #placeOf(objects: readonly string[], person: Person): Place {
    const place = this.#known.of(objects, person) ?? this.#answers.get(keyOf(objects, person))
    if (place === undefined) return { none: 'RECORD_MISSING' }
    const isAway = 'none' in place && place.none === 'RECORD_MISSING'
    if (!isAway || this.#recreateDeleted || !this.#known.allDeleted(objects, person)) return place
    return { none: 'RECORD_DELETED' }
  }
}

const keyOf = (objects: readonly string[], person: Person): string => `${objects.join()} ${person.id}`
