import { z } from 'zod'
import { unreadableAnswer } from '../answers.ts'
import type { HubSpotAnswer, HubSpotApi, HubSpotClient } from '../client.ts'
import { eventDefinitionPage, eventDefinitionsPerAccount } from '../limits.ts'

const text = z.string().optional().catch(undefined)
const property = z.object({ name: z.string(), type: z.string(), label: text, description: text })
const definition = z.object({
  fullyQualifiedName: z.string().min(1),
  labels: z.object({ singular: text }).optional().catch(undefined),
  description: text,
  properties: z
    .array(property.nullable().catch(null))
    .catch([])
    .transform(all => all.filter(one => one !== null)),
})
const paging = z.object({ next: z.object({ after: z.string() }) })

/** The definition of a custom event, as an account has it. */
export interface ExistingEvent {
  /** The name under which occurrences are sent, `pe<portalId>_<event>`. */
  readonly fullyQualifiedName: string
  readonly labels?: { readonly singular?: string | undefined } | undefined
  readonly description?: string | undefined
  readonly properties: readonly ExistingEventProperty[]
}

export interface ExistingEventProperty {
  readonly name: string
  readonly type: string
  readonly label?: string | undefined
  readonly description?: string | undefined
}

/** By the event's name without `pe<portalId>_`. */
export type ExistingEvents = ReadonlyMap<string, ExistingEvent>

/** An event or a property to define. */
export interface NewEvent {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly properties: readonly NewEventProperty[]
}

export type NewEventProperty = Required<Omit<ExistingEventProperty, 'label' | 'description'>> & {
  readonly label: string
  readonly description: string
}

const path = '/events/v3/event-definitions'

interface Page {
  readonly results: readonly unknown[]
  readonly paging?: unknown
}

/**
 * The definitions of custom events as the account was last seen to have them, and the way to make more. HubSpot's own limits bound it: 500 definitions of 50
 * properties.
 */
export class EventCatalogue {
  readonly #client: HubSpotClient
  #events = new Map<string, ExistingEvent>()

  constructor(client: HubSpotClient) {
    this.#client = client
  }

  get events(): ExistingEvents {
    return this.#events
  }

  /** Reads all of them. @param made what was made a moment ago, and the list may not show yet */
  async read(signal: AbortSignal, made: ExistingEvents = new Map()): Promise<HubSpotAnswer<unknown>> {
    const found = new Map(made)
    for (let after: string | undefined, pages = 0; ; ) {
      const query = new URLSearchParams({ includeProperties: 'true', limit: String(eventDefinitionPage) })
      if (after !== undefined) query.set('after', after)
      const answer: HubSpotAnswer<Page> = await this.#client.callForResults(
        'event-definitions.list',
        ({ request }: HubSpotApi) => request<Page>('GET', `${path}?${query}`),
        signal,
      )
      if (answer.kind !== 'success') return answer
      for (const result of answer.data.results) take(found, result)
      after = paging.safeParse(answer.data.paging).data?.next.after
      pages += 1
      if (after === undefined || pages > eventDefinitionsPerAccount / eventDefinitionPage) {
        this.#events = found
        return answer
      }
    }
  }

  async define(event: NewEvent, signal: AbortSignal): Promise<HubSpotAnswer<unknown>> {
    const { properties, ...facts } = event
    const body = {
      ...{ ...facts, primaryObject: 'CONTACT', includeDefaultProperties: false },
      propertyDefinitions: properties,
    }
    const answer = await this.#client.call(
      'event-definitions.create',
      ({ request }) => request<unknown>('POST', path, body),
      signal,
    )
    if (answer.kind !== 'success') return answer
    const { data: made } = definition.safeParse(answer.data)
    if (!made) return unreadableAnswer(answer)
    const { label, description } = event
    this.#events.set(event.name, { ...made, labels: { singular: label }, description, properties })
    return answer
  }

  async defineProperty(
    event: string,
    property: NewEventProperty,
    signal: AbortSignal,
  ): Promise<HubSpotAnswer<unknown>> {
    const existing = this.#events.get(event)
    const answer = await this.#client.call(
      'event-definitions.create-property',
      ({ request }) => request('POST', `${path}/${existing?.fullyQualifiedName}/property`, property),
      signal,
    )
    if (answer.kind === 'success' && existing)
      this.#events.set(event, { ...existing, properties: [...existing.properties, property] })
    return answer
  }
}

const take = (into: Map<string, ExistingEvent>, result: unknown): void => {
  const { data: existing } = definition.safeParse(result)
  const event = /^pe\d+_(.+)$/.exec(existing?.fullyQualifiedName ?? '')?.[1]
  if (existing && event !== undefined) into.set(event, existing)
}
