import type { SweepMark } from '../../schemas/generated.ts'
import type { Kafka, OutgoingRecord } from '../kafka/kafka.ts'
import { hashOf } from '../producers/sweep/hashes.ts'
import type { Codec } from '../runtime/codec.ts'
import { storedValues } from '../runtime/stored-values.ts'
import type { BackfillPart } from './part.ts'

/** How far a backfill has come with one part. */
export interface Place {
  /** All records up to this id are told; empty when none is, null when the part is done. */
  readonly cursor: string | null
  /** How many records it has read. */
  readonly read: number
}

/** How far a backfill has come, as it lies in Kafka: one mark for each of its parts. Those of one backfill have its beginning in common, and a hash of what was chosen. */
export class BackfillRun {
  readonly startedAt: number
  /** Whether it goes on with one that was ended early. */
  readonly isResumed: boolean
  readonly #chosen: number
  readonly #codec: Pick<Codec, 'encode'>
  readonly #places: Map<BackfillPart, Place>

  private constructor(
    codec: Pick<Codec, 'encode'>,
    { startedAt, isResumed, chosen }: { startedAt: number; isResumed: boolean; chosen: number },
    places: ReadonlyMap<BackfillPart, Place>,
  ) {
    this.startedAt = startedAt
    this.isResumed = isResumed
    this.#chosen = chosen
    this.#codec = codec
    this.#places = new Map(places)
  }

  /** Goes on with the last backfill if just the same was chosen and it is not done, else begins another. @param isAnew begins another anyway */
  static async open(
    {
      kafka,
      codec,
      now,
    }: { readonly kafka: Pick<Kafka, 'read' | 'topics'>; readonly codec: Codec; readonly now: number },
    { parts, since }: { readonly parts: readonly BackfillPart[]; readonly since: number | null },
    isAnew: boolean,
  ): Promise<BackfillRun> {
    const chosen = hashOf(JSON.stringify([since, parts.map(({ name }) => name).toSorted()]))
    const marks = isAnew ? new Map<BackfillPart, SweepMark>() : await marksOf({ kafka, codec }, parts)
    const [first] = marks.values()
    const isOne = [...marks.values()].every(({ time, content }) => time === first?.time && content === chosen)
    const isUnfinished = [...marks.values()].some(({ cursor }) => cursor !== null)
    if (first && isOne && isUnfinished && marks.size === parts.length) {
      const places = [...marks].map(([part, { cursor, read }]) => [part, { cursor, read: read ?? 0 }] as const)
      return new BackfillRun(codec, { startedAt: first.time, isResumed: true, chosen }, new Map(places))
    }
    const places = parts.map(part => [part, { cursor: '', read: 0 }] as const)
    return new BackfillRun(codec, { startedAt: now, isResumed: false, chosen }, new Map(places))
  }

  placeOf(part: BackfillPart): Place {
    return this.#places.get(part) ?? { cursor: '', read: 0 }
  }

  /** The record that keeps how far a part has come; it is known here at once. */
  reach(part: BackfillPart, place: Place): OutgoingRecord {
    this.#places.set(part, place)
    const { table, key } = part.mark
    const value = this.#codec.encode(table, { time: this.startedAt, content: this.#chosen, ...place, position: null })
    return { topic: table.name, key, value }
  }

  /** The marks of a beginning. */
  begin(): readonly OutgoingRecord[] {
    return [...this.#places].map(([part, place]) => this.reach(part, place))
  }
}

const marksOf = async (
  from: { readonly kafka: Pick<Kafka, 'read' | 'topics'>; readonly codec: Codec },
  parts: readonly BackfillPart[],
): Promise<ReadonlyMap<BackfillPart, SweepMark>> => {
  const found = new Map<BackfillPart, SweepMark>()
  for (const table of new Set(parts.map(({ mark }) => mark.table))) {
    const byKey = new Map(parts.filter(({ mark }) => mark.table === table).map(part => [part.mark.key, part]))
    for await (const { key, value } of storedValues(from, table, { wants: wanted => byKey.has(wanted) })) {
      const part = byKey.get(key)
      if (part && value) found.set(part, value)
    }
  }
  return found
}
