import type { Track } from '../../../../schemas/generated.ts'
import { tracks } from '../../../../topology/topics.ts'
import type { Kafka } from '../../../kafka/kafka.ts'
import { offsetOf } from '../../../replay/positions.ts'
import type { Codec } from '../../../runtime/codec.ts'
import { decodedIfReadable } from '../../../runtime/decoded-if-readable.ts'
import { canonical, hashOf } from '../../sweep/hashes.ts'
import { pendoSource } from '../records.ts'
import { hourMs, mostKept } from './limits.ts'

/** What an aggregation and a webhook both say of a use. */
export type Use = Pick<Track, 'person' | 'kind' | 'name' | 'account' | 'properties'>

/** How often something was told. Answers 0 for what is before `from`. */
export interface Told {
  /** Uses of one thing by one visitor in the hour that begins then. */
  uses(hour: number, use: Pick<Use, 'person' | 'kind' | 'name'>): number
  /** Those of them for the same account and with the same properties. */
  alike(hour: number, use: Use): number
  /** The first hour of which all is known; of earlier ones there was too much to keep. */
  readonly from: number
}

export const hourOf = (time: number): number => time - (time % hourMs)

const usesKey = ({ person, kind, name }: Pick<Use, 'person' | 'kind' | 'name'>): number =>
  hashOf(`${person}\n${kind}\n${name}`)
const alikeKey = (use: Use): number =>
  hashOf(`${use.person}\n${use.kind}\n${use.name}\n${use.account ?? ''}\n${canonical(use.properties)}`)

interface Hour {
  readonly events: Set<number>
  readonly counts: Map<number, number>
}

/** Counts what was told, hour by hour; an event that lies in Kafka twice counts once. The oldest hours are let go when there are too many. */
export class ToldUses implements Told {
  readonly #most: number
  readonly #hours = new Map<number, Hour>()
  #kept = 0
  #from: number

  constructor(from: number, most: number = mostKept) {
    this.#from = from
    this.#most = most
  }

  get from(): number {
    return this.#from
  }

  /** Numbers that are kept. */
  get kept(): number {
    return this.#kept
  }

  add(track: Track): void {
    const start = hourOf(track.occurredAt)
    if (start < this.#from) return
    const hour = this.#hours.get(start) ?? { events: new Set(), counts: new Map() }
    this.#hours.set(start, hour)
    const before = sizeOf(hour)
    const event = hashOf(track.eventId)
    if (hour.events.has(event)) return
    hour.events.add(event)
    for (const key of [usesKey(track), alikeKey(track)]) hour.counts.set(key, (hour.counts.get(key) ?? 0) + 1)
    this.#kept += sizeOf(hour) - before
    while (this.#kept > this.#most) this.forget(Math.min(...this.#hours.keys()) + hourMs)
  }

  uses(hour: number, use: Pick<Use, 'person' | 'kind' | 'name'>): number {
    return this.#hours.get(hour)?.counts.get(usesKey(use)) ?? 0
  }

  alike(hour: number, use: Use): number {
    return this.#hours.get(hour)?.counts.get(alikeKey(use)) ?? 0
  }

  /** Lets go the hours before this one. */
  forget(before: number): void {
    this.#from = Math.max(this.#from, before)
    for (const [start, hour] of this.#hours) {
      if (start >= this.#from) continue
      this.#hours.delete(start)
      this.#kept -= sizeOf(hour)
    }
  }
}

const sizeOf = ({ events, counts }: Hour): number => events.size + counts.size

/** Every record of Pendo's holds its source as it is; of the others, which may be many more, nothing is decoded. */
const sourceBytes = Buffer.from(pendoSource)

/** Reads what `tracks` tells of Pendo's events: the one place to know it, whichever process told it. Each call goes on where the last one ended. */
export class ToldReader {
  readonly #kafka: Pick<Kafka, 'read' | 'topics'>
  readonly #codec: Codec
  readonly #positions = new Map<number, number>()

  constructor({ kafka, codec }: { readonly kafka: Pick<Kafka, 'read' | 'topics'>; readonly codec: Codec }) {
    this.#kafka = kafka
    this.#codec = codec
  }

  /** @param since when what is of interest began, which nothing can have told earlier; only of the first call */
  async read(told: ToldUses, since: number, signal: AbortSignal): Promise<void> {
    for (const bounds of await this.#kafka.topics.offsets(tracks.name)) {
      const { partition, earliest } = bounds
      const known = this.#positions.get(partition)
      const from = known ?? (await offsetOf(this.#kafka, tracks.name, bounds, { kind: 'time', time: since }))
      this.#positions.set(partition, from)
      for await (const { value, offset } of this.#kafka.read(tracks.name, partition, Math.max(from, earliest))) {
        if (signal.aborted) return
        const track = value?.includes(sourceBytes) ? await this.#decoded(value) : undefined
        if (track?.source === pendoSource) told.add(track)
        this.#positions.set(partition, offset + 1)
      }
    }
  }

  /** What cannot be read is a consumer's to set aside. */
  async #decoded(value: Buffer): Promise<Track | undefined> {
    const learning = this.#codec.prepare([value])
    if (learning) await learning
    return decodedIfReadable(this.#codec, tracks, value)
  }
}
