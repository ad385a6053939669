import type { NeedsPerson, Rejected } from '../../../delivery/destination.ts'
import type { HubSpotAnswer, HubSpotClient } from '../client.ts'
import { type EventDefinition, eventDefinitions } from '../event-definitions.ts'
import { EventCatalogue } from '../events/catalogue.ts'
import { eventDefinitionsPerAccount } from '../limits.ts'
import { scopes } from '../scopes.ts'
import { eventDifferences } from './event-differences.ts'
import { type Difference, type Made, readingProblem, type SetupPart, type SetupProblem } from './setup.ts'

/** What is known of the custom events since the account was last looked at. */
export interface EventNames {
  /** The name under which occurrences are sent, `pe<portalId>_<event>`. */
  fullName(event: string): string | undefined
  /** Why HubSpot does not define the event. */
  refusal(event: string): Rejected | undefined
}

const wanted: Readonly<Record<string, EventDefinition>> = eventDefinitions

/** The definitions of the custom events that are always the same, and their properties. */
export const eventSetup = (client: HubSpotClient, catalogue = new EventCatalogue(client)): SetupPart & EventNames =>
  new EventSetup(catalogue)

class EventSetup implements SetupPart, EventNames {
  readonly name = 'events'
  readonly #catalogue: EventCatalogue
  #refusals = new Map<string, Rejected>()

  constructor(catalogue: EventCatalogue) {
    this.#catalogue = catalogue
  }

  fullName(event: string): string | undefined {
    return this.#catalogue.events.get(event)?.fullyQualifiedName
  }

  refusal(event: string): Rejected | undefined {
    return this.#refusals.get(event)
  }

  async compare(signal: AbortSignal): ReturnType<SetupPart['compare']> {
    const read = await this.#catalogue.read(signal)
    if (read.kind !== 'success') return withAdvice(readingProblem(read))
    return { kind: 'compared', differences: eventDifferences(this.#catalogue.events) }
  }

  async make(signal: AbortSignal): ReturnType<SetupPart['make']> {
    const read = await this.#catalogue.read(signal)
    if (read.kind !== 'success') return withAdvice(readingProblem(read))
    const before = eventDifferences(this.#catalogue.events)
    const refused = new Map<string, Rejected>()
    for (const difference of before) {
      const answer = difference.makes ? await this.#create(difference, signal) : null
      if (answer === null || answer.kind === 'success') continue
      if (answer.kind !== 'rejected' || answer.status === 404) return withAdvice(readingProblem(answer))
      refused.set(difference.name, answer)
    }
    const again = refused.size === 0 ? read : await this.#catalogue.read(signal, this.#catalogue.events)
    return again.kind === 'success' ? this.#result(before, refused) : withAdvice(readingProblem(again))
  }

  /** Another process may have made what was refused: what counts is what is there in the end. */
  #result(before: readonly Difference[], refused: ReadonlyMap<string, Rejected>): Made {
    const after = eventDifferences(this.#catalogue.events)
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

  #create(difference: Difference, signal: AbortSignal): Promise<HubSpotAnswer<unknown>> {
    const [event = '', property = ''] = difference.name.split('.')
    const { label, description, properties } = wanted[event] ?? { label: event, description: '', properties: {} }
    const facts = properties[property]
    if (difference.what === 'event property' && facts)
      return this.#catalogue.defineProperty(event, { name: property, ...facts }, signal)
    const all = Object.entries(properties).map(([name, one]) => ({ name, ...one }))
    return this.#catalogue.define({ name: event, label, description, properties: all }, signal)
  }
}

/** HubSpot does not define an event: no occurrence of it can be sent. */
export const notDefined = (event: string, { status, correlationId, code }: Rejected): Rejected => ({
  kind: 'rejected',
  code: 'HUBSPOT_EVENT_NOT_DEFINED',
  status,
  correlationId,
  message: `HubSpot refused to define the custom event ${event} with status ${status} and ${code}. The name of an event that was deleted cannot be used again, and an account has at most ${eventDefinitionsPerAccount} definitions. Mend this, then retry the dead letter.`,
})

/** Says what an admin must do so that custom events work at all. */
export const withAdvice = (problem: SetupProblem): SetupProblem => {
  if (problem.kind !== 'needs-person' || !(problem.status === 402 || problem.status === 403)) return problem
  const { status, correlationId } = problem
  return { kind: 'needs-person', code: 'HUBSPOT_EVENTS_FORBIDDEN', status, correlationId, message: forbidden }
}

const forbidden: NeedsPerson['message'] = `HubSpot does not let the app define custom events. They need an Enterprise subscription of any hub, and the app the scopes ${scopes.events.join(' and ')}. Until then they wait in their topic; contacts are not concerned.`
