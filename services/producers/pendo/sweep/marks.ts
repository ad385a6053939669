import type { SweepMark } from '../../../../schemas/generated.ts'
import { pendoSweeps } from '../../../../topology/topics.ts'
import type { Kafka, OutgoingRecord } from '../../../kafka/kafka.ts'
import type { Codec } from '../../../runtime/codec.ts'
import { storedValues } from '../../../runtime/stored-values.ts'
import { hashOf } from './hashes.ts'

/** Of what there is metadata. */
export type ProfileKind = 'visitor' | 'account'
/** What a time is kept of. */
export type Watched = 'usage' | 'visitors' | 'accounts'

/** How far the sweep has come, as `pendo-sweeps` holds it. In memory two numbers of each visitor and account. */
export class Marks {
  readonly #codec: Pick<Codec, 'encode'>
  readonly #times = new Map<string, number>()
  readonly #contents: Readonly<Record<ProfileKind, Map<number, number>>> = { visitor: new Map(), account: new Map() }

  private constructor(codec: Pick<Codec, 'encode'>) {
    this.#codec = codec
  }

  static async read(
    parts: { readonly kafka: Pick<Kafka, 'read' | 'topics'>; readonly codec: Codec },
    signal: AbortSignal,
  ): Promise<Marks> {
    const marks = new Marks(parts.codec)
    for await (const { key, value } of storedValues(parts, pendoSweeps, { signal })) if (value) marks.#take(key, value)
    return marks
  }

  /** Undefined when it never was. */
  timeOf(watched: Watched): number | undefined {
    return this.#times.get(watched)
  }

  /** Whether just this metadata was told last. */
  isTold(kind: ProfileKind, id: string, content: number): boolean {
    return this.#contents[kind].get(hashOf(id)) === content
  }

  /** The record that keeps it; it is known here at once. */
  profile(kind: ProfileKind, id: string, content: number, time: number): OutgoingRecord {
    return this.#kept(`${kind}|${hashOf(id).toString(36)}`, { time, content })
  }

  time(watched: Watched, time: number): OutgoingRecord {
    return this.#kept(watched, { time, content: null })
  }

  #kept(key: string, mark: SweepMark): OutgoingRecord {
    const value = this.#codec.encode(pendoSweeps, mark)
    this.#take(key, mark)
    return { topic: pendoSweeps.name, key, value }
  }

  #take(key: string, { time, content }: SweepMark): void {
    const [kind = '', hash] = key.split('|')
    if (hash === undefined) this.#times.set(key, time)
    else if ((kind === 'visitor' || kind === 'account') && content !== null)
      this.#contents[kind].set(Number.parseInt(hash, 36), content)
  }
}
