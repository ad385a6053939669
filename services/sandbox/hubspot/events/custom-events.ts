import type { Clock } from '../../../runtime/clock.ts'
import type { Store } from '../../store.ts'
import type { Portal } from '../portal.ts'
import { createEventDefinitions, type EventDefinitions } from './definitions.ts'
import { createOccurrences, type Occurrence, type Occurrences } from './occurrences.ts'

/** The custom events of an account. */
export interface CustomEvents {
  readonly definitions: EventDefinitions
  readonly occurrences: Occurrences
  /** What the API shows: occurrences that are on a record and were received long enough ago; HubSpot processes them after its answer. */
  readable(): readonly (readonly [key: string, occurrence: Occurrence])[]
  state(): Record<'event_definition' | 'event', { id: string; properties: Record<string, unknown> }[]>
}

/** @param lagMs how long the API does not show an occurrence that was accepted */
export const createCustomEvents = (store: Store, clock: Clock, portal: Portal, lagMs: number): CustomEvents => {
  const definitions = createEventDefinitions(store, clock, portal)
  const occurrences = createOccurrences(store, clock, portal, definitions)
  return {
    definitions,
    occurrences,
    readable: () => {
      const latest = clock.now() - lagMs
      return occurrences.entries().filter(([, { objectId, receivedAt }]) => objectId !== null && receivedAt <= latest)
    },
    state: () => ({
      event_definition: definitions.list().map(({ fullyQualifiedName: id, ...properties }) => ({ id, properties })),
      event: occurrences.entries().map(([, occurrence]) => {
        const { id, properties, occurredAt, receivedAt, ...rest } = occurrence
        const [occurred, received] = [occurredAt, receivedAt].map(time => new Date(time).toISOString())
        const objectId = occurrences.recordOf(occurrence)
        return { id, properties: { ...properties, ...rest, objectId, occurredAt: occurred, receivedAt: received } }
      }),
    }),
  }
}
