import type { SweepMark } from '../../../schemas/generated.ts'
import type { Table } from '../../../topology/define.ts'
import type { Kafka, OutgoingRecord } from '../../kafka/kafka.ts'
import type { Codec } from '../../runtime/codec.ts'
import { storedValues } from '../../runtime/stored-values.ts'
import { hashOf } from './hashes.ts'
import { ToldContents } from './told-contents.ts'

/** Records of one kind of which it is kept what was told last, in some 60 bytes each. Of those told longest ago it is forgotten. */
export const mostTold = 4_000_000

/** How far a sweep has come: until when something is told. `content` says of what, where that can change. */
export type Reached = Pick<SweepMark, 'time' | 'content'>

/** What a mark of a sweep holds; the rest of the row is of backfills. */
type Kept = Pick<SweepMark, 'time' | 'content' | 'position'>

export interface MarksOptions<Kind extends string> {
  /** Where they lie. */
  readonly table: Table<SweepMark>
  /** Of what records it is kept what was told; a key is `<kind>|<hash of the id>`. */
  readonly kinds: readonly Kind[]
  readonly mostTold?: number
}

/** The marks of a sweep, as its compacted topic holds them: how far it has come (by name), and what it told last of each record. */
export class Marks<Kind extends string, Name extends string = string> {
  readonly #table: Table<SweepMark>
  readonly #codec: Pick<Codec, 'encode'>
  readonly #reached = new Map<string, Reached>()
  readonly #positions = new Map<string, string>()
  readonly #told: ReadonlyMap<string, ToldContents>

  private constructor(options: MarksOptions<Kind>, codec: Pick<Codec, 'encode'>) {
    this.#table = options.table
    this.#codec = codec
    this.#told = new Map(options.kinds.map(kind => [kind, new ToldContents(options.mostTold ?? mostTold)]))
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

  /** Up to where a channel of events is told; undefined when it never was. */
  position(channel: string): string | undefined {
    return this.#positions.get(channel)
  }

  /** Whether just this was told last of the record. */
  isTold(kind: Kind, id: string, content: number): boolean {
    return this.#told.get(kind)?.of(hashOf(id)) === content
  }

  /** The record that keeps what is told of a record; it is known here at once. */
  tell(kind: Kind, id: string, content: number, time: number): OutgoingRecord {
    return this.#kept(`${kind}|${hashOf(id).toString(36)}`, { time, content, position: null })
  }

  /** The record that keeps how far it has come; it is known here at once. */
  reach(name: Name, time: number, content: number | null = null): OutgoingRecord {
    return this.#kept(name, { time, content, position: null })
  }

  /** The record that keeps up to where a channel of events is told; it is known here at once. */
  follow(channel: string, position: string, time: number): OutgoingRecord {
    return this.#kept(channel, { time, content: null, position })
  }

  #kept(key: string, mark: Kept): OutgoingRecord {
    const value = this.#codec.encode(this.#table, { ...mark, cursor: null, read: null })
    this.#take(key, mark)
    return { topic: this.#table.name, key, value }
  }

  #take(key: string, { time, content, position }: Kept): void {
    const [kind = '', hash] = key.split('|')
    if (position !== null) this.#positions.set(key, position)
    else if (hash === undefined) this.#reached.set(key, { time, content })
    else if (content !== null) this.#told.get(kind)?.tell(Number.parseInt(hash, 36), content)
  }
}
