import type { SweepMark } from '../../../schemas/generated.ts'
import type { Table } from '../../../topology/define.ts'
import type { Kafka, OutgoingRecord } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import { storedValues } from '../../runtime/stored-values.ts'
import { hashOf } from './hashes.ts'

/** Records of one kind of which it is kept what was told last: two numbers each, together some 60 bytes. Of those told longest ago it is forgotten. */
export const mostTold = 4_000_000

/** How far a sweep has come: until when something is told. `content` says of what, where that can change. */
export type Reached = Pick<SweepMark, 'time' | 'content'>

export interface MarksOptions<Kind extends string> {
  /** Where they lie. */
  readonly table: Table<SweepMark>
  /** Of what records it is kept what was told; a key is `<kind>|<hash of the id>`. */
  readonly kinds: readonly Kind[]
  readonly mostTold?: number
}

/** The marks of a sweep, as its compacted topic holds them: how far it has come (by name), and what it told last of each record. */
export class Marks<Kind extends string, Name extends string = string> {
  readonly #options: MarksOptions<Kind>
  readonly #codec: Pick<Codec, 'encode'>
  readonly #reached = new Map<string, Reached>()
  readonly #told: ReadonlyMap<string, Map<number, number>>

  private constructor(options: MarksOptions<Kind>, codec: Pick<Codec, 'encode'>) {
    this.#options = options
    this.#codec = codec
    this.#told = new Map(options.kinds.map(kind => [kind, new Map()]))
  }

  static async read<Kind extends string, Name extends string>(
    options: MarksOptions<Kind>,
    parts: { readonly kafka: Pick<Kafka, 'read' | 'topics'>; readonly codec: Codec },
    signal: AbortSignal,
  ): Promise<Marks<Kind, Name>> {
    const marks = new Marks<Kind, Name>(options, parts.codec)
    for await (const { key, value } of storedValues(parts, options.table, { signal }))
      if (value) marks.#take(key, value)
    return marks
  }

  /** Undefined when it never was. */
  reached(name: Name): Reached | undefined {
    return this.#reached.get(name)
  }

  /** Whether just this was told last of the record. */
  isTold(kind: Kind, id: string, content: number): boolean {
    return this.#told.get(kind)?.get(hashOf(id)) === content
  }

  /** The record that keeps what is told of a record; it is known here at once. */
  tell(kind: Kind, id: string, content: number, time: number): OutgoingRecord {
    return this.#kept(`${kind}|${hashOf(id).toString(36)}`, { time, content })
  }

  /** The record that keeps how far it has come; it is known here at once. */
  reach(name: Name, time: number, content: number | null = null): OutgoingRecord {
    return this.#kept(name, { time, content })
  }

  #kept(key: string, mark: SweepMark): OutgoingRecord {
    const { table } = this.#options
    const value = this.#codec.encode(table, mark)
    this.#take(key, mark)
    return { topic: table.name, key, value }
  }

  #take(key: string, { time, content }: SweepMark): void {
    const [kind = '', hash] = key.split('|')
    if (hash === undefined) this.#reached.set(key, { time, content })
    else if (content !== null) this.#takeTold(kind, Number.parseInt(hash, 36), content)
  }

  #takeTold(kind: string, id: number, content: number): void {
    const told = this.#told.get(kind)
    if (!told) return
    told.delete(id)
    told.set(id, content)
    if (told.size <= (this.#options.mostTold ?? mostTold)) return
    const [longestAgo] = told.keys()
    if (longestAgo !== undefined) told.delete(longestAgo)
  }
}
