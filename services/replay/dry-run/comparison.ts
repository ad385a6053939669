import type { SinkWrite } from '../../../schemas/generated.ts'
import type {
  DependentObject,
  DestinationObject,
  ReadResult,
  RecordObject,
  RecordRef,
  StandaloneObject,
} from '../../delivery/destination.ts'
import {
  type FieldDifference,
  type Held,
  isNothingNew,
  ofAppended,
  ofKeyed,
  ofMissingRecord,
  ofRecord,
  pendingEffects,
  skipped,
} from './differences.ts'
import type { Place, Records } from './records.ts'
import { isPersonal, type PersonalTarget, type Target } from './targets.ts'
import type { Final, Vendor } from './vendor.ts'

export interface Difference extends FieldDifference {
  readonly destination: string
  readonly object: string
  /** Id of the record, or key of what belongs to it; null where there is none yet. */
  readonly record: string | null
  /** Person id; null for what is about nobody. */
  readonly person: string | null
}

/** One vendor's writes beside what it holds. */
export class Comparison {
  readonly #vendors: readonly Vendor[]
  readonly #records: Records
  /** Persons whose record the replay would make, by object. */
  readonly #made = new Set<string>()
  /** Records that the vendor was seen to hold. */
  readonly #seen = new Set<string>()

  /** @param vendors all ways to the same vendor; each knows objects of its own */
  constructor(vendors: readonly Vendor[], records: Records) {
    this.#vendors = vendors
    this.#records = records
  }

  /** Records first: what belongs to one that would be made would be made too. */
  async of(targets: readonly Target[]): Promise<readonly Difference[]> {
    const byObject = Map.groupBy(targets, ({ object }) => object)
    const all = this.#vendors.flatMap(vendor =>
      Object.entries(vendor.destination.objects).map(([name, object]) => ({ vendor, name, object })),
    )
    const isRecord = ({ object }: (typeof all)[number]): boolean => object.kind === 'record'
    const differences: (readonly Difference[])[] = []
    for (const { vendor, name, object } of [...all.filter(isRecord), ...all.filter(one => !isRecord(one))]) {
      const own = byObject.get(name) ?? []
      byObject.delete(name)
      if (own.length > 0) differences.push(await this.#ofObject(vendor, name, object, own))
    }
    const unknown = [...byObject.values()]
      .flat()
      .flatMap(target => told(target, null, skipped('OPERATION_UNSUPPORTED')))
    return [...differences.flat(), ...unknown]
  }

  async #ofObject(
    vendor: Vendor,
    name: string,
    object: DestinationObject,
    targets: readonly Target[],
  ): Promise<readonly Difference[]> {
    if (object.kind !== 'record' && object.of === null) return await this.#ofStandalones(vendor, object, targets)
    const personal = targets.filter(isPersonal)
    const nobodys = targets.filter(target => !isPersonal(target))
    const differences =
      object.kind === 'record'
        ? await this.#ofRecords(vendor, name, object, personal)
        : await this.#ofDependents(vendor, object, personal)
    return [...differences, ...nobodys.flatMap(target => told(target, null, skipped('OPERATION_UNSUPPORTED')))]
  }

  /** The vendor is asked first: it learns its rules by that. */
  async #ofStandalones(
    vendor: Vendor,
    object: StandaloneObject,
    targets: readonly Target[],
  ): Promise<readonly Difference[]> {
    const keys = targets.map(({ key }) => key ?? '')
    const answers = await vendor.readStandalone(object, keys, fieldNames(targets))
    return targets.flatMap((target, index) => {
      const { writes, refusals } = fittedWrites(object, target.writes)
      const held = heldIn(answers?.[index])
      const differences = writes.length === 0 ? [] : this.#ofKeyedObject(object, { ...target, writes }, held)
      return told(target, target.key, [...refusals.flatMap(skipped), ...differences])
    })
  }

  /** A record that is gone may have been merged into another one, or another one be there for the person: it is looked for once more. */
  async #ofRecords(
    vendor: Vendor,
    name: string,
    object: RecordObject,
    targets: readonly PersonalTarget[],
  ): Promise<readonly Difference[]> {
    const first = await this.#readRecords(vendor, name, object, targets)
    const again = await this.#readRecords(vendor, name, object, first.away)
    const missing = again.away.flatMap(target => told(target, null, ofMissingRecord(target.writes, 'RECORD_DELETED')))
    return [...first.differences, ...again.differences, ...missing]
  }

  async #readRecords(
    vendor: Vendor,
    name: string,
    object: RecordObject,
    targets: readonly PersonalTarget[],
  ): Promise<{ readonly differences: readonly Difference[]; readonly away: readonly PersonalTarget[] }> {
    const differences: Difference[] = []
    const away: PersonalTarget[] = []
    const present: { target: PersonalTarget; record: RecordRef }[] = []
    const places = await this.#find(vendor, [name], targets)
    for (const [target, place] of places) {
      if ('id' in place) present.push({ target, record: place })
      else {
        const missing = ofMissingRecord(target.writes, place.none)
        if (missing.some(({ effect }) => effect === 'create')) this.#made.add(`${name} ${target.person.id}`)
        differences.push(...told(target, null, missing))
      }
    }
    const ids = present.map(({ record }) => record.id)
    const answers = await vendor.read(object, ids, fieldNames(targets))
    for (const [index, { target, record }] of present.entries()) {
      const answer = answers[index]
      const delivered = this.#records.delivered(target.person, record)
      if (answer?.kind === 'held') {
        this.#seen.add(placeOf(record))
        differences.push(...told(target, record.id, ofRecord(target.writes, delivered, answer.fields)))
      } else if (answer?.kind === 'rejected') differences.push(...told(target, record.id, skipped(answer.code)))
      else if (isNothingNew(target.writes, delivered)) {
        // The sink asks the vendor only when it has something to send.
        this.#records.gone(record)
        differences.push(...told(target, record.id, skipped('RECORD_DELETED')))
      } else {
        this.#records.gone(record)
        away.push(target)
      }
    }
    return { differences, away }
  }

  async #ofDependents(
    vendor: Vendor,
    object: DependentObject,
    targets: readonly PersonalTarget[],
  ): Promise<readonly Difference[]> {
    await this.#look(await this.#find(vendor, object.of, targets))
    const places = await this.#find(vendor, object.of, targets)
    const held = await this.#held(vendor, object, places)
    return targets.flatMap(target => {
      const place = places.get(target)
      const answer = held.get(target) ?? 'unreadable'
      const { writes, refusals } = fittedWrites(object, target.writes)
      if (writes.length === 0) return told(target, target.key, refusals.flatMap(skipped))
      const differences = this.#ofKeyedObject(object, { ...target, writes }, answer)
      const isMade = differences.some(({ effect }) => pendingEffects.has(effect))
      const isHomeless = place !== undefined && 'none' in place && !this.#isMadeSoon(object, target)
      return told(target, target.key, isMade && isHomeless ? skipped(place.none) : differences)
    })
  }

  /** Finds out which of the records are gone, where the vendor can be asked, so that others are looked for. */
  async #look(places: ReadonlyMap<PersonalTarget, Place>): Promise<void> {
    const records = [...places.values()].filter(place => 'id' in place)
    for (const vendor of this.#vendors) {
      for (const [name, object] of Object.entries(vendor.destination.objects)) {
        if (object.kind !== 'record') continue
        const unseen = records.filter(record => record.object === name && !this.#seen.has(placeOf(record)))
        const distinct = [...new Map(unseen.map(record => [record.id, record])).values()]
        const ids = distinct.map(({ id }) => id)
        const answers = await vendor.read(object, ids, [])
        for (const [index, record] of distinct.entries()) {
          if (answers[index]?.kind === 'missing') this.#records.gone(record)
          else this.#seen.add(placeOf(record))
        }
      }
    }
  }

  #ofKeyedObject(
    object: DependentObject | StandaloneObject,
    { object: name, key, writes }: Target,
    held: Held,
  ): readonly FieldDifference[] {
    const delivered = this.#records.deliveredAt(name, key ?? '')
    return object.kind === 'appended'
      ? ofAppended(writes, delivered !== undefined, held)
      : ofKeyed(writes, delivered, held)
  }

  #isMadeSoon({ of, waitForRecordMs }: DependentObject, { person }: PersonalTarget): boolean {
    return waitForRecordMs > 0 && of.some(object => this.#made.has(`${object} ${person.id}`))
  }

  async #held(
    vendor: Vendor,
    object: DependentObject,
    places: ReadonlyMap<PersonalTarget, Place>,
  ): Promise<ReadonlyMap<PersonalTarget, Held>> {
    const known = [...places].flatMap(([target, of]) => ('id' in of ? [{ target, of }] : []))
    const asked = known.map(({ target, of }) => ({ key: target.key ?? '', of }))
    const answers = await vendor.readDependent(object, asked, fieldNames([...places.keys()]))
    return new Map(
      known.map(({ target }, index): [PersonalTarget, Held] => [
        target,
        answers ? heldIn(answers[index]) : 'unreadable',
      ]),
    )
  }

  async #find(
    vendor: Vendor,
    objects: readonly string[],
    targets: readonly PersonalTarget[],
  ): Promise<ReadonlyMap<PersonalTarget, Place>> {
    const persons = new Map(targets.map(({ person }) => [person.id, person]))
    const places = await this.#records.find(vendor, objects, [...persons.values()])
    const byPerson = new Map([...persons.keys()].map((id, index) => [id, places[index]]))
    return new Map(targets.map(target => [target, byPerson.get(target.person.id) ?? { none: 'RECORD_MISSING' }]))
  }
}

/** The writes as the vendor takes them, and the codes of those that it does not. */
const fittedWrites = (
  { fit }: DependentObject | StandaloneObject,
  all: readonly SinkWrite[],
): { readonly writes: SinkWrite[]; readonly refusals: readonly string[] } => {
  const writes: SinkWrite[] = []
  const refusals: string[] = []
  for (const write of all) {
    const fitted = fit?.(write.fields, write.at)
    if (fitted?.refusal === undefined) writes.push(fitted ? { ...write, fields: fitted.fields } : write)
    else refusals.push(fitted.refusal)
  }
  return { writes, refusals }
}

const heldIn = (answer: Final<ReadResult> | undefined): Held => {
  if (answer?.kind === 'held') return answer.fields
  return answer?.kind === 'missing' ? 'missing' : 'unreadable'
}

const fieldNames = (targets: readonly Target[]): readonly string[] => [
  ...new Set(targets.flatMap(({ writes }) => writes.flatMap(({ fields }) => Object.keys(fields)))),
]

const told = (
  { destination, object, person }: Target,
  record: string | null,
  differences: readonly FieldDifference[],
): readonly Difference[] =>
  differences.map(each => ({ destination, object, record, person: person?.id ?? null, ...each }))

const placeOf = ({ object, id }: RecordRef): string => `${object}:${id}`
