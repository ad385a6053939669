import { z } from 'zod'
import type { NeedsPerson, Rejected } from '../../../delivery/destination.ts'
import { unreadableAnswer } from '../answers.ts'
import type { HubSpotAnswer, HubSpotApi, HubSpotClient } from '../client.ts'
import { type EventDefinition, eventDefinitions } from '../event-definitions.ts'
import { eventDefinitionPage, eventDefinitionsPerAccount } from '../limits.ts'
import { scopes } from '../scopes.ts'
import { type ExistingEvent, type ExistingEvents, eventDifferences } from './event-differences.ts'
import { type Difference, type Made, readingProblem, type SetupPart, type SetupProblem } from './setup.ts'

/** What is known of the custom events since the account was last looked at. */
export interface EventNames {
  /** The name under which occurrences are sent, `pe<portalId>_<event>`. */
  fullName(event: string): string | undefined
  /** Why HubSpot does not define the event. */
  refusal(event: string): Rejected | undefined
}

const path = '/events/v3/event-definitions'
const wanted: Readonly<Record<string, EventDefinition>> = eventDefinitions

interface Page {
  readonly results: readonly unknown[]
  readonly paging?: unknown
}

const property = z.object({ name: z.string(), type: z.string() })
const definition = z.object({
  fullyQualifiedName: z.string().min(1),
  properties: z
    .array(property.nullable().catch(null))
    .catch([])
    .transform(all => all.filter(one => one !== null)),
})
const paging = z.object({ next: z.object({ after: z.string() }) })

/** The definitions of custom events and their properties. */
export const eventSetup = (client: HubSpotClient): SetupPart & EventNames => new EventSetup(client)

class EventSetup implements SetupPart, EventNames {
  readonly name = 'events'
  readonly #client: HubSpotClient
  #definitions = new Map<string, ExistingEvent>()
  #refusals = new Map<string, Rejected>()

  constructor(client: HubSpotClient) {
    this.#client = client
  }

  fullName(event: string): string | undefined {
    return this.#definitions.get(event)?.fullyQualifiedName
  }

  refusal(event: string): Rejected | undefined {
    return this.#refusals.get(event)
  }

  async compare(signal: AbortSignal): ReturnType<SetupPart['compare']> {
    const problem = await this.#read(signal)
    return problem ?? { kind: 'compared', differences: eventDifferences(this.#definitions) }
  }

  async make(signal: AbortSignal): ReturnType<SetupPart['make']> {
    const problem = await this.#read(signal)
    if (problem) return problem
    const before = eventDifferences(this.#definitions)
    const refused = new Map<string, Rejected>()
    for (const difference of before) {
      const answer = difference.makes ? await this.#create(difference, signal) : null
      if (answer === null || answer.kind === 'success') continue
      if (answer.kind !== 'rejected' || answer.status === 404) return withAdvice(readingProblem(answer))
      refused.set(difference.name, answer)
    }
    const unread = refused.size === 0 ? null : await this.#read(signal, this.#definitions)
    return unread ?? this.#result(before, refused)
  }

  /** Another process may have made what was refused: what counts is what is there in the end. */
  #result(before: readonly Difference[], refused: ReadonlyMap<string, Rejected>): Made {
    const after = eventDifferences(this.#definitions)
    const still = new Set(after.map(({ name }) => name))
    this.#refusals = new Map(
      [...refused].flatMap(([name, answer]) =>
        still.has(name) && name in eventDefinitions ? [[name, notDefined(name, answer)]] : [],
      ),
    )
    const made = before.filter(({ makes, name }) => makes && !still.has(name))
    const left = after.map(difference => {
      const refusal = this.#refusals.get(difference.name)
      return { ...difference, makes: false, message: refusal?.message ?? difference.message }
    })
    return { kind: 'made', made, left }
  }

  /** @param made what was made a moment ago, and the list may not show yet */
  async #read(signal: AbortSignal, made: ExistingEvents = new Map()): Promise<SetupProblem | null> {
    const found = new Map(made)
    for (let after: string | undefined, pages = 0; pages <= eventDefinitionsPerAccount / eventDefinitionPage; pages++) {
      const query = new URLSearchParams({ includeProperties: 'true', limit: String(eventDefinitionPage) })
      if (after !== undefined) query.set('after', after)
      const answer: HubSpotAnswer<Page> = await this.#client.callForResults(
        'event-definitions.list',
        ({ request }: HubSpotApi) => request<Page>('GET', `${path}?${query}`),
        signal,
      )
      if (answer.kind !== 'success') return withAdvice(readingProblem(answer))
      for (const result of answer.data.results) {
        const { data: existing } = definition.safeParse(result)
        const event = /^pe\d+_(.+)$/.exec(existing?.fullyQualifiedName ?? '')?.[1]
        if (existing && event !== undefined) found.set(event, existing)
      }
      after = paging.safeParse(answer.data.paging).data?.next.after
      if (after === undefined) break
    }
    this.#definitions = found
    return null
  }

  #create(difference: Difference, signal: AbortSignal): Promise<HubSpotAnswer<unknown>> {
    const [event = '', property = ''] = difference.name.split('.')
    const defined = wanted[event]
    return difference.what === 'event property' || defined === undefined
      ? this.#createProperty(event, property, signal)
      : this.#createDefinition(event, defined, signal)
  }

  async #createDefinition(
    event: string,
    { label, description, properties }: EventDefinition,
    signal: AbortSignal,
  ): Promise<HubSpotAnswer<unknown>> {
    const body = {
      ...{ name: event, label, description, primaryObject: 'CONTACT', includeDefaultProperties: false },
      propertyDefinitions: Object.entries(properties).map(([name, facts]) => ({ name, ...facts })),
    }
    const answer = await this.#client.call(
      'event-definitions.create',
      ({ request }) => request<unknown>('POST', path, body),
      signal,
    )
    if (answer.kind !== 'success') return answer
    const { data: made } = definition.safeParse(answer.data)
    if (!made) return unreadableAnswer(answer)
    this.#definitions.set(event, { ...made, properties: body.propertyDefinitions })
    return answer
  }

  async #createProperty(event: string, property: string, signal: AbortSignal): Promise<HubSpotAnswer<unknown>> {
    const existing = this.#definitions.get(event)
    const facts = wanted[event]?.properties[property]
    const answer = await this.#client.call(
      'event-definitions.create-property',
      ({ request }) =>
        request('POST', `${path}/${existing?.fullyQualifiedName}/property`, { name: property, ...facts }),
      signal,
    )
    if (answer.kind === 'success' && existing && facts)
      this.#definitions.set(event, {
        ...existing,
        properties: [...(existing.properties ?? []), { name: property, type: facts.type }],
      })
    return answer
  }
}

const notDefined = (event: string, { status, correlationId, code }: Rejected): Rejected => ({
  kind: 'rejected',
  code: 'HUBSPOT_EVENT_NOT_DEFINED',
  status,
  correlationId,
  message: `HubSpot refused to define the custom event ${event} with status ${status} and ${code}. The name of an event that was deleted cannot be used again, and an account has at most ${eventDefinitionsPerAccount} definitions. Mend this, then retry the dead letter.`,
})

/** Says what an admin must do so that custom events work at all. */
const withAdvice = (problem: SetupProblem): SetupProblem => {
  if (problem.kind !== 'needs-person' || !(problem.status === 402 || problem.status === 403)) return problem
  const { status, correlationId } = problem
  return { kind: 'needs-person', code: 'HUBSPOT_EVENTS_FORBIDDEN', status, correlationId, message: forbidden }
}

const forbidden: NeedsPerson['message'] = `HubSpot does not let the app define custom events. They need an Enterprise subscription of any hub, and the app the scopes ${scopes.events.join(' and ')}. Until then they wait in their topic; contacts are not concerned.`
