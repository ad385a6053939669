import { z } from 'zod'
import type { PendoClient } from '../client.ts'
import { eventNames, propertyNames } from '../limits.ts'

/**
 * Names that count towards Pendo's limits, as far as they are known: of events those that Pendo lists, and of both those that were sent since the start. Pendo
 * tells nobody which names of properties it has.
 */
export interface NamesInUse {
  takesEvent(name: string): boolean
  takesProperty(name: string): boolean
  sent(event: string, properties: readonly string[]): void
  /** Reads the names of events; without an answer those that are known stay. */
  read(client: PendoClient, signal: AbortSignal): Promise<void>
}

export const namesInUse = (most = { events: eventNames, properties: propertyNames }): NamesInUse => {
  const events = new Set<string>()
  const properties = new Set<string>()
  return {
    takesEvent: name => events.has(name) || events.size < most.events,
    takesProperty: name => properties.has(name) || properties.size < most.properties,
    sent: (event, names) => {
      events.add(event)
      for (const name of names) if (properties.size < most.properties) properties.add(name)
    },
    read: async (client, signal) => {
      const request = { operation: 'tracktype.list', method: 'GET', path: '/api/v1/tracktype' } as const
      const answer = await client.call(request, signal)
      if (answer.kind !== 'success') return
      for (const { name } of trackTypes.safeParse(answer.body).data ?? []) events.add(name)
    },
  }
}

const trackTypes = z.array(z.object({ name: z.string() }))
