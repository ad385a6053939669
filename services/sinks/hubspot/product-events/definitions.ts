import type { Problem, Rejected } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { orApiMissing } from '../answers.ts'
import type { HubSpotAnswer } from '../client.ts'
import type { EventCatalogue, ExistingEvent } from '../events/catalogue.ts'
import { notDefined, withAdvice } from '../setup/event-setup.ts'
import { readingProblem } from '../setup/setup.ts'
import type { PropertyValue } from './fitting.ts'
import { chosenName, type Naming, namingOfEvent } from './names.ts'
import type { ProductEvent } from './product-event.ts'
import { type PlannedProperties, planProperties } from './properties.ts'
import { remembering } from './remembered.ts'

/** What HubSpot calls an event and its properties. */
export interface Defined extends PlannedProperties {
  readonly kind: 'defined'
  /** `pe<portalId>_<event>`. */
  readonly fullName: string
}

/** How long a refusal is believed: somebody may have mended its cause. Each further one is believed twice as long. */
const refusedForMs = { first: 30_000, longest: 10 * 60_000 }
/** Refusals remembered: more kinds of events than HubSpot can define. */
const mostRefusals = 5_000
const mostNamings = 5_000
/** Properties of one event that HubSpot may refuse before no more are tried for a while. */
const mostRefusedProperties = 20
/** Times in a row that another process was first, before the event waits. */
const mostRounds = 3

/**
 * Defines in HubSpot what events need and the account lacks: events, and properties of events that are there. One request of this kind is under way at a time, and
 * what another process made meanwhile is taken as it is.
 */
export class ProductEventDefinitions {
  readonly #catalogue: EventCatalogue
  readonly #clock: Clock
  /** Events and properties that HubSpot refused to define, by name, and until when that is believed. */
  readonly #refused = new Map<string, { readonly problem: Rejected; readonly until: number; readonly times: number }>()
  /** Refused properties by event. */
  readonly #refusedProperties = new Map<string, { readonly count: number; readonly until: number }>()
  readonly #namingOf = remembering(mostNamings, (event: string): Naming => {
    const [kind = '', ...name] = event.split(' ')
    return namingOfEvent(kind as ProductEvent['kind'], name.join(' '))
  })
  #last: Promise<unknown> = Promise.resolve()

  constructor(catalogue: EventCatalogue, clock: Clock) {
    this.#catalogue = catalogue
    this.#clock = clock
  }

  /** Of each event what HubSpot calls it, or why it cannot be sent. Events of one name are looked at together. */
  async of(
    events: readonly ProductEvent[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<ProductEvent, Defined | Problem>> {
    const found = new Map<ProductEvent, Defined | Problem>()
    for (const alike of Map.groupBy(events, eventKey).values()) {
      const [first] = alike
      if (!first) continue
      const values = valuesOf(alike)
      const known = this.#known(first, values) ?? (await this.#oneAtATime(() => this.#define(first, values, signal)))
      for (const event of alike) found.set(event, known)
    }
    return found
  }

  /** What is there already suffices, or cannot be changed. */
  #known(event: ProductEvent, values: ReadonlyMap<string, PropertyValue>): Defined | Problem | undefined {
    const naming = this.#namingOf(eventKey(event))
    const choice = this.#choose(naming)
    if (choice === undefined) return allTaken
    if (!choice.exists) return this.#refusalOf(choice.name)
    const { existing, plan } = this.#plan(choice.name, values)
    return existing && plan.missing.length === 0 ? defined(existing, plan) : undefined
  }

  async #define(
    event: ProductEvent,
    values: ReadonlyMap<string, PropertyValue>,
    signal: AbortSignal,
  ): Promise<Defined | Problem> {
    for (let round = 0; round < mostRounds; round++) {
      const known = this.#known(event, values)
      if (known) return known
      const naming = this.#namingOf(eventKey(event))
      const name = this.#choose(naming)?.name ?? ''
      const problem = this.#catalogue.events.has(name)
        ? await this.#defineProperties(name, values, signal)
        : await this.#defineEvent(name, naming, values, signal)
      if (problem) return problem
    }
    return this.#known(event, values) ?? anotherIsFirst
  }

  async #defineEvent(
    name: string,
    { label, description }: Naming,
    values: ReadonlyMap<string, PropertyValue>,
    signal: AbortSignal,
  ): Promise<Problem | undefined> {
    const { missing } = planProperties([], values, () => false)
    const answer = await this.#catalogue.define({ name, label, description, properties: missing }, signal)
    return await this.#after(answer, name, signal, problem => notDefined(name, problem))
  }

  async #defineProperties(
    name: string,
    values: ReadonlyMap<string, PropertyValue>,
    signal: AbortSignal,
  ): Promise<Problem | undefined> {
    for (const property of this.#plan(name, values).plan.missing) {
      const answer = await this.#catalogue.defineProperty(name, property, signal)
      const problem = await this.#after(answer, `${name}.${property.name}`, signal, () => this.#countRefusal(name))
      if (problem) return problem
      if (answer.kind === 'rejected' && answer.status === 409) return undefined
    }
    return undefined
  }

  /** A conflict says that another process was first: what counts is what is there then. Any other refusal is remembered for a while. */
  async #after(
    answer: HubSpotAnswer<unknown>,
    name: string,
    signal: AbortSignal,
    meaning: (refusal: Rejected) => Problem | undefined,
  ): Promise<Problem | undefined> {
    if (answer.kind === 'success') return undefined
    if (answer.kind !== 'rejected') return answer.kind === 'needs-person' ? withAdvice(answer) : answer
    if (answer.status === 404) return orApiMissing(answer)
    if (answer.status === 409) {
      const read = await this.#catalogue.read(signal, this.#catalogue.events)
      return read.kind === 'success' ? undefined : withAdvice(readingProblem(read))
    }
    const problem = notDefined(name, answer)
    const times = (this.#refused.get(name)?.times ?? 0) + 1
    const forMs = Math.min(refusedForMs.longest, refusedForMs.first * 2 ** (times - 1))
    this.#refused.delete(name)
    this.#refused.set(name, { problem, until: this.#clock.now() + forMs, times })
    if (this.#refused.size > mostRefusals) this.#refused.delete(this.#refused.keys().next().value ?? '')
    return meaning(answer)
  }

  #choose(naming: Naming): ReturnType<typeof chosenName> {
    return chosenName(naming, name => namedBy(this.#catalogue.events.get(name)))
  }

  #plan(name: string, values: ReadonlyMap<string, PropertyValue>) {
    const existing = this.#catalogue.events.get(name)
    const isFull = this.#refusalsOf(name) >= mostRefusedProperties
    const isRefused = (property: string): boolean => isFull || this.#refusalOf(`${name}.${property}`) !== undefined
    return { existing, plan: planProperties(existing?.properties ?? [], values, isRefused) }
  }

  #refusalOf(name: string): Rejected | undefined {
    const refused = this.#refused.get(name)
    return refused && refused.until > this.#clock.now() ? refused.problem : undefined
  }

  #refusalsOf(event: string): number {
    const refused = this.#refusedProperties.get(event)
    if (refused && refused.until > this.#clock.now()) return refused.count
    this.#refusedProperties.delete(event)
    return 0
  }

  #countRefusal(event: string): undefined {
    const until = this.#clock.now() + refusedForMs.longest
    this.#refusedProperties.set(event, { count: this.#refusalsOf(event) + 1, until })
  }

  #oneAtATime<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}

const eventKey = ({ kind, name }: ProductEvent): string => `${kind} ${name}`

/** Of each property the value of the first event that has it. */
const valuesOf = (events: readonly ProductEvent[]): ReadonlyMap<string, PropertyValue> => {
  const values = new Map<string, PropertyValue>()
  for (const { properties } of events)
    for (const [name, value] of properties) if (!values.has(name)) values.set(name, value)
  return values
}

const namedBy = (event: ExistingEvent | undefined) =>
  event && { label: event.labels?.singular, description: event.description }

const defined = ({ fullyQualifiedName }: ExistingEvent, plan: PlannedProperties): Defined => ({
  kind: 'defined',
  fullName: fullyQualifiedName,
  ...plan,
})

const allTaken: Rejected = {
  kind: 'rejected',
  code: 'HUBSPOT_EVENT_NOT_DEFINED',
  status: null,
  correlationId: null,
  message: 'Every name that this event could have in HubSpot is that of another one. Rename or remove one of those.',
}

const anotherIsFirst: Problem = {
  kind: 'retry',
  code: 'HUBSPOT_EVENT_UNKNOWN',
  status: null,
  correlationId: null,
  message: 'Another process defines this custom event; HubSpot does not show it yet.',
}
