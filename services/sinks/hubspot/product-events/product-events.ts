import type { DependentObject, PutInput, PutResult, Rejected } from '../../../delivery/destination.ts'
import { noResult } from '../answers.ts'
import { type Occurrence, uuidOf } from '../events/occurrence.ts'
import { type SendingParts, type Spelling, sendOccurrences } from '../events/sending.ts'
import { eventInputs, waitForContactMs } from '../limits.ts'
import type { PrepareAgain } from '../setup/setup.ts'
import type { Defined, ProductEventDefinitions } from './definitions.ts'
import { fitted, type Misfit } from './fitting.ts'
import { type ProductEvent, productEventIn } from './product-event.ts'

export interface ProductEventParts extends SendingParts {
  readonly definitions: ProductEventDefinitions
  readonly prepareAgain: PrepareAgain
}

/** The object's name in writes. With the once key it makes the `uuid`. */
export const productEventName = 'product_event'

/** What people do in a product: events of any name, each occurrence once on a contact's timeline. What does not fit is left out and told; the rest goes. */
export const productEventObject = (parts: ProductEventParts): DependentObject => ({
  kind: 'appended',
  of: ['contact'],
  waitForRecordMs: waitForContactMs,
  batchSize: eventInputs,
  // By the `uuid`, for a year.
  dropsRepeats: true,
  put: (inputs, signal) => new Putting(parts, inputs).put(signal),
})

interface Spelled {
  readonly occurrence: Occurrence
  readonly misfits: readonly Misfit[]
}

/** One batch on its way. */
class Putting implements Spelling {
  readonly #parts: ProductEventParts
  readonly #inputs: readonly PutInput[]
  readonly #events: ReadonlyMap<PutInput, ProductEvent>
  readonly #results = new Map<PutInput, PutResult>()
  #spelled = new Map<PutInput, Spelled>()

  constructor(parts: ProductEventParts, inputs: readonly PutInput[]) {
    this.#parts = parts
    this.#inputs = inputs
    this.#events = new Map(
      inputs.flatMap(input => {
        const event = productEventIn(input.fields)
        return event ? [[input, event]] : []
      }),
    )
  }

  async put(signal: AbortSignal): Promise<readonly PutResult[]> {
    await this.#spell(signal)
    const ready = this.#inputs.filter(input => this.#spelled.has(input))
    const sent = await sendOccurrences(ready, this.#parts, this, signal)
    return this.#inputs.map(input => this.#told(input, this.#results.get(input) ?? sent.get(input) ?? unanswered))
  }

  occurrenceOf(input: PutInput): Occurrence | null {
    return this.#spelled.get(input)?.occurrence ?? null
  }

  async mend(signal: AbortSignal): ReturnType<Spelling['mend']> {
    const prepared = await this.#parts.prepareAgain(signal)
    if (prepared === 'made-lately') return 'as-before'
    if (prepared !== 'ready') return prepared
    await this.#spell(signal)
    return 'mended'
  }

  isHopeless(): boolean {
    return false
  }

  /** Finds or makes what HubSpot calls them. */
  async #spell(signal: AbortSignal): Promise<void> {
    const found = await this.#parts.definitions.of([...this.#events.values()], signal)
    this.#spelled = new Map()
    for (const input of this.#inputs) {
      const event = this.#events.get(input)
      const defined = event && found.get(event)
      if (!event || !defined) this.#results.set(input, malformed)
      else if (defined.kind === 'defined') this.#spelled.set(input, spell(input, event, defined))
      else this.#results.set(input, defined)
    }
  }

  /** Says what did not fit, once the rest was taken. */
  #told(input: PutInput, result: PutResult): PutResult {
    const misfits = this.#spelled.get(input)?.misfits ?? []
    return result.kind === 'put' && misfits.length > 0 ? { ...result, adjustments: [...new Set(misfits)] } : result
  }
}

const spell = (
  { key, of, at }: PutInput,
  { properties }: ProductEvent,
  { fullName, places, leftOut }: Defined,
): Spelled => {
  const sent: Record<string, string> = {}
  const lacking: Misfit[] = []
  for (const [original, value] of properties) {
    const place = places.get(original)
    const { text, misfit } = place
      ? fitted(place.name, place.type, value)
      : { text: null, misfit: leftOut.get(original) ?? 'HUBSPOT_PROPERTY_NOT_DEFINED' }
    if (place && text !== null) sent[place.name] = text
    if (misfit) lacking.push(misfit)
  }
  const occurrence = {
    ...{ eventName: fullName, objectId: of.id, uuid: uuidOf(`${productEventName}:${key}`), properties: sent },
    ...(at === null ? {} : { occurredAt: new Date(at) }),
  }
  return { occurrence, misfits: lacking }
}

const malformed: Rejected = {
  kind: 'rejected',
  code: 'HUBSPOT_PRODUCT_EVENT_MALFORMED',
  status: null,
  correlationId: null,
  message:
    'Expected `event.kind` of track, page or feature and `event.name` among the fields. Change the consumer that asks for it.',
}

const unanswered = noResult({ status: null, correlationId: null })
