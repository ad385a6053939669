import type { StandaloneInput, StandaloneObject, StandaloneResult } from './destination.ts'
import { answer, type Fields, held, merged, refused } from './memory-answers.ts'
import type { MemoryWire } from './memory-wire.ts'

export type StandaloneFacts = Pick<StandaloneObject, 'kind' | 'fit' | 'rememberedForMs' | 'isWhole'>

/** Objects of a destination without a vendor that stand alone. */
export class MemoryStandalones {
  /** By `<object>:<key>`. */
  readonly held = new Map<string, Fields>()
  readonly #wire: MemoryWire
  readonly #effects: { record: string; fields: Fields }[]
  readonly #refuses: (fields: Fields) => boolean

  constructor(wire: MemoryWire, effects: { record: string; fields: Fields }[], refuses: (fields: Fields) => boolean) {
    this.#wire = wire
    this.#effects = effects
    this.#refuses = refuses
  }

  object(name: string, facts: StandaloneFacts, batchSize: number): StandaloneObject {
    const placeOf = (key: string): string => `${name}:${key}`
    return {
      ...facts,
      of: null,
      batchSize,
      put: inputs => {
        const places = inputs.map(({ key }) => placeOf(key))
        return this.#wire.request('put', places, inputs, input => this.#put(placeOf(input.key), facts, input))
      },
      read: (keys, fields) => this.#wire.request('read', [], keys, key => held(this.held.get(placeOf(key)), fields)),
    }
  }

  #put(place: string, facts: StandaloneFacts, input: StandaloneInput): StandaloneResult {
    const before = this.held.get(place)
    if (this.#refuses(input.fields) || (!before && facts.isWhole?.(input) === false)) return refused
    const fields = before ? newsOf(facts, input) : input.fields
    if (!before || Object.keys(fields).length > 0) {
      this.held.set(place, merged(before ?? {}, fields))
      this.#effects.push({ record: place, fields })
    }
    return { ...answer, kind: 'put', record: null, created: before === undefined }
  }
}

/** What an input says of a thing that is there. */
const newsOf = ({ kind }: StandaloneFacts, { fields, news = fields }: StandaloneInput): Fields =>
  kind === 'appended' ? {} : news
